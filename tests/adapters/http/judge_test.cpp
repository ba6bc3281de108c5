#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "adapters/json/sentences.hpp"
#include "tests/adapters/http/test_server.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;
namespace json = boost::json;

namespace {

std::string post(const TestServer& server, const std::string& target, const std::string& body) {
    return over_unix(server,
                     request_text("POST", target, "Content-Type: application/json\r\n", body));
}

std::string start_with(const std::string& parts,
                       const std::string& ends = R"("good": ["v6.0"], "bad": "v6.1", )") {
    return R"({"repository": "/home/kim/linux", "recipe": "brk", "board": "vb1", )" + ends + parts +
           "}";
}

std::string detail_of(const std::string& answer) {
    const json::object problem = json::parse(body_of(answer)).as_object();
    return std::string(problem.at("where").as_string()) + ": " +
           std::string(problem.at("detail").as_string());
}

/// Every kind of event that stands beside the steps, with hostile texts.
void tell_all(FakeControl& control, BisectionId id) {
    control.happen(id, CommitJudged{commit_of('3'), "", Verdict::good, false, hostile});
    control.happen(id, CommitJudged{commit_of('3'), "", Verdict::bad, false, hostile});
    control.happen(id, CommitJudged{commit_of('5'), "segfault", Verdict::skip, true, ""});
    control.happen(id, Estimated{"start", 90'000, 20, 9'999, 0.1, 30});
    control.happen(id, Estimated{"calibrated", 12'000, 10.6, 2'400, 0.002, 1'500});
    control.happen(id, BuildAheadStarted{1, commit_of('6'), hostile});
    control.happen(id, BuildAheadStarted{2, commit_of('8'), hostile});
    control.happen(id,
                   BuildAheadEnded{1, commit_of('6'), Outcome::good_looking, "key", false, 60, ""});
    control.happen(id, BoardQuarantined{"vb2", hostile});
    control.happen(id, ContradictionFound{commit_of('1'), commit_of('2'), "segfault", hostile});
}

}  // namespace

TEST_CASE("judge: what a person says reaches the daemon as it was said", "[adapters]") {
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); });
    const std::string answer = post(
        server, "/api/v1/bisections/1/judge",
        R"({"commit": "v6.0-rc3~2", "verdict": "bad", "symptom": "segfault", "why": "saw it"})");
    CHECK(status_of(answer) == 200);
    CHECK(json::parse(body_of(answer)).at("commit") == json::value(commit_of('7').hex()));
    server.with([](FakeControl& control) {
        CHECK(control.asked == std::vector<std::string>{"judge 1"});
        REQUIRE(control.last_judgement);
        CHECK(control.last_judgement->commit == "v6.0-rc3~2");
        CHECK(control.last_judgement->symptom == "segfault");
        CHECK(control.last_judgement->verdict == Verdict::bad);
        CHECK_FALSE(control.last_judgement->withdrawn);
        CHECK(control.last_judgement->why == "saw it");
    });
    CHECK(status_of(post(server, "/api/v1/bisections/1/judge",
                         R"({"commit": "v6.0", "verdict": "withdraw"})")) == 200);
    server.with([](FakeControl& control) { CHECK(control.last_judgement->withdrawn); });
}

