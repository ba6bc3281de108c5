#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/adapters/http/test_server.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
namespace json = boost::json;

namespace {

json::object get(const TestServer& server, const std::string& target) {
    const std::string answer = over_unix(server, request_text("GET", target));
    CHECK(status_of(answer) == 200);
    CHECK_THAT(answer, Contains("Content-Type: application/json\r\n"));
    CHECK_THAT(answer, Contains("Cache-Control: private, no-cache\r\n") && Contains("ETag: \""));
    CHECK_THAT(answer, Contains("X-Content-Type-Options: nosniff\r\n"));
    CHECK_THAT(answer, !Contains("Access-Control-Allow"));
    return json::parse(body_of(answer)).as_object();
}

std::string post(const TestServer& server, const std::string& target, const std::string& body,
                 const std::string& type = "application/json") {
    return over_unix(server, request_text("POST", target, "Content-Type: " + type + "\r\n", body));
}

json::object problem_of(const std::string& answer) {
    CHECK_THAT(answer, Contains("Content-Type: application/problem+json\r\n"));
    return json::parse(body_of(answer)).as_object();
}

const std::string wish = R"({"repository": "/home/kim/linux", "good": ["v6.0"], "bad": "v6.1",
    "recipe": "brk", "board": "vb1", "first_parent": true, "paths": ["mm"]})";

}  // namespace

TEST_CASE("api: the list and one bisection say what was asked and what was found", "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(ended_bisection(1));
        control.add(running_bisection(2));
        control.now = {"build", 12, 100, "mm/mmap.o"};
    });
    const json::object list = get(server, "/api/v1/bisections");
    REQUIRE(list.at("bisections").as_array().size() == 2);
    CHECK(list.at("bisections").at(0).at("ended").at("ending") == "culprit");
    CHECK(list.at("bisections").at(1).at("suspects") == 3379);
    const json::object one = get(server, "/api/v1/bisections/1");
    CHECK(one.at("requested").at("request").at("bad") == "v6.1");
    CHECK(one.at("range").at("suspects") == 13524);
    CHECK(one.at("steps").as_array().size() == 18);
    const json::value& attempt = one.at("steps").at(3).at("attempts").at(1);
    CHECK(attempt.at("built").at("build_id") == "3f2a91c07be455d0aa10c3d2");
    CHECK(attempt.at("looks").at("clean") == 16);
    CHECK(one.at("proof").as_array().size() == 2);
    CHECK(one.at("proof").at(0).at("verdict") == "bad");
    CHECK(one.at("proof").at(0).at("rebuild") == "identical");
    CHECK(one.at("progress").at("what") == "");
    CHECK(get(server, "/api/v1/bisections/2").at("progress").at("done") == 12);
}

TEST_CASE("api: hostile text in a subject stays text", "[adapters]") {
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); });
    const std::string answer = over_unix(server, request_text("GET", "/api/v1/bisections/1"));
    CHECK_THAT(answer, !Contains("\x1b"));
    const json::value state = json::parse(body_of(answer));
    const std::string subject(state.at("steps").at(5).at("subject").as_string());
    CHECK_THAT(subject, StartsWith("<script>alert(1)</script> \"quoted\""));
    CHECK_THAT(subject, Contains("\xEF\xBF\xBD"));
}

TEST_CASE("api: a start hands over exactly what was asked", "[adapters]") {
    TestServer server;
    const std::string answer = post(server, "/api/v1/bisections", wish);
    CHECK(status_of(answer) == 201);
    CHECK_THAT(answer, Contains("Location: /api/v1/bisections/1\r\n"));
    server.with([](FakeControl& control) {
        REQUIRE(control.last_start);
        CHECK(control.last_start->repository == "/home/kim/linux");
        CHECK(control.last_start->good == std::vector<std::string>{"v6.0"});
        CHECK(control.last_start->first_parent);
        CHECK(control.last_start->paths == std::vector<std::string>{"mm"});
    });
}

