#include <fmt/format.h>

#include "adapters/http/page.hpp"
#include "adapters/http/target.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

std::string holder_of(const BoardView& board) {
    if (board.holder == 0) return "";
    std::string out = fmt::format("<a href=\"/bisections/{0}\">bisection {0}</a>", board.holder);
    for (const BisectionId id : board.waiting)
        out += fmt::format(", then <a href=\"/bisections/{0}\">{0}</a>", id);
    return out;
}

std::string health_of(const BoardView& board) {
    if (board.attempts == 0) return "not used yet";
    const double spoiled =
        static_cast<double>(board.infrastructure) / static_cast<double>(board.attempts);
    return fmt::format(
        "<meter class=\"thin\" min=\"0\" max=\"1\" low=\"0.8\" high=\"0.95\" "
        "optimum=\"1\" value=\"{:.3f}\" aria-label=\"share of attempts that the "
        "lab did not spoil\"></meter> <small>{} of {} spoiled</small>",
        1 - spoiled, count_text(board.infrastructure), count_of(board.attempts, "attempt"));
}

std::string board_address(const BoardView& board) {
    return "/boards/" + percent_encoded(board.name);
}

std::string return_button(const BoardView& board) {
    if (board.state != "parked" && board.state != "quarantined") return "";
    return fmt::format(
        "<div class=\"buttons\"><button type=\"button\" data-post=\"/api/v1/boards/{0}/return\" "
        "data-sure=\"Give {1} back? Say so only after you looked after it.\">Give it back</button>"
        "</div>\n<noscript><p class=\"hint\">Without JavaScript: <code>bisectctl boards resume "
        "{1}</code></p></noscript>\n",
        percent_encoded(board.name), escaped(board.name));
}

}  // namespace

std::string boards_page(const Result<std::vector<BoardView>>& boards) {
    std::string main = "<h1>Boards</h1>\n";
    if (!boards) {
        main += "<p class=\"notice\">" + escaped(describe(boards.error())) + "</p>\n";
        return html_page("Boards", "/boards", main);
    }
    main +=
        "<table class=\"rows\"><thead><tr><th>Board</th><th>Kind</th><th>State</th><th>Lease</th>"
        "<th>Health</th><th>Last used (UTC)</th><th>To do</th></tr></thead>\n<tbody>\n";
    for (const BoardView& board : *boards)
        main += fmt::format(
            "<tr><td class=\"wide\"><a class=\"row\" href=\"{}\">{}</a></td>"
            "<td data-label=\"Kind\">{}</td><td data-label=\"State\">{}</td>"
            "<td data-label=\"Lease\">{}</td><td data-label=\"Health\">{}</td>"
            "<td data-label=\"Last used\">{}</td><td data-label=\"To do\">{}</td></tr>\n",
            board_address(board), escaped(board.name), escaped(board.kind), badge(board.state),
            holder_of(board), health_of(board), html_time(board.last_ms_utc), escaped(board.ask));
    return html_page("Boards", "/boards", main + "</tbody></table>\n");
}

std::string board_page(const BoardView& board, const Result<std::vector<EventRecord>>& happened,
                       const LogPane* console) {
    std::string main = fmt::format(
        "<p class=\"crumbs\"><a href=\"/boards\">Boards</a> / {0}</p>\n<div class=\"head\"><h1>{0} "
        "{1}</h1>\n{2}</div>\n",
        escaped(board.name), badge(board.state), return_button(board));
    if (!board.ask.empty())
        main += "<p class=\"notice\"><b>To do:</b> " + escaped(board.ask) + "</p>\n";
    main += "<dl class=\"facts\">\n" + fact("Kind", escaped(board.kind)) +
            fact("Lease", board.holder == 0 ? "free" : holder_of(board)) +
            fact("Health", health_of(board)) +
            fact("Last used (UTC)", html_time(board.last_ms_utc)) + "</dl>\n";
    if (console != nullptr)
        main += "<div class=\"panes panes-1\">\n" + log_pane(*console, "pane") + "</div>\n";
    else
        main +=
            "<h2>Console</h2>\n<p class=\"empty\">None is captured: the board has none in its "
            "file, or nobody asked for the board yet.</p>\n";
    main += "<h2>What happened to it</h2>\n";
    if (!happened)
        main += "<p class=\"notice\">" + escaped(describe(happened.error())) + "</p>\n";
    else if (happened->empty())
        main += "<p class=\"empty\">Nothing but its work.</p>\n";
    else {
        main += "<ul class=\"events\">\n";
        for (auto record = happened->rbegin(); record != happened->rend(); ++record) {
            const std::string whose =
                record->bisection == 0
                    ? ""
                    : fmt::format(" <a href=\"/bisections/{0}\">bisection {0}</a>",
                                  record->bisection);
            main += fmt::format("<li>{} {}{}</li>\n", html_time(record->at_ms_utc),
                                escaped(sentence(record->event)), whose);
        }
        main += "</ul>\n";
    }
    return html_page(board.name, "/boards", main);
}

}  // namespace bisectd::http