TEST_CASE("judge: what is wrong is refused with the part, and does not reach the daemon",
          "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        control.add(ended_bisection(2));
    });
    const std::string target = "/api/v1/bisections/1/judge";
    const std::string longer(5000, 'x');
    for (const auto& [body, says] : std::vector<std::pair<std::string, std::string>>{
             {"[]", "body: it must be one JSON object"},
             {R"({"commit": "v6.0"})", "verdict: \"\" is none; use good, bad, skip or withdraw"},
             {R"({"commit": "v6.0", "verdict": "uncertain"})", "verdict: \"uncertain\" is none"},
             {R"({"verdict": "good"})", "commit: it is missing"},
             {R"({"commit": "--all", "verdict": "good"})", "commit: \"--all\" begins with"},
             {R"({"commit": "v6\n", "verdict": "good"})", "commit: it holds a control character"},
             {R"({"commit": ")" + longer + R"(", "verdict": "good"})", "commit: it is longer"},
             {R"({"commit": "v6", "verdict": "good", "why": ")" + longer + "\"}",
              "why: it is longer than 4096 bytes"},
             {R"({"commit": "v6", "verdict": "good", "whi": ""})", "unknown part \"whi\""},
             {R"({"commit": 6, "verdict": "good"})", "commit must be a text"}}) {
        INFO(body);
        const std::string answer = post(server, target, body);
        CHECK(status_of(answer) == 400);
        CHECK_THAT(detail_of(answer), Contains(says));
    }
    const std::string good = R"({"commit": "v6", "verdict": "good"})";
    const std::string ended = post(server, "/api/v1/bisections/2/judge", good);
    CHECK(status_of(ended) == 409);
    CHECK_THAT(detail_of(ended), Contains("bisection 2: it has ended"));
    CHECK(status_of(post(server, "/api/v1/bisections/9/judge", good)) == 404);
    CHECK(status_of(over_unix(server, request_text("GET", target))) == 405);
    CHECK(status_of(over_unix(server, request_text("POST", target, "", good))) == 415);
    server.with([](FakeControl& control) { CHECK(control.asked.empty()); });
}

