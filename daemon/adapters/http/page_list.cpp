#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "adapters/http/page.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

using Choice = std::pair<std::string_view, std::string_view>;

std::string result_cell(const SummaryView& view) {
    if (!view.ended)
        return badge(word(view.activity)) + (view.awaits_space.empty()
                                                 ? ""
                                                 : "<br><small>waits for disk space: " +
                                                       escaped(view.awaits_space) + "</small>");
    std::string cell = badge(word(view.ended->ending));
    if (view.ended->ending == Ending::culprit && !view.ended->commits.empty())
        cell += fmt::format("<br><code>{}</code>", escaped(view.ended->commits.front().brief()));
    return cell;
}

std::string ends_of(const SummaryView& view) {
    std::string good;
    for (const std::string& end : view.good) good += (good.empty() ? "" : ", ") + end;
    return fmt::format("<span class=\"good-end\">{}</span> to <span class=\"bad-end\">{}</span>",
                       escaped(good), escaped(view.bad));
}

/// How far the search is: halvings done of halvings needed, which is what takes the time.
std::string progress_cell(const SummaryView& view) {
    if (view.suspects_at_start == 0) return "";
    const double all = std::log2(static_cast<double>(view.suspects_at_start) + 1);
    const double left = std::log2(static_cast<double>(std::max<std::uint64_t>(view.suspects, 1)));
    const bool found = view.ended && view.ended->ending == Ending::culprit;
    const double done = found ? 1 : std::clamp(1 - left / all, 0.0, 0.99);
    return fmt::format(
        "<meter class=\"thin\" min=\"0\" max=\"1\" value=\"{:.2f}\" aria-label=\"search\"></meter> "
        "<small>{} of {}, {}</small>",
        done, count_text(view.suspects), count_of(view.suspects_at_start, "suspect"),
        count_of(view.steps_done, "step"));
}

std::string when_cell(const SummaryView& view) {
    if (view.ended) return "took " + html_duration(view.requested_ms_utc, view.last_ms_utc);
    if (view.expected_end_ms_utc == 0) return "";
    return "expected " + html_time(view.expected_end_ms_utc);
}

std::string row(const SummaryView& view) {
    std::string boards;
    for (const std::string& name : view.boards) boards += (boards.empty() ? "" : ", ") + name;
    const std::string& title = view.title.empty() ? view.recipe : view.title;
    return fmt::format(
        "<tr id=\"b{0}\"><td data-label=\"Number\" class=\"number\">{0}</td>"
        "<td class=\"wide\"><a class=\"row\" href=\"/bisections/{0}\">{1}</a><br>"
        "<small>{2}</small></td>"
        "<td data-label=\"State\">{3}</td><td data-label=\"Search\">{4}</td>"
        "<td data-label=\"Sure\" class=\"number\">{5}</td><td data-label=\"End\">{6}</td>"
        "<td data-label=\"Board\">{7}</td><td data-label=\"Begun\">{8}</td></tr>\n",
        view.id, escaped(title), ends_of(view), result_cell(view), progress_cell(view),
        view.confidence > 0 ? percent_text(view.confidence) : "", when_cell(view), escaped(boards),
        html_time(view.requested_ms_utc));
}

std::string choice(std::string_view name, std::string_view label, std::string_view chosen,
                   const std::vector<Choice>& all) {
    std::string options;
    for (const auto& [value, text] : all)
        options += fmt::format("<option value=\"{}\"{}>{}</option>", escaped(value),
                               value == chosen ? " selected" : "", escaped(text));
    return fmt::format("<label>{}<select name=\"{}\">{}</select></label>\n", label, name, options);
}

std::vector<Choice> names_to_choose(std::string_view all, const std::vector<std::string>& names) {
    std::vector<Choice> out{{"", all}};
    for (const std::string& name : names) out.emplace_back(name, name);
    return out;
}

