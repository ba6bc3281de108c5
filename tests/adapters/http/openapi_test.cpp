#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "adapters/http/api_description.hpp"
#include "tests/adapters/http/json_shape.hpp"
#include "tests/adapters/http/test_server.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;
namespace json = boost::json;

namespace {

json::object description() {
    return json::parse(http::api_description()).as_object();
}

/// Everything that the API can show is there.
void fill(FakeControl& control) {
    control.add(ended_bisection(1));
    control.add(running_bisection(2));
    control.now = {"build", 12, 100, hostile};
    control.board_list = {{"vb1", "rpi4", 2, "leased", "", control.log_folder + "/console"}};
    control.happen(2, Estimated{"start", 12000, 11, 2400, 0.001, 3000});
    control.happen(2, CommitJudged{commit_of('5'), "", Verdict::good, false, hostile});
    control.happen(2, BuildAheadStarted{1, commit_of('6'), hostile});
    control.happen(2, PriorWeighed{"file", "sha", 10, 5});
    control.happen(2, BoardQuarantined{"vb2", hostile});
    control.happen(2, ContradictionFound{commit_of('1'), commit_of('2'), "segfault", "why"});
    control.happen(1, AttemptStarted{1, 1, "vb1"});
    control.happen(
        1, RunsRecorded{1, 1, {{1, Look::hit, 1, 0, 20}, {2, Look::clean, 0, 0, 30}}, "batch"});
    control.survey_drawn.commits = 2;
    control.survey_drawn.steps = {{1, 0.5, {100, 100}}, {0, 1, {0, 100}}};
    control.survey_drawn.probability = {0.1, 0.9};
    control.survey_drawn.around = {{commit_of('d'), hostile, {commit_of('e')}, 0.9, "bad", 1, true},
                                   {commit_of('e'), hostile, {}, 0.1, "", 0, false}};
    control.survey_drawn.likely = control.survey_drawn.around;
    for (const char* name : {"build", "console", "runs"})
        std::ofstream(control.log_folder + "/" + name) << "one\ntwo error\nthree";
}

/// A path of the document with something that is there in each of its places.
std::string example_of(std::string path, const std::string& method) {
    for (const auto& [name, text] :
         {std::pair{"{id}", std::string(method == "GET" ? "1" : "2")},
          std::pair{"{step}", std::string("1")}, std::pair{"{attempt}", std::string("1")},
          std::pair{"{log}", std::string("build")}, std::pair{"{commit}", commit_of('d').hex()},
          std::pair{"{board}", std::string("vb1")},
          std::pair{"{recipe}", std::string("brk-static-pie")}})
        if (const std::size_t at = path.find(name); at != std::string::npos)
            path.replace(at, std::string_view(name).size(), text);
    return path.ends_with("/search") ? path + "?q=ERROR" : path;
}

std::string body_for(std::string_view path) {
    if (path.ends_with("/judge")) return R"({"commit": "v6.0", "verdict": "good"})";
    if (path.ends_with("/bisections") || path.ends_with("/doctor"))
        return R"({"repository": "/r", "good": ["a"], "bad": "b", "recipe": "x", "board": "vb1"})";
    return "";
}

}  // namespace

TEST_CASE("openapi: the document is well made", "[adapters]") {
    const json::object document = description();
    CHECK(document.at("openapi") == "3.1.0");
    const json::object& schemas = document.at("components").at("schemas").as_object();
    std::set<std::string> used;
    const std::string text = json::serialize(document);
    for (std::size_t at = 0; (at = text.find("#/components/schemas/", at)) != std::string::npos;) {
        at += std::string_view("#/components/schemas/").size();
        used.insert(text.substr(at, text.find('"', at) - at));
    }
    for (const std::string& name : used) CHECK(schemas.contains(name));
    for (const auto& schema : schemas) CHECK(used.contains(std::string(schema.key())));
    for (const auto& path : document.at("paths").as_object()) {
        INFO(path.key());
        for (const auto& operation : path.value().as_object()) {
            CHECK_FALSE(operation.value().at("summary").as_string().empty());
            CHECK(operation.value().at("responses").as_object().contains("default"));
            std::string left(path.key());
            std::set<std::string> names;
            if (const auto* parameters = operation.value().as_object().if_contains("parameters"))
                for (const json::value& parameter : parameters->as_array()) {
                    const std::string name(parameter.at("name").as_string());
                    CHECK(names.insert(name).second);
                    const std::size_t at = left.find("{" + name + "}");
                    CHECK((at != std::string::npos) == (parameter.at("in") == "path"));
                    if (at != std::string::npos) left.erase(at, name.size() + 2);
                }
            CHECK_THAT(left, !Contains("{"));
            const bool changes = operation.key() == "post";
            CHECK(operation.value().as_object().contains("security") == changes);
        }
    }
}