TEST_CASE("api: a wrong start says which part is wrong, and starts nothing", "[adapters]") {
    struct Wrong {
        std::string part, body;
    };
    const std::vector<Wrong> table = {
        {"body", "no json"},
        {"body", "[]"},
        {"body", std::string(100, '[')},
        {"bad", R"({"repository":"/r","good":["a"],"recipe":"x","board":"b"})"},
        {"good", R"({"repository":"/r","bad":"a","recipe":"x","board":"b"})"},
        {"good", R"({"repository":"/r","good":[""],"bad":"a","recipe":"x","board":"b"})"},
        {"repository", R"({"repository":"r","good":["a"],"bad":"a","recipe":"x","board":"b"})"},
        {"bad",
         R"({"repository":"/r","good":["a"],"bad":"--upload-pack=x","recipe":"x","board":"b"})"},
        {"good", R"({"repository":"/r","good":["a\u001b"],"bad":"a","recipe":"x","board":"b"})"},
        {"body", R"({"repository":"/r","good":"a","bad":"a","recipe":"x","board":"b"})"},
        {"body", R"({"repositry":"/r","good":["a"],"bad":"a","recipe":"x","board":"b"})"},
        {"body", R"({"repository":7,"good":["a"],"bad":"a","recipe":"x","board":"b"})"}};
    TestServer server;
    for (const Wrong& wrong : table) {
        const std::string answer = post(server, "/api/v1/bisections", wrong.body);
        INFO(wrong.body);
        CHECK(status_of(answer) == 400);
        CHECK(problem_of(answer).at("where").as_string() == std::string_view(wrong.part));
    }
    CHECK(status_of(post(server, "/api/v1/bisections", wish, "text/plain")) == 415);
    CHECK(status_of(post(server, "/api/v1/bisections", wish,
                         "application/x-www-form-urlencoded")) == 415);
    server.with([](FakeControl& control) { CHECK(control.asked.empty()); });
}

TEST_CASE("api: the daemon's no keeps its words and gets the right status", "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        control.board_list = {{"vb1", "rpi4", 0, "free", "", ""}};
    });
    const auto refuse = [&server](ErrorKind kind) {
        server.with([kind](FakeControl& control) {
            control.refusal = Error{kind, "good v6.0", "it is no ancestor of v6.1 " + hostile};
        });
    };
    refuse(ErrorKind::request);
    const std::string answer = post(server, "/api/v1/bisections", wish);
    CHECK(status_of(answer) == 422);
    CHECK(problem_of(answer).at("where") == "good v6.0");
    CHECK_THAT(std::string(problem_of(answer).at("detail").as_string()),
               StartsWith("it is no ancestor of v6.1"));
    CHECK(status_of(post(server, "/api/v1/bisections/1/resume", "")) == 409);
    CHECK(status_of(post(server, "/api/v1/boards/vb1/return", "")) == 409);
    refuse(ErrorKind::infrastructure);
    CHECK(status_of(post(server, "/api/v1/bisections", wish)) == 503);
    refuse(ErrorKind::bug);
    CHECK(status_of(post(server, "/api/v1/bisections/1/cancel", "")) == 500);
}

TEST_CASE("api: what does not exist is 404, what is not allowed is 405", "[adapters]") {
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); });
    for (const char* target :
         {"/api/v1/bisections/7", "/api/v1/bisections/x", "/api/v1/bisections/-1",
          "/api/v1/bisections/18446744073709551617", "/api/v1/bisections/1/what", "/api/v1",
          "/api/v1/nothing", "/api/v1/bisections/1/steps/1/attempts/1/logs",
          "/api/v1/bisections/1/steps/1/attempts/1/logs/secret",
          "/api/v1/bisections/1/steps/9/attempts/1/logs/build"}) {
        INFO(target);
        CHECK(status_of(over_unix(server, request_text("GET", target))) == 404);
    }
    CHECK(status_of(post(server, "/api/v1/boards/none/return", "")) == 404);
    CHECK(status_of(post(server, "/api/v1/recipes", "")) == 405);
    CHECK(status_of(post(server, "/", "")) == 405);
    const std::string answer =
        over_unix(server, request_text("GET", "/api/v1/bisections/1/cancel"));
    CHECK(status_of(answer) == 405);
    CHECK_THAT(answer, Contains("Allow: POST\r\n"));
    CHECK(status_of(over_unix(server, request_text("DELETE", "/api/v1/bisections/1"))) == 405);
}

