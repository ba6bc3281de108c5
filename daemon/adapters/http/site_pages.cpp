#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "adapters/http/incidents.hpp"
#include "adapters/http/page.hpp"
#include "adapters/http/site.hpp"
#include "adapters/http/usage.hpp"
#include "adapters/http/web_files.hpp"

// Which page an address means, and what it needs.

namespace bisectd::http {
namespace {

constexpr std::uint64_t rows_a_page = 50;
/// For a picture; without it a page shows the numbers, and its script asks again.
constexpr std::chrono::milliseconds patience{250};
constexpr std::size_t runs_shown = 400;
constexpr std::size_t tail_lines = 12;
constexpr std::size_t work_events = 4000;
constexpr std::size_t board_incidents = 60;

Result<std::vector<EventRecord>> work_of(Control& control, BisectionId id) {
    EventFilter filter;
    for (const std::string_view kind :
         {BuildStarted::kind, Built::kind, Deployed::kind, BootStarted::kind, KernelProven::kind,
          RunsStarted::kind, RunsEnded::kind, AttemptEnded::kind, BuildAheadStarted::kind,
          BuildAheadEnded::kind})
        filter.kinds.emplace_back(kind);
    filter.bisection = id;
    filter.limit = work_events;
    return control.find_events(filter);
}

Response file_of_ours(const WebFile& file, const Target& target) {
    Response response = text_response(std::string(file.text));
    response.content_type = file.content_type;
    const auto version = target.query.find("v");
    response.lasting = version != target.query.end() && version->second == version_of(file.text);
    return response;
}

std::vector<std::string> board_names(Control& control) {
    std::vector<std::string> names;
    if (const Result<std::vector<BoardStatus>> boards = control.boards())
        for (const BoardStatus& board : *boards) names.push_back(board.name);
    return names;
}

}  // namespace

Task<Response> Site::page(Target target) {
    const Path& path = target.path;
    const std::string first = path.empty() ? "" : path[0];
    if (path.empty()) co_return list(target);
    if (path.size() == 2 && first == "web")
        if (const WebFile* file = web_file(path[1])) co_return file_of_ours(*file, target);
    if (path.size() == 1 && first == "artefacts") {
        Task<Response> showing = artefacts_page_of();
        co_return co_await std::move(showing);
    }
    if (path.size() == 1 && first == "start") co_return start_page_of();
    if (path.size() == 1 && first == "recipes")
        co_return html_response(200, recipes_page(recipe_views()));
    if (path.size() == 1 && first == "boards") {
        const Result<std::vector<BoardStatus>> boards = control_.boards();
        if (!boards) co_return html_response(200, boards_page(std::unexpected(boards.error())));
        co_return html_response(200, boards_page(boards_of(*boards, control_.bisections())));
    }
    if (path.size() == 2 && first == "boards") {
        Task<Response> showing = console_page_of(std::move(target));
        co_return co_await std::move(showing);
    }
    if (path.size() < 2 || first != "bisections") co_return html_response(404, not_found_page());
    const auto id = parse_number<BisectionId>(path[1]);
    const BisectionState* state = id ? control_.bisection(*id) : nullptr;
    if (state == nullptr) co_return html_response(404, not_found_page());
    Task<Response> showing = page_in_bisection(std::move(target), *state);
    co_return co_await std::move(showing);
}

Task<Response> Site::page_in_bisection(Target target, const BisectionState& state) {
    const Path& path = target.path;
    if (path.size() == 2) {
        Task<Response> showing = bisection_page_of(state);
        co_return co_await std::move(showing);
    }
    if (path.size() == 4 && path[2] == "commits") {
        const auto commit = CommitId::parse(path[3]);
        if (!commit) co_return html_response(404, not_found_page());
        const Result<std::string> diff = co_await control_.diff(state.id, *commit);
        co_return html_response(diff ? 200 : 404,
                                diff_page(state, *commit, diff, {options_.commit_url}));
    }
    const bool in_attempt = path.size() >= 6 && path[2] == "steps" && path[4] == "attempts";
    const StepState* step =
        in_attempt ? step_in(state, parse_number<std::uint64_t>(path[3])) : nullptr;
    const AttemptState* attempt =
        in_attempt ? attempt_in(step, parse_number<std::uint64_t>(path[5])) : nullptr;
    if (attempt == nullptr) co_return html_response(404, not_found_page());
    if (path.size() == 6) {
        Task<Response> showing = attempt_page_of(state, *step, *attempt);
        co_return co_await std::move(showing);
    }
    if (path.size() != 8 || path[6] != "logs") co_return html_response(404, not_found_page());
    Task<Response> showing = log_page_of(std::move(target), state);
    co_return co_await std::move(showing);
}

Response Site::list(const Target& target) {
    const Result<Listing> listing = Listing::read(target, rows_a_page, true);
    if (!listing)
        return html_response(
            400, html_page("Wrong question", "/",
                           "<h1>Wrong question</h1>\n<p>" + escaped(describe(listing.error())) +
                               ". <a href=\"/\">All bisections</a></p>\n"));
    const std::vector<const BisectionState*> all = control_.bisections();
    std::set<std::string_view> boards, recipes;
    for (const BisectionState* state : all) {
        if (!state->requested) continue;
        const StartRequest& request = state->requested->request;
        recipes.insert(request.recipe);
        boards.insert(request.board);
        boards.insert(request.more_boards.begin(), request.more_boards.end());
    }
    const Listed found = listed(all, *listing);
    std::vector<SummaryView> rows;
    rows.reserve(found.page.size());
    for (const BisectionState* state : found.page) rows.push_back(summary_of(*state));
    return html_response(200, list_page(found, rows, *listing, {boards.begin(), boards.end()},
                                        {recipes.begin(), recipes.end()}, all.size()));
}

Task<Response> Site::bisection_page_of(const BisectionState& state) {
    auto survey = co_await surveys_.within(state.id, patience);
    const BisectionPage parts{state,
                              summary_of(state),
                              control_.all_progress(state.id),
                              incidents_of(control_, state),
                              work_of(control_, state.id),
                              std::move(survey),
                              {options_.commit_url}};
    co_return html_response(200, bisection_page(parts));
}

Task<Response> Site::attempt_page_of(const BisectionState& state, const StepState& step,
                                     const AttemptState& attempt) {
    AttemptPage parts{
        state, step, attempt, moments_of(control_, state.id, step.number, attempt.number),
        {},    0,    {},      {options_.commit_url}};
    if (Result<RunListView> runs = runs_of(state.id, step.number, attempt.number, 0, runs_shown)) {
        parts.runs = std::move(runs->runs);
        parts.all_runs = runs->total;
    }
    for (const char* which : {"build", "console", "runs"}) {
        const auto path = control_.log_file(state.id, step.number, attempt.number, which);
        const auto file = path ? logs_.get(*path) : nullptr;
        if (file == nullptr) continue;
        co_await file->catch_up();
        const std::uint64_t from = file->lines() > tail_lines ? file->lines() - tail_lines + 1 : 1;
        parts.logs.push_back(
            {which, file->window(from, tail_lines), file->lines(), file->size_bytes()});
    }
    co_return html_response(200, attempt_page(parts));
}

Task<Response> Site::artefacts_page_of() {
    Result<Stock> stock = co_await control_.stock();
    if (!stock) co_return html_response(200, artefacts_page(std::unexpected(stock.error())));
    ArtefactsView view = usage_of(control_.bisections());
    view.stock = std::move(*stock);
    co_return html_response(200, artefacts_page(view));
}

Response Site::start_page_of() {
    return html_response(200, start_page(recipe_views(), board_names(control_)));
}

Task<Response> Site::console_page_of(Target target) {
    Result<std::vector<BoardStatus>> boards = control_.boards();
    const std::string& name = target.path[1];
    const auto found = boards ? std::ranges::find(*boards, name, &BoardStatus::name)
                              : std::vector<BoardStatus>::iterator();
    if (!boards || found == boards->end()) co_return html_response(404, not_found_page());
    const BoardView view = boards_of({*found}, control_.bisections()).front();
    const auto happened = incidents_of_board(control_, name, board_incidents);
    const std::string address = "/boards/" + percent_encoded(name);
    std::optional<LogPane> pane;
    const auto file = found->console_file.empty() ? nullptr : logs_.get(found->console_file);
    if (file != nullptr) {
        Task<LogPane> reading =
            pane_of(file, target, "Console", address + "?", "/api/v1" + address + "/console", true);
        pane = co_await std::move(reading);
    }
    if (pane && target.query.contains("part"))
        co_return html_response(200, log_pane(*pane, "pane"));
    co_return html_response(200, board_page(view, happened, pane ? &*pane : nullptr));
}

}  // namespace bisectd::http
