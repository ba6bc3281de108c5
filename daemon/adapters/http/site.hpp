#pragma once
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/http/api_routes.hpp"
#include "adapters/http/event_tail.hpp"
#include "adapters/http/http_server.hpp"
#include "adapters/http/log_file.hpp"
#include "adapters/http/message.hpp"
#include "adapters/http/page.hpp"
#include "adapters/http/rate_limit.hpp"
#include "adapters/http/surveys.hpp"
#include "adapters/http/target.hpp"
#include "adapters/http/traffic.hpp"
#include "adapters/json/fields.hpp"
#include "adapters/json/views.hpp"
#include "ports/control.hpp"
#include "ports/task.hpp"

namespace bisectd::http {

/// A request of the API with the route that it takes.
struct Asked {
    Request request;
    Target target;
    Match match;

    const std::string& part(const char* name) const { return match.parts.at(name); }
    /// Errors: nothing when it is no number.
    std::optional<std::uint64_t> number(const char* name) const {
        return parse_number<std::uint64_t>(part(name));
    }
    /// A parameter of the query; `otherwise` when it is not given. Errors: nothing when it is no
    /// number.
    std::optional<std::uint64_t> query_number(const char* name, std::uint64_t otherwise) const;
    std::string query(const char* name) const;
};

/// Finds what a request means and answers it: the API under /api/v1, the pages and their files.
/// Knows nothing of sockets.
/// Thread: the orchestration thread.
class Site {
  public:
    Site(Control& control, const EventTail& tail, const Traffic& traffic,
         const HttpOptions& options);

    /// Never fails: what is wrong becomes an answer too.
    Task<Response> answer(Request request);
    /// Draws pictures for pages, until it is cancelled.
    Task<void> draw_surveys() { return surveys_.draw(); }

  private:
    using Path = std::vector<std::string>;

    /// Who may not go on. Errors: nothing when the request may.
    std::optional<Response> held_up(const Request& request);
    Task<Response> api(Asked asked);
    Task<Response> of_bisection(Asked asked, const BisectionState& state);
    Task<Response> of_log(Asked asked, const BisectionState& state);
    Task<Response> start(Asked asked);
    Task<Response> doctor(Asked asked);
    Task<Response> judge(Asked asked, BisectionId id);
    Task<Response> artefacts();
    Task<Response> report(Asked asked, BisectionId id);
    Response change(Call call, BisectionId id);
    Response list_bisections(const Asked& asked);
    Response list_steps(const Asked& asked, const BisectionState& state);
    Response attempt(const Asked& asked, const BisectionState& state, const StepState& step,
                     const AttemptState& attempt);
    Response list_runs(const Asked& asked, const BisectionState& state);
    Response boards();
    Response board(const Asked& asked);
    Response console(const Asked& asked);
    Response return_board(const std::string& board);
    Response recipes();
    Response recipe(const std::string& name);

    /// Of an attempt those after the number `after`, at most `limit`.
    Result<RunListView> runs_of(BisectionId id, std::uint64_t step, std::uint64_t attempt,
                                std::uint64_t after, std::uint64_t limit);
    std::vector<RecipeView> recipe_views();

    Task<Response> page(Target target);
    Task<Response> page_in_bisection(Target target, const BisectionState& state);
    Response list(const Target& target);
    Task<Response> bisection_page_of(const BisectionState& state);
    Task<Response> attempt_page_of(const BisectionState& state, const StepState& step,
                                   const AttemptState& attempt);
    Task<Response> log_page_of(Target target, const BisectionState& state);
    Task<LogPane> pane_of(std::shared_ptr<LogFile> file, Target target, std::string heading,
                          std::string address, std::string raw, bool follows);
    Task<Response> console_page_of(Target target);
    Task<Response> artefacts_page_of();
    Response start_page_of();

    Control& control_;
    const EventTail& tail_;
    const Traffic& traffic_;
    const HttpOptions& options_;
    LogFiles logs_;
    Surveys surveys_;
    RateLimit reads_, changes_, wrong_tokens_;
};

/// A view as JSON.
template <class View>
Response json_view(unsigned status, const View& view) {
    return json_response(status, boost::json::serialize(to_json(view)));
}
Response not_found(const std::string& where, std::string what);
Response wrong_number(const std::string& where, std::string what);
/// The step and attempt that a path names; null where there is none.
const StepState* step_in(const BisectionState& state, std::optional<std::uint64_t> number);
const AttemptState* attempt_in(const StepState* step, std::optional<std::uint64_t> number);

}  // namespace bisectd::http
