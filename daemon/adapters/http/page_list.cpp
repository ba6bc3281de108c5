#include <fmt/format.h>

#include <ranges>

#include "adapters/http/html.hpp"
#include "adapters/http/page.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/state_json.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

std::string result_cell(const BisectionState& state) {
    if (!state.ended) return badge(word(state.activity));
    std::string cell = badge(word(state.ended->ending));
    if (state.ended->ending == Ending::culprit && !state.ended->commits.empty())
        cell += fmt::format(" <code>{}</code>", escaped(state.ended->commits.front().brief()));
    return cell;
}

std::string ends(const StartRequest& request) {
    std::string good;
    for (const std::string& end : request.good) good += (good.empty() ? "" : ", ") + end;
    return fmt::format("<span class=\"good-end\">{}</span> to <span class=\"bad-end\">{}</span>",
                       escaped(good), escaped(request.bad));
}

std::string boards(const StartRequest& request) {
    std::string names;
    for (const std::string& name : request.boards()) names += (names.empty() ? "" : ", ") + name;
    return escaped(names);
}

std::string row(const BisectionState& state) {
    const StartRequest request = state.requested ? state.requested->request : StartRequest{};
    const std::string title = request.title.empty() ? request.recipe : request.title;
    return fmt::format(
        "<tr><td data-label=\"Bisection\"><a href=\"/bisections/{0}\">{0}&ensp;{1}</a></td>"
        "<td data-label=\"Result\">{2}</td><td data-label=\"Range\">{3}</td>"
        "<td data-label=\"Suspects\" class=\"number\">{4}</td>"
        "<td data-label=\"Steps\" class=\"number\">{5}</td>"
        "<td data-label=\"Board\">{6}</td><td data-label=\"Begun\">{7}</td></tr>\n",
        state.id, escaped(title), result_cell(state), ends(request),
        count_text(suspects_left(state)), steps_done(state), boards(request),
        html_time(state.requested_ms_utc));
}

std::string boards_part(const Result<std::vector<BoardStatus>>& boards) {
    if (!boards)
        return fmt::format("<h2>Boards</h2>\n<p class=\"notice\">{}</p>\n",
                           escaped(describe(boards.error())));
    if (boards->empty()) return "";
    std::string rows;
    for (const BoardStatus& board : *boards) {
        std::string holder;
        if (board.holder != 0)
            holder = fmt::format("<a href=\"/bisections/{0}\">bisection {0}</a>", board.holder);
        rows += fmt::format(
            "<tr><td data-label=\"Board\">{}</td><td data-label=\"Kind\">{}</td>"
            "<td data-label=\"State\">{}</td><td data-label=\"Holder\">{}</td>"
            "<td data-label=\"To do\">{}</td></tr>\n",
            escaped(board.name), escaped(board.kind), badge(board.state), holder,
            escaped(board.ask));
    }
    return "<h2>Boards</h2>\n<table class=\"rows\"><thead><tr><th>Board</th><th>Kind</th>"
           "<th>State</th><th>Lease</th><th>To do</th></tr></thead>\n<tbody>\n" +
           rows + "</tbody></table>\n";
}

}  // namespace

std::string list_page(const std::vector<const BisectionState*>& bisections,
                      const Result<std::vector<BoardStatus>>& boards) {
    std::string main = "<h1>Bisections</h1>\n";
    if (bisections.empty()) {
        main +=
            "<p>There is none yet. Start one:</p>\n<pre>bisectctl start --repo REPOSITORY "
            "--good COMMIT --bad COMMIT --recipe NAME --board NAME --watch</pre>\n";
    } else {
        main +=
            "<table class=\"rows\"><thead><tr><th>Bisection</th><th>Result</th><th>Range</th>"
            "<th class=\"number\">Suspects</th><th class=\"number\">Steps</th><th>Board</th>"
            "<th>Begun (UTC)</th></tr></thead>\n<tbody>\n";
        for (const BisectionState* state : bisections | std::views::reverse) main += row(*state);
        main += "</tbody></table>\n";
    }
    main += boards_part(boards);
    return html_page("Bisections", main);
}

std::string not_found_page() {
    return html_page("Not found",
                     "<h1>Not found</h1>\n<p>There is no such page. "
                     "<a href=\"/\">All bisections</a></p>\n");
}

}  // namespace bisectd::http
