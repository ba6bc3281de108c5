#include <algorithm>

#include "adapters/http/api_views.hpp"
#include "adapters/http/judge_request.hpp"
#include "adapters/http/site.hpp"
#include "adapters/http/start_request.hpp"

// What people ask the daemon to do.

namespace bisectd::http {
namespace {

Response wrong_content_type(const Request& request) {
    return problem(415, "Wrong content type",
                   Error{ErrorKind::request, request.target,
                         "send a JSON object with \"Content-Type: application/json\""});
}

bool is_json(const Request& request) {
    const std::string type = request.content_type.substr(0, request.content_type.find(';'));
    return type == "application/json" || type == "application/json ";
}

}  // namespace

Task<Response> Site::start(Asked asked) {
    if (!is_json(asked.request)) co_return wrong_content_type(asked.request);
    Result<StartRequest> wish = read_start_request(asked.request.body, false);
    if (!wish) co_return problem_of(wish.error(), 400);
    Result<BisectionId> id = co_await control_.start(std::move(*wish));
    if (!id) co_return problem_of(id.error(), 422);
    Response response = json_view(201, StartedView{*id});
    response.headers.emplace_back("Location", "/api/v1/bisections/" + std::to_string(*id));
    co_return response;
}

Task<Response> Site::doctor(Asked asked) {
    if (!is_json(asked.request)) co_return wrong_content_type(asked.request);
    Result<StartRequest> wish = read_start_request(asked.request.body, true);
    if (!wish) co_return problem_of(wish.error(), 400);
    const std::vector<Finding> findings = co_await control_.doctor(std::move(*wish));
    FindingsView view;
    view.good = std::ranges::all_of(findings, &Finding::good);
    for (const Finding& finding : findings)
        view.findings.push_back({finding.subject, finding.good, finding.what});
    co_return json_view(200, view);
}

Task<Response> Site::judge(Asked asked, BisectionId id) {
    if (!is_json(asked.request)) co_return wrong_content_type(asked.request);
    Result<Judgement> said = read_judge_request(asked.request.body);
    if (!said) co_return problem_of(said.error(), 400);
    if (const BisectionState* state = control_.bisection(id); state != nullptr && state->ended)
        co_return problem_of(Error{ErrorKind::request, "bisection " + std::to_string(id),
                                   "it has ended; what is judged now would change nothing"},
                             409);
    const Result<CommitId> commit = co_await control_.judge(id, std::move(*said));
    if (!commit) co_return problem_of(commit.error(), 422);
    co_return json_view(200, JudgedView{id, *commit});
}

Response Site::change(Call call, BisectionId id) {
    const Result<void> changed = call == Call::pause    ? control_.pause(id)
                                 : call == Call::resume ? control_.resume(id)
                                                        : control_.cancel(id);
    if (!changed) return problem_of(changed.error(), 409);
    const BisectionState* state = control_.bisection(id);
    return json_view(200, ChangedView{id, state != nullptr ? state->activity : Activity::unknown});
}

Response Site::return_board(const std::string& board) {
    Result<std::vector<BoardStatus>> boards = control_.boards();
    if (boards && std::ranges::find(*boards, board, &BoardStatus::name) == boards->end())
        return not_found("board " + board,
                         "there is no such board; \"bisectctl boards\" shows all");
    const Result<void> returned = control_.return_board(board);
    if (!returned) return problem_of(returned.error(), 409);
    return json_view(200, ReturnedView{board});
}

}  // namespace bisectd::http
