#include "adapters/http/api_views.hpp"
#include "adapters/http/log_part.hpp"
#include "adapters/http/site.hpp"

// Logs: as bytes, as lines, and what is found in them.

namespace bisectd::http {
namespace {

constexpr std::uint64_t most_lines = 2000;
constexpr std::size_t most_hits = 200;
constexpr std::size_t longest_search = 200;

}  // namespace

Task<Response> Site::of_log(Asked asked, const BisectionState& state) {
    const Call call = asked.match.route->call;
    const std::string& which = asked.part("log");
    if (which != "build" && which != "console" && which != "runs")
        co_return not_found(asked.request.target, "logs are build, console and runs");
    const Result<std::string> path =
        control_.log_file(state.id, *asked.number("step"), *asked.number("attempt"), which);
    if (!path) co_return problem_of(path.error(), 404);
    if (call == Call::show_log)
        co_return log_part(control_.open_log(*path), asked.request, asked.target);
    const std::shared_ptr<LogFile> file = logs_.get(*path);
    if (file == nullptr)
        co_return not_found(asked.request.target, "nothing was written to this log (yet)");
    const auto from = asked.query_number("from", 1), count = asked.query_number("count", 500);
    if (!from || !count || *from == 0 || *count == 0 || *count > most_lines)
        co_return wrong_number(asked.request.target, "from begins at 1, count is from 1 to 2000");
    const std::string text = asked.query("q");
    if (call == Call::search_log && (text.empty() || text.size() > longest_search))
        co_return problem(400, "Nothing to search for",
                          Error{ErrorKind::request, "q", "give a text of at most 200 bytes"});
    co_await file->catch_up();
    if (call == Call::search_log) {
        const LogFile::Hits found = co_await file->search(text, *from, most_hits);
        HitsView view;
        for (const LogFile::Hit& hit : found.hits) view.hits.push_back({hit.line, hit.text});
        view.next_line = found.next_line;
        co_return json_view(200, view);
    }
    LinesView view{*from, file->lines(), file->size_bytes(), file->window(*from, *count)};
    co_return json_view(200, view);
}

}  // namespace bisectd::http
