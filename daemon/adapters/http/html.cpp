#include "adapters/http/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "adapters/http/message.hpp"
#include "adapters/http/web_files.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

/// The address of a file of ours, which changes with what is in it.
std::string file_address(std::string_view name) {
    const WebFile* file = web_file(name);
    return fmt::format("/web/{}?v={}", name, file == nullptr ? "" : version_of(file->text));
}

std::string ways(std::string_view place) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> all{
        {{"/", "Bisections"},
         {"/boards", "Boards"},
         {"/artefacts", "Artefacts"},
         {"/recipes", "Recipes"},
         {"/start", "Start"}}};
    std::string out;
    for (const auto& [address, name] : all)
        out += fmt::format("<a href=\"{}\"{}>{}</a>\n", address,
                           address == place ? " aria-current=\"page\"" : "", name);
    return out;
}

std::string head_part(std::string_view title) {
    static const std::string style = file_address("style.css"), script = file_address("live.js"),
                             icon = file_address("icon.svg");
    return fmt::format(R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{} - bisectd</title>
<link rel="icon" type="image/svg+xml" href="{}">
<link rel="stylesheet" href="{}">
<script type="module" src="{}"></script>
</head>
)",
                       escaped(title), icon, style, script);
}

}  // namespace

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

std::string html_page(std::string_view title, std::string_view place, std::string_view main) {
    return fmt::format(R"({}<body>
<a class="skip-link" href="#main">To the content</a>
<header class="bar"><a class="home" href="/">bisectd</a>
<nav aria-label="Pages">
{}</nav>
<span id="live" role="status" title="Whether this page follows what happens"></span></header>
<main id="main" tabindex="-1">
{}</main>
<dialog id="ask" aria-labelledby="ask-title"><form method="dialog">
<h2 id="ask-title"></h2><p id="ask-text"></p><div id="ask-parts"></div>
<p id="ask-error" role="alert"></p>
<div class="buttons"><button value="no">Not now</button><button value="yes" class="main">OK</button></div>
</form></dialog>
</body>
</html>
)",
                       head_part(title), ways(place), main);
}

std::string html_time(std::int64_t at_ms_utc) {
    if (at_ms_utc == 0) return "";
    const std::string text = time_text(at_ms_utc);
    std::string machine = text + "Z";
    if (const std::size_t space = machine.find(' '); space != std::string::npos)
        machine[space] = 'T';
    return fmt::format(R"(<time datetime="{}" title="{} UTC">{}</time>)", machine, text, text);
}

std::string html_clock(std::int64_t at_ms_utc) {
    if (at_ms_utc == 0) return "";
    const std::string text = time_text(at_ms_utc);
    const std::size_t space = text.find(' ');
    return fmt::format(R"(<time title="{} UTC">{}</time>)", text,
                       space == std::string::npos ? text : text.substr(space + 1));
}

std::string html_duration(std::int64_t from_ms, std::int64_t to_ms) {
    return from_ms != 0 && to_ms > from_ms
               ? duration_text(static_cast<double>(to_ms - from_ms) / 1000)
               : "";
}

std::string badge(std::string_view word) {
    return fmt::format(R"(<span class="badge {0}">{0}</span>)", escaped(word));
}

std::string fact(std::string_view name, const std::string& html) {
    return html.empty() ? "" : fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, html);
}

std::string percent_text(double share) {
    const double percent = std::clamp(share, 0.0, 1.0) * 100;
    if (percent > 99.9) return "over 99.9 %";
    return fmt::format("{:.1f} %", percent);
}

std::string Hosting::address(const CommitId& commit) const {
    constexpr std::string_view place = "{commit}";
    const std::size_t at = commit_url.find(place);
    if (at == std::string::npos || commit.empty()) return "";
    std::string out = commit_url;
    return out.replace(at, place.size(), commit.hex());
}

std::string Hosting::link(const CommitId& commit) const {
    const std::string to = address(commit);
    const std::string code = "<code>" + escaped(commit.brief()) + "</code>";
    return to.empty() ? code
                      : fmt::format("<a class=\"commit\" rel=\"noreferrer\" href=\"{}\">{}</a>",
                                    escaped(to), code);
}

}  // namespace bisectd::http
