#include "adapters/http/api_description.hpp"

#include <boost/json.hpp>
#include <map>

#include "adapters/http/api_routes.hpp"
#include "adapters/http/api_views.hpp"
#include "adapters/json/schema.hpp"
#include "core/request.hpp"

namespace bisectd::http {
namespace {

namespace json = boost::json;

json::object schemas() {
    json::object all;
    all["BisectionList"] = schema_of<BisectionListView>();
    all["Bisection"] = schema_of<BisectionView>();
    all["StepList"] = schema_of<StepListView>();
    all["Step"] = schema_of<StepView>();
    all["AttemptDetail"] = schema_of<AttemptDetailView>();
    all["RunList"] = schema_of<RunListView>();
    all["Lines"] = schema_of<LinesView>();
    all["Hits"] = schema_of<HitsView>();
    all["Survey"] = schema_of<Survey>();
    all["Started"] = schema_of<StartedView>();
    all["Changed"] = schema_of<ChangedView>();
    all["Judged"] = schema_of<JudgedView>();
    all["BoardList"] = schema_of<BoardListView>();
    all["BoardDetail"] = schema_of<BoardDetailView>();
    all["Returned"] = schema_of<ReturnedView>();
    all["RecipeList"] = schema_of<RecipeListView>();
    all["Recipe"] = schema_of<RecipeView>();
    all["Artefacts"] = schema_of<ArtefactsView>();
    all["Findings"] = schema_of<FindingsView>();
    all["Problem"] = schema_of<ProblemView>();
    all["Any"] = json::object{{"type", "object"}};
    // Of a body every part may be left out; what is needed is said in docs/api.md.
    for (auto& [name, schema] : {std::pair{"StartRequest", schema_of<StartRequest>()},
                                 std::pair{"JudgeRequest", schema_of<JudgeBody>()}}) {
        json::object body = schema;
        body.erase("required");
        all[name] = std::move(body);
    }
    return all;
}

std::string_view described(std::string_view name) {
    static const std::map<std::string_view, std::string_view> words{
        {"id", "Number of a bisection"},
        {"step", "Number of a step, from 1"},
        {"attempt", "Number of an attempt of the step, from 1"},
        {"log", "build, console or runs"},
        {"commit", "A full commit id"},
        {"board", "Name of a board"},
        {"recipe", "Name of a recipe"},
        {"q", "A text to be found"},
        {"state", "An activity or an ending"},
        {"symptom", "The symptom that is reported; usually the first one with a result"},
        {"format", "text or json"},
        {"sort", "id, begun, last, state, suspects or board; with - in front: from the end"},
        {"limit", "At most so many (bytes, of a log)"},
        {"after", "Those after this one: its number (of events: seq)"},
        {"offset", "Begin at this byte"},
        {"tail", "The last so many bytes"},
        {"from", "Begin at this line, from 1"},
        {"count", "So many lines"},
        {"wait", "At most so many seconds, 0 to 30"},
        {"bisection", "Only events of this one and of its boards"},
    };
    return words.at(name);
}

bool is_number(std::string_view name) {
    return name != "log" && name != "commit" && name != "board" && name != "recipe" &&
           name != "q" && name != "state" && name != "sort" && name != "symptom" &&
           name != "format";
}

json::object parameter(std::string_view name, std::string_view in) {
    json::object schema{{"type", is_number(name) ? "integer" : "string"}};
    if (is_number(name)) schema["minimum"] = 0;
    if (name == "log") schema["enum"] = json::array{"build", "console", "runs"};
    return {{"name", name},
            {"in", in},
            {"required", in == "path"},
            {"description", described(name)},
            {"schema", std::move(schema)}};
}

json::array parameters(const Route& route) {
    json::array all;
    std::string_view rest = route.path;
    for (std::size_t open; (open = rest.find('{')) != std::string_view::npos;) {
        const std::size_t close = rest.find('}');
        all.push_back(parameter(rest.substr(open + 1, close - open - 1), "path"));
        rest.remove_prefix(close + 1);
    }
    for (std::string_view names = route.query; !names.empty();) {
        const std::string_view name = names.substr(0, names.find(' '));
        all.push_back(parameter(name, "query"));
        names.remove_prefix(std::min(names.size(), name.size() + 1));
    }
    return all;
}

json::object content(std::string_view type, std::string_view schema_name) {
    json::object schema{{"type", "string"}};
    if (!schema_name.empty())
        schema = {{"$ref", "#/components/schemas/" + std::string(schema_name)}};
    return {{type, {{"schema", std::move(schema)}}}};
}

json::object operation(const Route& route) {
    json::object out{{"summary", route.summary}};
    json::array taken = parameters(route);
    if (!taken.empty()) out["parameters"] = std::move(taken);
    if (!route.body.empty())
        out["requestBody"] = {{"required", true},
                              {"content", content("application/json", route.body)}};
    const bool text = route.answer.starts_with("text/");
    json::object good{{"description", route.summary}};
    good["content"] = text ? content(route.answer, "") : content("application/json", route.answer);
    json::object problem{{"description", "What is wrong, and what to do"}};
    problem["content"] = content("application/problem+json", "Problem");
    json::object answers;
    answers[std::to_string(route.status)] = std::move(good);
    answers["default"] = std::move(problem);
    out["responses"] = std::move(answers);
    if (route.method == "POST")
        out["security"] = json::array{json::object{{"token", json::array{}}}};
    return out;
}

std::string made() {
    json::object paths;
    for (const Route& route : api_routes()) {
        json::value& path = paths[route.path];
        if (!path.is_object()) path.emplace_object();
        path.get_object()[route.method == "GET" ? "get" : "post"] = operation(route);
    }
    json::object document{{"openapi", "3.1.0"}};
    document["info"] = {{"title", "bisectd"},
                        {"version", "1"},
                        {"description",
                         "Finds the commit that broke a kernel, on real boards. The words are "
                         "explained in docs/api.md. Over the unix socket no token is needed."},
                        {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}};
    document["servers"] = json::array{json::object{{"url", "http://127.0.0.1:8017"}}};
    document["paths"] = std::move(paths);
    document["components"] = {{"schemas", schemas()},
                              {"securitySchemes",
                               {{"token",
                                 {{"type", "http"},
                                  {"scheme", "bearer"},
                                  {"description", "What `bisectd --new-token` gave"}}}}}};
    return json::serialize(document);
}

}  // namespace

const std::string& api_description() {
    static const std::string text = made();
    return text;
}

}  // namespace bisectd::http
