#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bisectd::http {

/// What a request can mean.
enum class Call {
    list_bisections,
    start,
    show_bisection,
    list_steps,
    show_step,
    show_attempt,
    list_runs,
    show_log,
    show_lines,
    search_log,
    show_survey,
    show_git_log,
    show_report,
    show_diff,
    pause,
    resume,
    cancel,
    judge,
    list_boards,
    show_board,
    show_console,
    return_board,
    list_recipes,
    show_recipe,
    list_artefacts,
    doctor,
    events,
    describe_api,
    healthz,
    metrics,
};

/// One request of the API: the router and the OpenAPI document both read this table.
struct Route {
    Call call;
    std::string_view method;
    std::string_view path;  ///< "{name}" stands for one segment
    std::string_view summary;
    std::string_view query;   ///< names of its query parameters, separated by spaces
    std::string_view body;    ///< name of its body's schema; empty: it takes none
    std::string_view answer;  ///< name of its answer's schema, or "text/..." for a text
    unsigned status = 200;    ///< of a good answer
};
std::span<const Route> api_routes();

struct Match {
    const Route* route = nullptr;              ///< null: none
    std::map<std::string, std::string> parts;  ///< the segments that names stood for
    /// The methods that the path takes, as the header "Allow" wants them; empty: no such path.
    std::string allowed;
};
/// Finds the route of a request. HEAD is taken for GET.
Match match_route(std::string_view method, const std::vector<std::string>& path);

}  // namespace bisectd::http