std::string filter_part(const Listing& listing, const std::vector<std::string>& boards,
                        const std::vector<std::string>& recipes) {
    const std::string sort =
        listing.usual_order ? "" : (listing.from_the_end ? "-" : "") + listing.sort;
    return fmt::format(
        "<form class=\"filter\" method=\"get\" action=\"/\" role=\"search\">\n"
        "<label class=\"grow\">Search<input type=\"search\" name=\"q\" value=\"{}\" "
        "placeholder=\"title, commit, range, recipe\" autocomplete=\"off\"></label>\n{}{}{}{}"
        "<button>Show</button></form>\n",
        escaped(listing.text),
        choice("state", "State", listing.state,
               {{"", "all"},
                {"open", "not ended"},
                {"running", "running"},
                {"paused", "paused"},
                {"parked", "needs a person"},
                {"culprit", "culprit found"},
                {"inconclusive", "inconclusive"},
                {"wrong-range", "wrong range"},
                {"failed", "failed"},
                {"cancelled", "cancelled"}}),
        choice("board", "Board", listing.board, names_to_choose("all", boards)),
        choice("recipe", "Recipe", listing.recipe, names_to_choose("all", recipes)),
        choice("sort", "Order", sort,
               {{"", "newest first"},
                {"id", "oldest first"},
                {"-last", "latest news first"},
                {"state", "by state"},
                {"suspects", "fewest suspects first"},
                {"-suspects", "most suspects first"},
                {"board", "by board"}}));
}

std::string pager(const Listed& found, const Listing& listing) {
    if (found.total <= listing.limit && listing.offset == 0) return "";
    const std::uint64_t end = listing.offset + found.page.size();
    std::string out = "<nav class=\"pager\" aria-label=\"Pages of the list\">";
    if (listing.offset > 0) {
        const std::uint64_t back =
            listing.offset > listing.limit ? listing.offset - listing.limit : 0;
        out += fmt::format("<a rel=\"prev\" href=\"/{}\">Newer</a> ", escaped(listing.query(back)));
    }
    out += fmt::format("<span>{} to {} of {}</span>", count_text(listing.offset + 1),
                       count_text(end), count_text(found.total));
    if (end < found.total)
        out += fmt::format(" <a rel=\"next\" href=\"/{}\">Older</a>", escaped(listing.query(end)));
    return out + "</nav>\n";
}

}  // namespace

std::string list_page(const Listed& found, const std::vector<SummaryView>& rows,
                      const Listing& listing, const std::vector<std::string>& boards,
                      const std::vector<std::string>& recipes, std::size_t all) {
    std::string main = "<h1>Bisections</h1>\n";
    if (all == 0) {
        main +=
            "<p class=\"empty\">There is none yet. <a href=\"/start\">Start one here</a>, or:</p>\n"
            "<pre>bisectctl start --repo REPOSITORY --good COMMIT --bad COMMIT --recipe NAME "
            "--board NAME --watch</pre>\n";
        return html_page("Bisections", "/", main);
    }
    main += filter_part(listing, boards, recipes);
    if (found.page.empty()) {
        main += "<p class=\"empty\">None fits. <a href=\"/\">Show all</a></p>\n";
        return html_page("Bisections", "/", main);
    }
    main +=
        "<table class=\"rows list\"><thead><tr><th class=\"number\">#</th><th>Bisection</th>"
        "<th>State</th><th>Search</th><th class=\"number\">Sure</th><th>End (UTC)</th>"
        "<th>Board</th><th>Begun (UTC)</th></tr></thead>\n<tbody>\n";
    for (const SummaryView& view : rows) main += row(view);
    main += "</tbody></table>\n" + pager(found, listing);
    return html_page("Bisections", "/", main);
}

std::string not_found_page() {
    return html_page("Not found", "",
                     "<h1>Not found</h1>\n<p>There is no such page. "
                     "<a href=\"/\">All bisections</a></p>\n");
}

}  // namespace bisectd::http
