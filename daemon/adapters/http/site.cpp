#include "adapters/http/site.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/http/access.hpp"
#include "adapters/http/judge_request.hpp"
#include "adapters/http/log_part.hpp"
#include "adapters/http/page.hpp"
#include "adapters/http/start_request.hpp"
#include "adapters/http/web_files.hpp"
#include "adapters/json/fields.hpp"
#include "adapters/json/report_json.hpp"
#include "adapters/json/state_json.hpp"

namespace bisectd::http {
namespace {

namespace json = boost::json;

Response not_found(const std::string& where, std::string what) {
    return problem(404, "Not found", Error{ErrorKind::request, where, std::move(what)});
}

Response wrong_method(const Request& request, const char* allowed) {
    Response response =
        problem(405, "Wrong method",
                Error{ErrorKind::request, request.target, std::string("it takes ") + allowed});
    response.headers.emplace_back("Allow", allowed);
    return response;
}

bool reads(const Request& request) {
    return request.method == "GET" || request.method == "HEAD";
}

Response wrong_content_type(const Request& request) {
    return problem(415, "Wrong content type",
                   Error{ErrorKind::request, request.target,
                         "send a JSON object with \"Content-Type: application/json\""});
}

bool is_json(const Request& request) {
    const std::string type = request.content_type.substr(0, request.content_type.find(';'));
    return type == "application/json" || type == "application/json ";
}

Response events(const Request& request, const Target& target) {
    Response response;
    response.content_type = "text/event-stream";
    EventSubscription subscription;
    const auto number = [&target](const char* name) -> std::optional<std::uint64_t> {
        const auto found = target.query.find(name);
        return found == target.query.end() ? 0 : parse_number<std::uint64_t>(found->second);
    };
    const auto bisection = number("bisection"), after = number("after");
    const auto last = request.last_event_id.empty()
                          ? std::optional<std::uint64_t>(0)
                          : parse_number<std::uint64_t>(request.last_event_id);
    if (!bisection || !after || !last)
        return problem(400, "Wrong number",
                       Error{ErrorKind::request, request.target,
                             "bisection, after and Last-Event-ID are numbers"});
    subscription.bisection = *bisection;
    if (target.query.contains("after")) subscription.after = *after;
    // What the client saw last counts more than where it once began.
    if (!request.last_event_id.empty()) subscription.after = *last;
    response.events = subscription;
    return response;
}

}  // namespace

Task<Response> Site::answer(Request request) {
    if (auto refusal = refused(request, token_)) co_return std::move(*refusal);
    const std::optional<Target> target = parse_target(request.target);
    if (!target)
        co_return problem(400, "Wrong address",
                          Error{ErrorKind::request, "address", "it is not an address of ours"});
    const Path& path = target->path;
    if (path.size() >= 2 && path[0] == "api" && path[1] == "v1") {
        Task<Response> answering = api(std::move(request), *target);
        co_return co_await std::move(answering);
    }
    co_return page(request, path);
}

Response Site::page(const Request& request, const Path& path) {
    if (!reads(request)) return wrong_method(request, "GET");
    if (path.size() == 1 && path[0] == "healthz") return text_response("ok\n");
    if (path.empty()) {
        Result<std::vector<BoardStatus>> boards = control_.boards();
        return html_response(200, list_page(control_.bisections(), boards));
    }
    if (path.size() == 2 && path[0] == "bisections") {
        const auto id = parse_number<BisectionId>(path[1]);
        const BisectionState* state = id ? control_.bisection(*id) : nullptr;
        if (state != nullptr) {
            const BisectionPage parts{*state, control_.progress(*id), incidents_.of(*state),
                                      incidents_.asides(*id)};
            return html_response(200, bisection_page(parts));
        }
    }
    if (path.size() == 2 && path[0] == "web")
        if (const WebFile* file = web_file(path[1])) {
            Response response = text_response(std::string(file->text));
            response.content_type = file->content_type;
            return response;
        }
    return html_response(404, not_found_page());
}

Task<Response> Site::api(Request request, Target target) {
    const Path& path = target.path;
    const std::string& noun = path.size() > 2 ? path[2] : request.target;
    if (noun == "bisections" && path.size() == 3) {
        if (reads(request)) co_return bisections();
        if (request.method != "POST") co_return wrong_method(request, "GET, POST");
        Task<Response> starting = start(std::move(request));
        co_return co_await std::move(starting);
    }
    if (noun == "bisections") {
        const auto id = parse_number<BisectionId>(path[3]);
        const BisectionState* state = id ? control_.bisection(*id) : nullptr;
        if (state == nullptr)
            co_return not_found("bisection " + path[3],
                                "there is no such bisection; \"bisectctl list\" shows all");
        Task<Response> answering = bisection(std::move(request), std::move(target), state);
        co_return co_await std::move(answering);
    }
    if (noun == "boards" && path.size() == 5 && path[4] == "return")
        co_return request.method == "POST" ? return_board(path[3]) : wrong_method(request, "POST");
    if (noun == "doctor" && path.size() == 3) {
        if (request.method != "POST") co_return wrong_method(request, "POST");
        Task<Response> looking = doctor(std::move(request));
        co_return co_await std::move(looking);
    }
    const bool known =
        noun == "boards" || noun == "recipes" || noun == "events" || noun == "healthz";
    if (!known || path.size() != 3)
        co_return not_found(request.target, "the API has no such address; see docs/api.md");
    if (!reads(request)) co_return wrong_method(request, "GET");
    if (noun == "boards") co_return boards();
    if (noun == "recipes") co_return recipes();
    if (noun == "events") co_return events(request, target);
    co_return text_response("ok\n");
}

Task<Response> Site::bisection(Request request, Target target, const BisectionState* state) {
    const Path& path = target.path;
    const BisectionId id = state->id;
    if (path.size() == 5 && (path[4] == "pause" || path[4] == "resume" || path[4] == "cancel"))
        co_return request.method == "POST" ? change(id, path[4]) : wrong_method(request, "POST");
    if (path.size() == 5 && path[4] == "judge") {
        if (request.method != "POST") co_return wrong_method(request, "POST");
        Task<Response> judging = judge(std::move(request), id);
        co_return co_await std::move(judging);
    }
    const bool is_log =
        path.size() == 10 && path[4] == "steps" && path[6] == "attempts" && path[8] == "logs";
    const bool is_git_log = path.size() == 5 && path[4] == "git-log";
    const bool is_report = path.size() == 5 && path[4] == "report";
    if (path.size() != 4 && !is_git_log && !is_report && !is_log)
        co_return not_found(request.target, "the API has no such address; see docs/api.md");
    if (!reads(request)) co_return wrong_method(request, "GET");
    if (is_log) co_return log(request, target, id);
    if (is_report) {
        Task<Response> writing = report(std::move(target), id);
        co_return co_await std::move(writing);
    }
    if (!is_git_log) co_return one_bisection(*state);
    const auto symptom = target.query.find("symptom");
    Task<Response> writing =
        git_log(id, symptom == target.query.end() ? std::string() : symptom->second);
    co_return co_await std::move(writing);
}

Task<Response> Site::git_log(BisectionId id, std::string symptom) {
    Result<std::string> text = co_await control_.git_log(id, std::move(symptom));
    if (!text) co_return problem_of(text.error(), 409);
    co_return text_response(std::move(*text));
}

Task<Response> Site::report(Target target, BisectionId id) {
    const std::string format = target.query["format"];
    if (!format.empty() && format != "json" && format != "text")
        co_return problem_of(wrong_request("format", "json or text").error(), 400);
    Result<ReportMail> mail = co_await control_.report(id, target.query["symptom"]);
    if (!mail) co_return problem_of(mail.error(), 409);
    if (format == "json") co_return json_response(200, json::serialize(report_json(*mail)));
    co_return text_response(std::move(mail->text));
}

Task<Response> Site::start(Request request) {
    if (!is_json(request)) co_return wrong_content_type(request);
    Result<StartRequest> wish = read_start_request(request.body, false);
    if (!wish) co_return problem_of(wish.error(), 400);
    Result<BisectionId> id = co_await control_.start(std::move(*wish));
    if (!id) co_return problem_of(id.error(), 422);
    json::object object;
    object["id"] = *id;
    Response response = json_response(201, json::serialize(object));
    response.headers.emplace_back("Location", "/api/v1/bisections/" + std::to_string(*id));
    co_return response;
}

Task<Response> Site::doctor(Request request) {
    if (!is_json(request)) co_return wrong_content_type(request);
    Result<StartRequest> wish = read_start_request(request.body, true);
    if (!wish) co_return problem_of(wish.error(), 400);
    const std::vector<Finding> findings = co_await control_.doctor(std::move(*wish));
    json::array array;
    for (const Finding& finding : findings) {
        json::object object;
        object["subject"] = to_json(finding.subject);
        object["good"] = finding.good;
        object["what"] = to_json(finding.what);
        array.push_back(std::move(object));
    }
    json::object object;
    object["good"] = std::ranges::all_of(findings, &Finding::good);
    object["findings"] = std::move(array);
    co_return json_response(200, json::serialize(object));
}

Task<Response> Site::judge(Request request, BisectionId id) {
    if (!is_json(request)) co_return wrong_content_type(request);
    Result<Judgement> said = read_judge_request(request.body);
    if (!said) co_return problem_of(said.error(), 400);
    if (const BisectionState* state = control_.bisection(id); state != nullptr && state->ended)
        co_return problem_of(Error{ErrorKind::request, "bisection " + std::to_string(id),
                                   "it has ended; what is judged now would change nothing"},
                             409);
    const Result<CommitId> commit = co_await control_.judge(id, std::move(*said));
    if (!commit) co_return problem_of(commit.error(), 422);
    json::object object;
    object["id"] = id;
    object["commit"] = commit->hex();
    co_return json_response(200, json::serialize(object));
}

Response Site::change(BisectionId id, const std::string& what) {
    const Result<void> changed = what == "pause"    ? control_.pause(id)
                                 : what == "resume" ? control_.resume(id)
                                                    : control_.cancel(id);
    if (!changed) return problem_of(changed.error(), 409);
    const BisectionState* state = control_.bisection(id);
    json::object object;
    object["id"] = id;
    object["activity"] = word(state != nullptr ? state->activity : Activity::unknown);
    return json_response(200, json::serialize(object));
}

Response Site::log(const Request& request, const Target& target, BisectionId id) {
    const Path& path = target.path;
    const auto step = parse_number<std::uint64_t>(path[5]);
    const auto attempt = parse_number<std::uint64_t>(path[7]);
    const std::string& which = path[9];
    const bool known = which == "build" || which == "console" || which == "runs";
    if (!step || !attempt || !known)
        return not_found(request.target, "logs are build, console and runs, of a step and attempt");
    const Result<std::string> file = control_.log_file(id, *step, *attempt, which);
    if (!file) return problem_of(file.error(), 404);
    return log_part(*file, request, target);
}

Response Site::bisections() const {
    json::array array;
    for (const BisectionState* state : control_.bisections()) array.push_back(summary_json(*state));
    json::object object;
    object["bisections"] = std::move(array);
    return json_response(200, json::serialize(object));
}

Response Site::one_bisection(const BisectionState& state) const {
    json::object object = state_json(state);
    for (auto& part : asides_json(incidents_.asides(state.id))) object.insert(part);
    object["estimated_ms_utc"] = state.estimated_ms_utc;
    object["progress"] = progress_json(control_.progress(state.id));
    json::array places;
    for (const Progress& progress : control_.all_progress(state.id))
        places.push_back(progress_json(progress));
    object["going_on"] = std::move(places);
    return json_response(200, json::serialize(object));
}

Response Site::boards() const {
    Result<std::vector<BoardStatus>> boards = control_.boards();
    if (!boards) return problem_of(boards.error(), 500);
    json::array array;
    for (const BoardStatus& board : *boards) array.push_back(board_json(board));
    json::object object;
    object["boards"] = std::move(array);
    return json_response(200, json::serialize(object));
}

Response Site::return_board(const std::string& board) {
    Result<std::vector<BoardStatus>> boards = control_.boards();
    if (boards && std::ranges::find(*boards, board, &BoardStatus::name) == boards->end())
        return not_found("board " + board,
                         "there is no such board; \"bisectctl boards\" shows all");
    const Result<void> returned = control_.return_board(board);
    if (!returned) return problem_of(returned.error(), 409);
    json::object object;
    object["board"] = to_json(board);
    return json_response(200, json::serialize(object));
}

Response Site::recipes() const {
    json::array array;
    for (const std::string& name : control_.recipes()) {
        const Result<std::string> title = control_.recipe_title(name);
        json::object object;
        object["name"] = to_json(name);
        object[title ? "title" : "error"] = to_json(title ? *title : describe(title.error()));
        array.push_back(std::move(object));
    }
    json::object object;
    object["recipes"] = std::move(array);
    return json_response(200, json::serialize(object));
}

}  // namespace bisectd::http