TEST_CASE("api: pause, resume, cancel and a returned board reach the daemon", "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        control.board_list = {{"vb 1", "rpi4", 0, "parked", "power?", "/secret/path"}};
    });
    const std::string paused = post(server, "/api/v1/bisections/1/pause", "");
    CHECK(json::parse(body_of(paused)).at("activity") == "paused");
    post(server, "/api/v1/bisections/1/resume", "");
    post(server, "/api/v1/bisections/1/cancel", "");
    CHECK(status_of(post(server, "/api/v1/boards/vb%201/return", "")) == 200);
    server.with([](FakeControl& control) {
        CHECK(control.asked ==
              std::vector<std::string>{"pause 1", "resume 1", "cancel 1", "return vb 1"});
    });
    const json::object boards = get(server, "/api/v1/boards");
    CHECK(boards.at("boards").at(0).at("ask") == "power?");
    CHECK_THAT(json::serialize(boards), !Contains("secret"));
}

TEST_CASE("api: recipes, doctor, git log and health", "[adapters]") {
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); });
    const json::object recipes = get(server, "/api/v1/recipes");
    CHECK(recipes.at("recipes").at(0).at("name") == "brk-static-pie");
    CHECK_THAT(std::string(recipes.at("recipes").at(1).at("error").as_string()),
               Contains("recipe.toml:3:1"));
    const std::string doctor = post(server, "/api/v1/doctor", R"({"board": "vb1"})");
    CHECK(json::parse(body_of(doctor)).at("good") == false);
    CHECK(json::parse(body_of(doctor)).at("findings").at(0).at("good") == true);
    const std::string log = over_unix(server, request_text("GET", "/api/v1/bisections/1/git-log"));
    CHECK_THAT(log, Contains("Content-Type: text/plain; charset=utf-8\r\n"));
    CHECK_THAT(body_of(log), StartsWith("git bisect start\n"));
    CHECK(body_of(over_unix(server, request_text("GET", "/healthz"))) == "ok\n");
    CHECK(body_of(over_unix(server, request_text("GET", "/api/v1/healthz"))) == "ok\n");
}

TEST_CASE("api: logs are served whole, in parts and from the end", "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        std::ofstream(control.log_folder + "/build") << "0123456789";
        std::ofstream(control.log_folder + "/runs") << std::string(300'000, 'x') << "end";
        std::filesystem::create_symlink("/etc/passwd", control.log_folder + "/console");
    });
    const std::string base = "/api/v1/bisections/1/steps/1/attempts/1/logs/";
    const auto part = [&](const std::string& query, const std::string& range = "") {
        const std::string headers = range.empty() ? "" : "Range: " + range + "\r\n";
        return over_unix(server, request_text("GET", base + "build" + query, headers));
    };
    CHECK(body_of(part("")) == "0123456789");
    CHECK_THAT(part(""), Contains("X-Log-Size: 10\r\n") && Contains("nosniff"));
    CHECK(body_of(part("?offset=3&limit=4")) == "3456");
    CHECK(body_of(part("?offset=99")).empty());
    CHECK(body_of(part("?tail=3")) == "789");
    CHECK(status_of(part("?tail=-3")) == 400);
    CHECK(status_of(part("?offset=x")) == 400);
    const std::string middle = part("", "bytes=2-4");
    CHECK(status_of(middle) == 206);
    CHECK_THAT(middle, Contains("Content-Range: bytes 2-4/10\r\n"));
    CHECK(body_of(middle) == "234");
    CHECK(body_of(part("", "bytes=-2")) == "89");
    CHECK(body_of(part("", "bytes=8-")) == "89");
    CHECK(status_of(part("", "bytes=10-")) == 416);
    CHECK(status_of(part("", "bytes=5-2")) == 200);
    CHECK(status_of(part("", "lines=1-2")) == 200);
    const std::string runs = body_of(over_unix(server, request_text("GET", base + "runs")));
    CHECK(runs.size() == 300'003);
    CHECK_THAT(runs.substr(300'000), Contains("end"));
    CHECK(status_of(over_unix(server, request_text("GET", base + "console"))) == 404);
}
