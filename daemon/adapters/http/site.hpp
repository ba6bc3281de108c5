#pragma once
#include <string>
#include <vector>

#include "adapters/http/incidents.hpp"
#include "adapters/http/message.hpp"
#include "adapters/http/target.hpp"
#include "ports/control.hpp"
#include "ports/task.hpp"

namespace bisectd::http {

/// Finds what a request means and answers it: the API under /api/v1, the pages and their files.
/// Knows nothing of sockets.
/// Thread: the orchestration thread.
class Site {
  public:
    Site(Control& control, const Incidents& incidents, std::string token)
        : control_(control), incidents_(incidents), token_(std::move(token)) {}

    /// Never fails: what is wrong becomes an answer too.
    Task<Response> answer(Request request);

  private:
    using Path = std::vector<std::string>;

    Response page(const Request& request, const Path& path);
    Task<Response> api(Request request, Target target);
    Task<Response> bisection(Request request, Target target, const BisectionState* state);
    Task<Response> git_log(BisectionId id, std::string symptom);
    Task<Response> report(Target target, BisectionId id);
    Task<Response> start(Request request);
    Task<Response> doctor(Request request);
    Task<Response> judge(Request request, BisectionId id);
    Response change(BisectionId id, const std::string& what);
    Response log(const Request& request, const Target& target, BisectionId id);
    Response bisections() const;
    Response one_bisection(const BisectionState& state) const;
    Response boards() const;
    Response return_board(const std::string& board);
    Response recipes() const;

    Control& control_;
    const Incidents& incidents_;
    std::string token_;
};

}  // namespace bisectd::http
