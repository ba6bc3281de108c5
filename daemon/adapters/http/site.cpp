#include "adapters/http/site.hpp"

#include "adapters/http/access.hpp"
#include "adapters/http/api_description.hpp"
#include "adapters/http/metrics.hpp"
#include "adapters/http/token.hpp"

namespace bisectd::http {
namespace {

/// A script may wait longer for a picture than a page. Unit: seconds.
constexpr std::uint64_t survey_limit_s = 30;

Response wrong_method(const Request& request, const std::string& allowed) {
    Response response = problem(405, "Wrong method",
                                Error{ErrorKind::request, request.target, "it takes " + allowed});
    response.headers.emplace_back("Allow", allowed);
    return response;
}

Response too_many(std::string what) {
    Response response =
        problem(429, "Too many requests", Error{ErrorKind::request, "rate", std::move(what)});
    response.headers.emplace_back("Retry-After", "2");
    return response;
}

Response events(const Asked& asked) {
    Response response;
    response.content_type = "text/event-stream";
    EventSubscription subscription;
    const auto bisection = asked.query_number("bisection", 0);
    const auto after = asked.query_number("after", 0);
    const auto last = asked.request.last_event_id.empty()
                          ? std::optional<std::uint64_t>(0)
                          : parse_number<std::uint64_t>(asked.request.last_event_id);
    if (!bisection || !after || !last)
        return wrong_number(asked.request.target, "bisection, after and Last-Event-ID are numbers");
    subscription.bisection = *bisection;
    if (asked.target.query.contains("after")) subscription.after = after;
    // What the client saw last counts more than where it once began.
    if (!asked.request.last_event_id.empty()) subscription.after = last;
    response.events = subscription;
    return response;
}

}  // namespace

std::optional<std::uint64_t> Asked::query_number(const char* name, std::uint64_t otherwise) const {
    const auto found = target.query.find(name);
    return found == target.query.end() ? std::optional(otherwise)
                                       : parse_number<std::uint64_t>(found->second);
}

std::string Asked::query(const char* name) const {
    const auto found = target.query.find(name);
    return found == target.query.end() ? "" : found->second;
}

Response not_found(const std::string& where, std::string what) {
    return problem(404, "Not found", Error{ErrorKind::request, where, std::move(what)});
}

Response wrong_number(const std::string& where, std::string what) {
    return problem(400, "Wrong number", Error{ErrorKind::request, where, std::move(what)});
}

const StepState* step_in(const BisectionState& state, std::optional<std::uint64_t> number) {
    if (!number || *number == 0 || *number > state.steps.size()) return nullptr;
    return &state.steps[*number - 1];
}

const AttemptState* attempt_in(const StepState* step, std::optional<std::uint64_t> number) {
    if (step == nullptr || !number || *number == 0 || *number > step->attempts.size())
        return nullptr;
    return &step->attempts[*number - 1];
}

// Each bucket holds the seconds that a page with all its parts, or a person's haste, may take.
Site::Site(Control& control, const EventTail& tail, const Traffic& traffic,
           const HttpOptions& options)
    : control_(control),
      tail_(tail),
      traffic_(traffic),
      options_(options),
      logs_(control),
      surveys_(control),
      reads_(options.reads_per_second, 2 * options.reads_per_second),
      changes_(options.changes_per_second, 4 * options.changes_per_second),
      wrong_tokens_(options.wrong_tokens_per_second, 20 * options.wrong_tokens_per_second) {}

std::optional<Response> Site::held_up(const Request& request) {
    const auto now = std::chrono::steady_clock::now();
    const bool change = request.method == "POST";
    if (!request.over_unix) {
        // Whoever guesses tokens gets no more answers, right or wrong, for a while.
        if (change && !wrong_tokens_.has(now))
            return too_many("too many wrong tokens; wait a little");
        if (!(change ? changes_ : reads_).take(now))
            return too_many("too many requests at once; wait a little, or use the unix socket");
    }
    Result<std::string> digest = std::string();
    if (change && !request.over_unix && !options_.token_file.empty())
        digest = token_digest(options_.token_file);
    if (!digest) return problem(500, "Token file", digest.error());
    std::optional<Response> refusal = refused(request, *digest);
    if (refusal && refusal->status == 401) wrong_tokens_.take(now);
    return refusal;
}

Task<Response> Site::answer(Request request) {
    if (auto refusal = held_up(request)) co_return std::move(*refusal);
    std::optional<Target> target = parse_target(request.target);
    if (!target)
        co_return problem(400, "Wrong address",
                          Error{ErrorKind::request, "address", "it is not an address of ours"});
    Request kept;
    kept.method = request.method;
    kept.if_none_match = request.if_none_match;
    const bool of_api = !target->path.empty() && target->path.front() == "api";
    Match match = match_route(request.method, target->path);
    Response response;
    if (match.route != nullptr) {
        Task<Response> answering = api({std::move(request), std::move(*target), std::move(match)});
        response = co_await std::move(answering);
    } else if (!match.allowed.empty()) {
        co_return wrong_method(request, match.allowed);
    } else if (of_api) {
        co_return not_found(request.target, "the API has no such address; see docs/api.md");
    } else if (request.method != "GET" && request.method != "HEAD") {
        co_return wrong_method(request, "GET");
    } else {
        Task<Response> showing = page(std::move(*target));
        response = co_await std::move(showing);
    }
    tag_entity(kept, response);
    co_return response;
}

Task<Response> Site::api(Asked asked) {
    const Call call = asked.match.route->call;
    if (asked.match.parts.contains("id")) {
        const auto id = asked.number("id");
        const BisectionState* state = id ? control_.bisection(*id) : nullptr;
        if (state == nullptr)
            co_return not_found("bisection " + asked.part("id"),
                                "there is no such bisection; \"bisectctl list\" shows all");
        Task<Response> answering = of_bisection(std::move(asked), *state);
        co_return co_await std::move(answering);
    }
    if (call == Call::start || call == Call::doctor || call == Call::list_artefacts) {
        Task<Response> working = call == Call::start    ? start(std::move(asked))
                                 : call == Call::doctor ? doctor(std::move(asked))
                                                        : artefacts();
        co_return co_await std::move(working);
    }
    switch (call) {
        case Call::list_bisections:
            co_return list_bisections(asked);
        case Call::list_boards:
            co_return boards();
        case Call::show_board:
            co_return board(asked);
        case Call::show_console:
            co_return console(asked);
        case Call::return_board:
            co_return return_board(asked.part("board"));
        case Call::list_recipes:
            co_return recipes();
        case Call::show_recipe:
            co_return recipe(asked.part("recipe"));
        case Call::events:
            co_return events(asked);
        case Call::describe_api:
            co_return json_response(200, api_description());
        case Call::metrics:
            co_return text_response(metrics_text(control_, tail_.last_seq()) + traffic_.text());
        default:
            co_return text_response("ok\n");
    }
}

Task<Response> Site::of_bisection(Asked asked, const BisectionState& state) {
    const Call call = asked.match.route->call;
    switch (call) {
        case Call::pause:
        case Call::resume:
        case Call::cancel:
            co_return change(call, state.id);
        case Call::judge: {
            Task<Response> judging = judge(std::move(asked), state.id);
            co_return co_await std::move(judging);
        }
        case Call::show_bisection:
            co_return json_view(200, bisection_of(state, control_.all_progress(state.id)));
        case Call::list_steps:
            co_return list_steps(asked, state);
        case Call::show_git_log: {
            Result<std::string> text = co_await control_.git_log(state.id, asked.query("symptom"));
            co_return text ? text_response(std::move(*text)) : problem_of(text.error(), 409);
        }
        case Call::show_report: {
            Task<Response> writing = report(std::move(asked), state.id);
            co_return co_await std::move(writing);
        }
        case Call::show_survey: {
            const auto wait = asked.query_number("wait", survey_limit_s);
            if (!wait || *wait > survey_limit_s)
                co_return wrong_number(asked.request.target,
                                       "wait is a number of seconds, 0 to 30");
            auto survey = co_await surveys_.within(state.id, std::chrono::seconds(*wait));
            co_return survey ? json_view(200, **survey) : problem_of(survey.error(), 409);
        }
        case Call::show_diff: {
            const auto commit = CommitId::parse(asked.part("commit"));
            if (!commit) co_return not_found(asked.request.target, "give a full commit id");
            Result<std::string> text = co_await control_.diff(state.id, *commit);
            co_return text ? text_response(std::move(*text)) : problem_of(text.error(), 404);
        }
        default:
            break;
    }
    const StepState* step = step_in(state, asked.number("step"));
    if (step == nullptr) co_return not_found(asked.request.target, "there is no such step");
    if (call == Call::show_step) co_return json_view(200, step_of(*step));
    const AttemptState* attempt_state = attempt_in(step, asked.number("attempt"));
    if (attempt_state == nullptr)
        co_return not_found(asked.request.target, "there is no such attempt");
    if (call == Call::show_attempt) co_return attempt(asked, state, *step, *attempt_state);
    if (call == Call::list_runs) co_return list_runs(asked, state);
    Task<Response> reading = of_log(std::move(asked), state);
    co_return co_await std::move(reading);
}

}  // namespace bisectd::http
