#include "adapters/http/html.hpp"

#include <fmt/format.h>

#include "adapters/json/text.hpp"

namespace bisectd::http {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string html_page(std::string_view title, std::string_view main) {
    return fmt::format(R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{} - bisectd</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/web/style.css">
<script type="module" src="/web/live.js"></script>
</head>
<body>
<header><a href="/">bisectd</a><span id="live" role="status"></span></header>
<main>
{}</main>
</body>
</html>
)",
                       escaped(title), main);
}

std::string html_time(std::int64_t at_ms_utc) {
    if (at_ms_utc == 0) return "";
    std::string text = time_text(at_ms_utc);
    std::string machine = text + "Z";
    if (const std::size_t space = machine.find(' '); space != std::string::npos)
        machine[space] = 'T';
    return fmt::format(R"(<time datetime="{}" title="{} UTC">{}</time>)", machine, text, text);
}

std::string badge(std::string_view word) {
    return fmt::format(R"(<span class="badge {0}">{0}</span>)", escaped(word));
}

}  // namespace bisectd::http