TEST_CASE("openapi: what is served is what is described, for every operation", "[adapters]") {
    const json::object document = description();
    for (const auto& path : document.at("paths").as_object())
        for (const auto& operation : path.value().as_object()) {
            TestServer server(fill);
            const std::string method = operation.key() == "get" ? "GET" : "POST";
            INFO(method << " " << path.key());
            if (path.key() == "/api/v1/events") continue;  // a stream: events_test
            const std::string answer = over_unix(
                server, request_text(method, example_of(std::string(path.key()), method),
                                     "Content-Type: application/json\r\n", body_for(path.key())));
            INFO(answer.substr(0, 400));
            const std::string status = std::to_string(status_of(answer));
            const json::object& responses = operation.value().at("responses").as_object();
            REQUIRE(responses.contains(status));
            const json::object& content = responses.at(status).at("content").as_object();
            const std::string type(content.begin()->key());
            CHECK_THAT(answer, Contains("Content-Type: " + type));
            if (type != "application/json") continue;
            CHECK(shape_fault(json::parse(body_of(answer)),
                              content.begin()->value().at("schema").as_object(), document) == "");
        }
}

TEST_CASE("openapi: every error has the described shape", "[adapters]") {
    const json::object document = description();
    const json::object problem{{"$ref", "#/components/schemas/Problem"}};
    TestServer server(fill);
    for (const char* target :
         {"/api/v1/nothing", "/api/v1/bisections/9", "/api/v1/bisections?limit=0",
          "/api/v1/bisections?sort=colour", "/api/v1/bisections/1/steps/99",
          "/api/v1/bisections/1/steps/1/attempts/9", "/api/v1/boards/none", "/api/v1/recipes/none",
          "/api/v1/bisections/1/steps/1/attempts/1/logs/build/lines?from=x",
          "/api/v1/bisections/1/steps/1/attempts/1/logs/build/search",
          "/api/v1/bisections/1/commits/zzz/diff"}) {
        INFO(target);
        const std::string answer = over_unix(server, request_text("GET", target));
        CHECK(status_of(answer) >= 400);
        CHECK_THAT(answer, Contains("Content-Type: application/problem+json\r\n"));
        CHECK(shape_fault(json::parse(body_of(answer)), problem, document) == "");
    }
}

TEST_CASE("openapi: the document in docs is the one that is served", "[adapters]") {
    const std::filesystem::path file =
        std::filesystem::path(BISECTD_SOURCE) / "docs" / "openapi.json";
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    boost::system::error_code error;
    const json::value kept = json::parse(text.str(), error);
    INFO(
        "to renew it: curl -s http://127.0.0.1:8017/api/v1/openapi.json | python3 -m json.tool "
        "--indent 1 > docs/openapi.json");
    REQUIRE_FALSE(error);
    CHECK(kept == json::value(description()));
}

TEST_CASE("openapi: a shape that does not fit is noticed", "[adapters]") {
    const json::object document = description();
    const json::object schema{{"$ref", "#/components/schemas/Changed"}};
    CHECK(shape_fault(json::parse(R"({"id": 1, "activity": "paused"})"), schema, document) == "");
    CHECK(shape_fault(json::parse(R"({"id": 1})"), schema, document) == "$ lacks activity");
    CHECK(shape_fault(json::parse(R"({"id": "1", "activity": "paused"})"), schema, document) ==
          "$.id is no integer");
    CHECK(shape_fault(json::parse(R"({"id": 1, "activity": "asleep"})"), schema, document) ==
          "$.activity is none of its words");
    CHECK(shape_fault(json::parse(R"({"id": 1, "activity": "paused", "x": 1})"), schema,
                      document) == "$ has the undescribed part x");
}
