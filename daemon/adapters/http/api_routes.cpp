#include "adapters/http/api_routes.hpp"

#include <array>
#include <optional>

namespace bisectd::http {
namespace {

#define BISECTION "/api/v1/bisections/{id}"
#define ATTEMPT BISECTION "/steps/{step}/attempts/{attempt}"

constexpr std::array table{
    Route{Call::list_bisections, "GET", "/api/v1/bisections", "Bisections, oldest first",
          "q state board recipe sort limit after", "", "BisectionList"},
    Route{Call::start, "POST", "/api/v1/bisections", "Start a bisection", "", "StartRequest",
          "Started", 201},
    Route{Call::show_bisection, "GET", BISECTION, "The whole state of one", "", "", "Bisection"},
    Route{Call::list_steps, "GET", BISECTION "/steps", "Its steps", "limit after", "", "StepList"},
    Route{Call::show_step, "GET", BISECTION "/steps/{step}", "One step", "", "", "Step"},
    Route{Call::show_attempt, "GET", ATTEMPT, "One attempt, with the times of its rungs", "", "",
          "AttemptDetail"},
    Route{Call::list_runs, "GET", ATTEMPT "/runs", "The runs of an attempt, in order",
          "limit after", "", "RunList"},
    Route{Call::show_log, "GET", ATTEMPT "/logs/{log}",
          "A log as it was written; takes Range as well", "offset limit tail", "", "text/plain"},
    Route{Call::show_lines, "GET", ATTEMPT "/logs/{log}/lines", "Some lines of a log", "from count",
          "", "Lines"},
    Route{Call::search_log, "GET", ATTEMPT "/logs/{log}/search", "Lines of a log that hold a text",
          "q from", "", "Hits"},
    Route{Call::show_survey, "GET", BISECTION "/survey",
          "The range as a line: what each step left, and how likely the culprit is where; an older "
          "one (or 409) when it is not drawn within wait seconds",
          "wait", "", "Survey"},
    Route{Call::show_report, "GET", BISECTION "/report",
          "The mail for the maintainers, as text or (format json) in its parts", "symptom format",
          "", "text/plain"},
    Route{Call::show_git_log, "GET", BISECTION "/git-log", "In the format of git bisect log",
          "symptom", "", "text/plain"},
    Route{Call::show_diff, "GET", BISECTION "/commits/{commit}/diff", "What a commit changed", "",
          "", "text/plain"},
    Route{Call::pause, "POST", BISECTION "/pause", "Pause it", "", "", "Changed"},
    Route{Call::resume, "POST", BISECTION "/resume", "Let it go on", "", "", "Changed"},
    Route{Call::cancel, "POST", BISECTION "/cancel", "End it", "", "", "Changed"},
    Route{Call::judge, "POST", BISECTION "/judge", "A person's verdict of a commit", "",
          "JudgeRequest", "Judged"},
    Route{Call::list_boards, "GET", "/api/v1/boards", "Boards", "", "", "BoardList"},
    Route{Call::show_board, "GET", "/api/v1/boards/{board}", "One board, and what happened to it",
          "", "", "BoardDetail"},
    Route{Call::show_console, "GET", "/api/v1/boards/{board}/console",
          "Its console as it was captured; takes Range as well", "offset limit tail", "",
          "text/plain"},
    Route{Call::return_board, "POST", "/api/v1/boards/{board}/return",
          "A person looked after the parked board", "", "", "Returned"},
    Route{Call::list_recipes, "GET", "/api/v1/recipes", "Recipes, the wrong ones with their error",
          "", "", "RecipeList"},
    Route{Call::show_recipe, "GET", "/api/v1/recipes/{recipe}", "One recipe", "", "", "Recipe"},
    Route{Call::list_artefacts, "GET", "/api/v1/artefacts",
          "Finished builds in the store, and the compiler cache", "", "", "Artefacts"},
    Route{Call::doctor, "POST", "/api/v1/doctor", "Look whether a start would work", "",
          "StartRequest", "Findings"},
    Route{Call::events, "GET", "/api/v1/events", "Server-sent events; resumes by Last-Event-ID",
          "bisection after", "", "text/event-stream"},
    Route{Call::describe_api, "GET", "/api/v1/openapi.json", "This description", "", "", "Any"},
    Route{Call::healthz, "GET", "/healthz", "Whether it lives", "", "", "text/plain"},
    Route{Call::healthz, "GET", "/api/v1/healthz", "The same", "", "", "text/plain"},
    Route{Call::metrics, "GET", "/metrics", "For Prometheus", "", "", "text/plain"},
};

#undef ATTEMPT
#undef BISECTION

/// Errors: nothing when the path is none of the route's.
std::optional<std::map<std::string, std::string>> parts_of(const Route& route,
                                                           const std::vector<std::string>& path) {
    std::map<std::string, std::string> parts;
    std::string_view rest = route.path;
    for (const std::string& segment : path) {
        if (rest.empty()) return std::nullopt;
        rest.remove_prefix(1);
        const std::string_view wanted = rest.substr(0, rest.find('/'));
        rest.remove_prefix(wanted.size());
        if (wanted.starts_with('{'))
            parts[std::string(wanted.substr(1, wanted.size() - 2))] = segment;
        else if (wanted != segment)
            return std::nullopt;
    }
    if (!rest.empty()) return std::nullopt;
    return parts;
}

}  // namespace

std::span<const Route> api_routes() {
    return table;
}

Match match_route(std::string_view method, const std::vector<std::string>& path) {
    Match match;
    for (const Route& route : table) {
        auto parts = parts_of(route, path);
        if (!parts) continue;
        match.allowed += (match.allowed.empty() ? "" : ", ") + std::string(route.method);
        if (route.method != method && !(method == "HEAD" && route.method == "GET")) continue;
        match.route = &route;
        match.parts = std::move(*parts);
    }
    return match;
}

}  // namespace bisectd::http
