#include <fmt/format.h>

#include <algorithm>

#include "adapters/http/api_views.hpp"
#include "adapters/http/incidents.hpp"
#include "adapters/http/listing.hpp"
#include "adapters/http/log_part.hpp"
#include "adapters/http/site.hpp"
#include "adapters/http/usage.hpp"
#include "adapters/json/report_json.hpp"
#include "adapters/json/sentences.hpp"

// What people ask the daemon to tell.

namespace bisectd::http {
namespace {

constexpr std::uint64_t usual_page = 1000;
constexpr std::uint64_t most_incidents = 200;

std::vector<MomentView> moments(const std::vector<EventRecord>& records) {
    std::vector<MomentView> out;
    out.reserve(records.size());
    for (const EventRecord& record : records)
        out.push_back({record.seq, record.at_ms_utc, std::string(kind(record.event)),
                       sentence(record.event)});
    return out;
}

/// A window of a list: `after` counts from its beginning. Errors: nothing for a wrong number.
struct Window {
    std::uint64_t after = 0, limit = 0;

    static std::optional<Window> read(const Asked& asked) {
        const auto after = asked.query_number("after", 0);
        const auto limit = asked.query_number("limit", usual_page);
        if (!after || !limit || *limit == 0 || *limit > usual_page) return std::nullopt;
        return Window{*after, *limit};
    }
    std::string next(const Asked& asked, std::uint64_t total) const {
        if (after + limit >= total) return "";
        const std::string path = asked.request.target.substr(0, asked.request.target.find('?'));
        return fmt::format("{}?limit={}&after={}", path, limit, after + limit);
    }
};

Response wrong_window(const Asked& asked) {
    return wrong_number(asked.request.target,
                        fmt::format("limit is from 1 to {}, after from 0 on", usual_page));
}

RecipeView recipe_view(const std::string& name, const Result<Recipe>& recipe) {
    RecipeView view;
    view.name = name;
    if (!recipe) {
        view.error = describe(recipe.error());
        return view;
    }
    view.title = recipe->title;
    for (const Symptom& symptom : recipe->symptoms) view.symptoms.push_back(symptom.name);
    for (const Patch& patch : recipe->patches)
        view.patches.push_back(patch.file.empty() ? patch.commit : patch.file);
    return view;
}

}  // namespace

Response Site::list_bisections(const Asked& asked) {
    Result<Listing> listing = Listing::read(asked.target, usual_page, false);
    if (!listing) return problem_of(listing.error(), 400);
    const Listed found = listed(control_.bisections(), *listing);
    BisectionListView view;
    for (const BisectionState* state : found.page) view.bisections.push_back(summary_of(*state));
    view.total = found.total;
    const std::uint64_t end = listing->offset + found.page.size();
    if (end < found.total) view.next = "/api/v1/bisections" + listing->query(end);
    return json_view(200, view);
}

Response Site::list_steps(const Asked& asked, const BisectionState& state) {
    const auto window = Window::read(asked);
    if (!window) return wrong_window(asked);
    StepListView view;
    view.total = state.steps.size();
    for (std::uint64_t i = window->after; i < view.total && view.steps.size() < window->limit; ++i)
        view.steps.push_back(step_of(state.steps[i]));
    view.next = window->next(asked, view.total);
    return json_view(200, view);
}

Response Site::attempt(const Asked&, const BisectionState& state, const StepState& step,
                       const AttemptState& attempt) {
    Result<std::vector<EventRecord>> records =
        moments_of(control_, state.id, step.number, attempt.number);
    if (!records) return problem_of(records.error(), 500);
    AttemptDetailView view{step_of(step).attempts[attempt.number - 1], moments(*records), {}};
    for (const char* which : {"build", "console", "runs"})
        if (control_.log_file(state.id, step.number, attempt.number, which))
            view.logs.emplace_back(which);
    return json_view(200, view);
}

Result<RunListView> Site::runs_of(BisectionId id, std::uint64_t step, std::uint64_t attempt,
                                  std::uint64_t after, std::uint64_t limit) {
    EventFilter filter;
    filter.kinds = {std::string(RunsRecorded::kind)};
    filter.bisection = id;
    filter.step = step;
    filter.attempt = attempt;
    Result<std::vector<EventRecord>> records = control_.find_events(filter);
    if (!records) return std::unexpected(records.error());
    RunListView view;
    for (const EventRecord& record : *records) {
        const auto& recorded = std::get<RunsRecorded>(record.event);
        for (const Run& run : recorded.runs) {
            ++view.total;
            if (view.total <= after || view.runs.size() == limit) continue;
            view.runs.push_back({view.total, recorded.batch, run.run, run.look, run.exit,
                                 run.signal, run.ms, record.at_ms_utc});
        }
    }
    return view;
}

Response Site::list_runs(const Asked& asked, const BisectionState& state) {
    const auto window = Window::read(asked);
    if (!window) return wrong_window(asked);
    Result<RunListView> view = runs_of(state.id, *asked.number("step"), *asked.number("attempt"),
                                       window->after, window->limit);
    if (!view) return problem_of(view.error(), 500);
    view->next = window->next(asked, view->total);
    return json_view(200, *view);
}

Response Site::boards() {
    Result<std::vector<BoardStatus>> boards = control_.boards();
    if (!boards) return problem_of(boards.error(), 500);
    return json_view(200, BoardListView{boards_of(*boards, control_.bisections())});
}

Response Site::board(const Asked& asked) {
    const std::string& name = asked.part("board");
    Result<std::vector<BoardStatus>> boards = control_.boards();
    if (!boards) return problem_of(boards.error(), 500);
    std::erase_if(*boards, [&name](const BoardStatus& board) { return board.name != name; });
    if (boards->empty())
        return not_found("board " + name, "there is no such board; \"bisectctl boards\" shows all");
    Result<std::vector<EventRecord>> happened = incidents_of_board(control_, name, most_incidents);
    if (!happened) return problem_of(happened.error(), 500);
    return json_view(200, BoardDetailView{boards_of(*boards, control_.bisections()).front(),
                                          moments(*happened)});
}

Response Site::console(const Asked& asked) {
    Result<std::vector<BoardStatus>> boards = control_.boards();
    if (!boards) return problem_of(boards.error(), 500);
    const auto board = std::ranges::find(*boards, asked.part("board"), &BoardStatus::name);
    if (board == boards->end() || board->console_file.empty())
        return not_found(asked.request.target, "no console of such a board is captured");
    return log_part(control_.open_log(board->console_file), asked.request, asked.target);
}

std::vector<RecipeView> Site::recipe_views() {
    std::vector<RecipeView> views;
    for (const std::string& name : control_.recipes())
        views.push_back(recipe_view(name, control_.recipe(name)));
    return views;
}

Response Site::recipes() {
    return json_view(200, RecipeListView{recipe_views()});
}

Response Site::recipe(const std::string& name) {
    const std::vector<std::string> names = control_.recipes();
    if (std::ranges::find(names, name) == names.end())
        return not_found("recipe " + name,
                         "there is no such recipe; \"bisectctl recipes\" shows all");
    return json_view(200, recipe_view(name, control_.recipe(name)));
}

Task<Response> Site::report(Asked asked, BisectionId id) {
    const std::string format = asked.query("format");
    if (!format.empty() && format != "json" && format != "text")
        co_return problem_of(wrong_request("format", "json or text").error(), 400);
    Result<ReportMail> mail = co_await control_.report(id, asked.query("symptom"));
    if (!mail) co_return problem_of(mail.error(), 409);
    if (format == "json") co_return json_response(200, boost::json::serialize(report_json(*mail)));
    co_return text_response(std::move(mail->text));
}

Task<Response> Site::artefacts() {
    Result<Stock> stock = co_await control_.stock();
    if (!stock) co_return problem_of(stock.error(), 500);
    ArtefactsView view = usage_of(control_.bisections());
    view.stock = std::move(*stock);
    co_return json_view(200, view);
}

}  // namespace bisectd::http
