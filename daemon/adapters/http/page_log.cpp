#include <fmt/format.h>

#include "adapters/http/ansi.hpp"
#include "adapters/http/page.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

/// `letter`: L on the left, R on the right, so that a link means one of them.
std::string line(char letter, const std::string& text, std::uint64_t number, bool hit) {
    return fmt::format(
        "<li id=\"{3}{0}\"{1}><a href=\"#{3}{0}\" aria-label=\"line {0}\">{0}</a>"
        "<span>{2}</span></li>\n",
        number, hit ? " class=\"hit\"" : "", ansi_html(text), letter);
}

std::string hits_part(const LogPane& pane) {
    if (pane.found.empty()) return "";
    if (pane.hits.empty())
        return fmt::format("<p class=\"hits\" role=\"status\">No line holds \"{}\"{}.</p>\n",
                           escaped(pane.found), pane.more_hits ? " so far" : "");
    std::string out =
        fmt::format("<div class=\"hits\"><p role=\"status\">{}{} with \"{}\"</p><ol>\n",
                    pane.more_hits ? "the first " : "", count_of(pane.hits.size(), "line"),
                    escaped(pane.found));
    for (const HitView& hit : pane.hits)
        out += fmt::format("<li><a href=\"{0}line={1}#L{1}\">{1}</a> <code>{2}</code></li>\n",
                           escaped(pane.address), hit.line,
                           escaped(std::string_view(hit.text).substr(0, 160)));
    return out + "</ol></div>\n";
}

/// The ways through the log without a script.
std::string ways_through(const LogPane& pane) {
    const std::uint64_t page = 500;
    const std::uint64_t back = pane.from > page ? pane.from - page : 1;
    const std::uint64_t last = pane.lines > page ? pane.lines - page + 1 : 1;
    const std::string address = escaped(pane.address);
    std::string out = "<nav class=\"through\" aria-label=\"Through the log\">";
    out += fmt::format("<a href=\"{0}line=1\">start</a> <a href=\"{0}line={1}\">earlier</a> ",
                       address, back);
    out += fmt::format("<a href=\"{0}line={1}\">later</a> <a href=\"{0}line={2}\">end</a>", address,
                       std::min(pane.from + page, last), last);
    return out + "</nav>\n";
}

}  // namespace

std::string log_pane(const LogPane& pane, const std::string& id) {
    std::string lines;
    for (std::size_t i = 0; i < pane.window.size(); ++i) {
        const std::uint64_t number = pane.from + i;
        bool hit = false;
        for (const HitView& each : pane.hits) hit = hit || each.line == number;
        lines += line(id == "pane" ? 'L' : 'R', pane.window[i], number, hit);
    }
    if (lines.empty()) lines = "<li><span>nothing was written yet</span></li>\n";
    return fmt::format(
        "<section class=\"pane\" id=\"{0}\"><div class=\"pane-head\"><h2>{1}</h2>\n"
        "<p><span data-lines>{2}</span>, <span data-size>{3}</span> "
        "<a href=\"{4}\">as text</a></p>\n{5}</div>\n{6}"
        "<div class=\"viewer\" tabindex=\"0\" role=\"log\" aria-live=\"off\" aria-label=\"{7}\" "
        "data-keep data-address=\"{8}\" data-from=\"{9}\" data-lines=\"{10}\"{11}>"
        "<ol class=\"log\" start=\"{9}\">\n{12}</ol></div></section>\n",
        id, pane.heading, count_of(pane.lines, "line"), size_text(pane.size_bytes),
        escaped(pane.raw), ways_through(pane), hits_part(pane), "log lines", escaped(pane.address),
        pane.from, pane.lines, pane.follows ? " data-follows" : "", lines);
}

std::string log_page(const LogPage& page) {
    std::string main = page.crumbs + "<h1>" + escaped(page.title) + "</h1>\n" + page.tabs;
    if (!page.panes.empty())
        main += fmt::format(
            "<form class=\"filter\" method=\"get\" role=\"search\"><label class=\"grow\">Search in "
            "these logs<input type=\"search\" name=\"q\" value=\"{}\" autocomplete=\"off\"></label>"
            "<button>Search</button></form>\n",
            escaped(page.search));
    main += fmt::format("<div class=\"panes panes-{}\">\n", page.panes.size());
    for (std::size_t i = 0; i < page.panes.size(); ++i)
        main += log_pane(page.panes[i], i == 0 ? "pane" : "other-pane");
    return html_page(page.title, page.place, main + "</div>\n");
}

}  // namespace bisectd::http