TEST_CASE("judge: a start hands over boards, hints, what was seen, and a log", "[adapters]") {
    TestServer server;
    REQUIRE(status_of(post(
                server, "/api/v1/bisections",
                start_with(R"("more_boards": ["vb2"], "hints": ["abcdef12"], "seen_failures": 3,
                    "seen_runs": 2400, "trust_ends": true, "confidence": 0.99)"))) == 201);
    server.with([](FakeControl& control) {
        const StartRequest& wish = *control.last_start;
        CHECK(wish.boards() == std::vector<std::string>{"vb1", "vb2"});
        CHECK(wish.hints == std::vector<std::string>{"abcdef12"});
        CHECK(wish.seen_failures == 3);
        CHECK(wish.seen_runs == 2400);
        CHECK(wish.trust_ends);
        CHECK(wish.confidence == 0.99);
    });
    REQUIRE(status_of(post(server, "/api/v1/bisections",
                           start_with(R"("replay": "git bisect start\nv2 v1\n")", ""))) == 201);
    server.with([](FakeControl& control) {
        CHECK(control.last_start->replay == "git bisect start\nv2 v1\n");
        CHECK(control.last_start->confidence == 0.95);
    });
}

TEST_CASE("judge: wrong options of a start are refused", "[adapters]") {
    TestServer server;
    const std::string log = "\"" + std::string(210'000, 'x') + "\"";
    for (const auto& [parts, says] : std::vector<std::pair<std::string, std::string>>{
             {R"("more_boards": ["-x"])", "more_boards: \"-x\" begins with"},
             {R"("more_boards": [""])", "more_boards: one of them is empty"},
             {R"("more_boards": "vb2")", "more_boards must be a list"},
             {R"("hints": ["--all"])", "hints: \"--all\" begins with"},
             {R"("hints": [""])", "hints: one of them is empty"},
             {R"("seen_failures": 5, "seen_runs": 3)", "seen_failures: 5 failures in 3 runs"},
             {R"("seen_failures": 0, "seen_runs": 3)", "no failure in all those runs"},
             {R"("seen_failures": 1)", "1 failures in 0 runs"},
             {R"("seen_failures": -1)", "a whole number"},
             {R"("seen_failures": 1, "seen_runs": 99999999999999)", "seen_runs: at most"},
             {R"("confidence": 0.4)", "confidence: 0.4 is not from 0.5 to 0.9999"},
             {R"("confidence": 1)", "confidence: 1 is not from"},
             {R"("confidence": "high")", "confidence must be a number"},
             {R"("trust_ends": 1)", "trust_ends must be true or false"},
             {R"("replay": "git bisect start")", "replay: the log gives the bad end"},
             {R"("replay": )" + log, "replay: it is longer than 200 KiB"}}) {
        INFO(parts.substr(0, 100));
        const std::string answer = post(server, "/api/v1/bisections", start_with(parts));
        CHECK(status_of(answer) == 400);
        CHECK_THAT(detail_of(answer), Contains(says));
    }
    server.with([](FakeControl& control) { CHECK(control.asked.empty()); });
}

TEST_CASE("judge: the API tells what stands beside the steps", "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        tell_all(control, 1);
        control.add(running_bisection(2));
    });
    const json::object state =
        json::parse(body_of(over_unix(server, request_text("GET", "/api/v1/bisections/1"))))
            .as_object();
    REQUIRE(state.at("judged").as_array().size() == 2);
    CHECK(state.at("judged").at(0).at("verdict") == "bad");
    CHECK(state.at("judged").at(1).at("withdrawn") == true);
    CHECK(state.at("estimate").at("when") == "calibrated");
    REQUIRE(state.at("building_ahead").as_array().size() == 1);
    CHECK(state.at("building_ahead").at(0).at("build") == 2);
    CHECK(state.at("built_ahead") == 1);
    CHECK(state.at("quarantined").at(0).at("board") == "vb2");
    CHECK(state.at("contradictions").as_array().size() == 1);
    CHECK(json::serialize(state.at("boards")) == "[\"vb1\"]");
    const json::object other =
        json::parse(body_of(over_unix(server, request_text("GET", "/api/v1/bisections/2"))))
            .as_object();
    CHECK(other.at("judged").as_array().empty());
    CHECK(other.at("estimate").is_null());
}

TEST_CASE("judge: the page tells what stands beside the steps, escaped", "[adapters]") {
    TestServer server([](FakeControl& control) {
        BisectionState state = running_bisection(1);
        state.requested->request.more_boards = {"vb2", hostile};
        state.requested->request.hints = {commit_of('6').hex(), hostile};
        state.requested->request.seen_failures = 3;
        state.requested->request.seen_runs = 2400;
        state.requested->request.trust_ends = true;
        state.steps[2].verdict->bad_probability = 0.997;
        control.add(state);
        tell_all(control, 1);
    });
    for (const char* target : {"/", "/bisections/1"}) {
        const std::string page = over_tcp(server, request_text("GET", target));
        CHECK_THAT(page,
                   !Contains("<script>alert") && !Contains("\x1b") && !Contains("\"quoted\""));
        CHECK_THAT(page, Contains("vb1, vb2"));
    }
    const std::string page = over_tcp(server, request_text("GET", "/bisections/1"));
    for (const char* fact :
         {"<dt>Boards</dt>", "<dt>Hints</dt><dd>666666666666, &lt;script",
          "3 failures in 2,400 runs", "95 %, ends trusted", "99.7 %",
          "Expected: 3 h 20 min, 11 commits, 2,400 runs",
          "Being built ahead: <code>888888888888</code>", "1 commit built ahead",
          "board vb2 is not used any more", "contradiction: 111111111111 was bad",
          "<h2>Said by people</h2>", "withdrawn</span>", "(segfault)"}) {
        INFO(fact);
        CHECK_THAT(page, Contains(fact));
    }
}

TEST_CASE("judge: a replayed log does not push incidents off the page", "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        control.happen(1, Noted{"an important note"});
        for (int i = 0; i < 6000; ++i)
            control.happen(1, CommitJudged{commit_of('5'), std::to_string(i), Verdict::good, false,
                                           "git bisect log"});
    });
    const std::string page = over_tcp(server, request_text("GET", "/bisections/1"));
    CHECK_THAT(page, Contains("an important note"));
    CHECK_THAT(page, Contains("and 5900 more"));
}

TEST_CASE("judge: how sure a verdict is, is never rounded up to certainty", "[adapters]") {
    CHECK(probability_text("bad", 0.997) == "99.7 %");
    CHECK(probability_text("good", 0.003) == "99.7 %");
    CHECK(probability_text("bad", 0.99999) == "over 99.9 %");
    CHECK(probability_text("bad", 1) == "over 99.9 %");
    CHECK(probability_text("uncertain", 0.62) == "bad with 62.0 %");
    CHECK(probability_text("skip", 0.5).empty());
    CHECK(probability_text("bad", -1).empty());
    CHECK(probability_text("bad", 7).empty());
}
