#include <fmt/format.h>

#include <algorithm>

#include "adapters/http/page.hpp"
#include "adapters/http/site.hpp"

// The page of a log: this attempt's beside the last good one's.

namespace bisectd::http {
namespace {

constexpr std::uint64_t lines_a_window = 500, most_lines_a_window = 2000;
constexpr std::size_t most_hits_shown = 100;
constexpr std::size_t longest_wanted = 200;

struct Place {
    const StepState* step = nullptr;
    const AttemptState* attempt = nullptr;
};

std::string log_address(BisectionId id, const Place& place, const std::string& which) {
    return fmt::format("/bisections/{}/steps/{}/attempts/{}/logs/{}", id, place.step->number,
                       place.attempt->number, which);
}

/// The good-looking attempt that ended last before this one began; else the last one of all.
Place last_good(const BisectionState& state, const Place& here) {
    Place found, any;
    for (const StepState& step : state.steps)
        for (const AttemptState& attempt : step.attempts) {
            const bool good = attempt.ended && !attempt.withdrawn &&
                              attempt.ended->outcome == Outcome::good_looking &&
                              &attempt != here.attempt;
            if (!good) continue;
            any = {&step, &attempt};
            if (attempt.ended_ms_utc <= here.attempt->started_ms_utc) found = any;
        }
    return found.attempt != nullptr ? found : any;
}

std::string heading(const Place& place, std::string_view what) {
    return fmt::format(
        "{} <small>step {}, attempt {} on {}, {}</small>", what, place.step->number,
        place.attempt->number, escaped(place.attempt->board),
        place.attempt->ended ? word(place.attempt->ended->outcome) : std::string_view("going on"));
}

std::string tabs_of(BisectionId id, const Place& place, const std::string& which) {
    std::string out = "<nav class=\"tabs\" aria-label=\"Logs of this attempt\">";
    for (const char* each : {"build", "console", "runs"})
        out += fmt::format("<a href=\"{}\"{}>{}</a> ", log_address(id, place, each),
                           which == each ? " aria-current=\"page\"" : "", each);
    return out + "</nav>\n";
}

std::string crumbs_of(BisectionId id, const Place& place, const std::string& which) {
    return fmt::format(
        "<p class=\"crumbs\"><a href=\"/\">Bisections</a> / <a href=\"/bisections/{0}\">{0}</a> / "
        "<a href=\"/bisections/{0}#step-{1}\">step {1}</a> / "
        "<a href=\"/bisections/{0}/steps/{1}/attempts/{2}\">attempt {2}</a> / {3} log</p>\n",
        id, place.step->number, place.attempt->number, which);
}

}  // namespace

Task<LogPane> Site::pane_of(std::shared_ptr<LogFile> file, Target target, std::string heading,
                            std::string address, std::string raw, bool follows) {
    const auto number = [&target](const char* name) -> std::uint64_t {
        const auto found = target.query.find(name);
        return found == target.query.end() ? 0
                                           : parse_number<std::uint64_t>(found->second).value_or(0);
    };
    LogPane pane;
    pane.heading = std::move(heading);
    pane.address = std::move(address);
    pane.raw = std::move(raw);
    pane.follows = follows;
    co_await file->catch_up();
    pane.lines = file->lines();
    pane.size_bytes = file->size_bytes();
    const std::uint64_t asked_count = number("count");
    const std::uint64_t count =
        asked_count == 0 ? lines_a_window : std::min(asked_count, most_lines_a_window);
    const std::uint64_t last = pane.lines > count ? pane.lines - count + 1 : 1;
    if (const auto found = target.query.find("q"); found != target.query.end())
        pane.found = found->second.substr(0, longest_wanted);
    if (!pane.found.empty()) {
        const LogFile::Hits hits = co_await file->search(pane.found, 1, most_hits_shown);
        for (const LogFile::Hit& hit : hits.hits) pane.hits.push_back({hit.line, hit.text});
        pane.more_hits = hits.next_line != 0;
        pane.address += "q=" + percent_encoded(pane.found) + "&";
    }
    pane.from = number("line");
    // A link to a line shows what stands before it too.
    const bool part = target.query.contains("part");
    if (pane.from > 20 && !part) pane.from -= 20;
    if (pane.from == 0)
        pane.from = !pane.hits.empty() ? std::max<std::uint64_t>(pane.hits.front().line, 21) - 20
                    : follows          ? last
                                       : 1;
    pane.window = file->window(pane.from, count);
    co_return pane;
}

Task<Response> Site::log_page_of(Target target, const BisectionState& state) {
    const std::string which = target.path[7];
    const StepState* step = step_in(state, parse_number<std::uint64_t>(target.path[3]));
    const Place here{step, attempt_in(step, parse_number<std::uint64_t>(target.path[5]))};
    if (which != "build" && which != "console" && which != "runs")
        co_return html_response(404, not_found_page());
    LogPage page;
    page.title =
        fmt::format("{} log, step {}, attempt {}", which, here.step->number, here.attempt->number);
    page.crumbs = crumbs_of(state.id, here, which);
    page.tabs = tabs_of(state.id, here, which);
    page.place = "/";
    if (const auto found = target.query.find("q"); found != target.query.end())
        page.search = found->second.substr(0, longest_wanted);
    const Place good = last_good(state, here);
    for (const auto& [place, name] :
         {std::pair{here, "This attempt"}, std::pair{good, "Last good"}}) {
        if (place.attempt == nullptr) continue;
        const auto path =
            control_.log_file(state.id, place.step->number, place.attempt->number, which);
        const auto file = path ? logs_.get(*path) : nullptr;
        if (file == nullptr) continue;
        const std::string address = log_address(state.id, place, which);
        Task<LogPane> reading = pane_of(file, target, heading(place, name), address + "?",
                                        "/api/v1" + address, !place.attempt->ended);
        page.panes.push_back(co_await std::move(reading));
        if (target.query.contains("part"))
            co_return html_response(200, log_pane(page.panes.back(), "pane"));
    }
    if (page.panes.empty())
        page.tabs += "<p class=\"empty\">Nothing was written to it (yet).</p>\n";
    co_return html_response(200, log_page(page));
}

}  // namespace bisectd::http
