#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <fstream>

#include "adapters/http/ansi.hpp"
#include "adapters/http/log_file.hpp"
#include "adapters/http/rate_limit.hpp"
#include "tests/adapters/http/test_server.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

json::object get(const TestServer& server, const std::string& target) {
    return json::parse(body_of(over_unix(server, request_text("GET", target)))).as_object();
}

std::string header(const std::string& answer, const std::string& name) {
    const std::size_t at = answer.find(name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t from = at + name.size() + 2;
    return answer.substr(from, answer.find('\r', from) - from);
}

const std::string log_address = "/api/v1/bisections/1/steps/1/attempts/1/logs/build";

}  // namespace

TEST_CASE("reading: an unchanged answer is 304, a changed one comes whole", "[adapters]") {
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); });
    for (const std::string& target :
         {std::string("/"), std::string("/bisections/1"), std::string("/api/v1/bisections"),
          std::string("/web/style.css"), std::string("/api/v1/openapi.json")}) {
        INFO(target);
        const std::string tag = header(over_tcp(server, request_text("GET", target)), "ETag");
        REQUIRE_FALSE(tag.empty());
        const std::string again =
            over_tcp(server, request_text("GET", target, "If-None-Match: " + tag + "\r\n"));
        CHECK(status_of(again) == 304);
        CHECK(body_of(again).empty());
        CHECK(header(again, "ETag") == tag);
        CHECK(status_of(over_tcp(
                  server, request_text("GET", target, "If-None-Match: \"other\"\r\n"))) == 200);
    }
    const std::string tag =
        header(over_tcp(server, request_text("GET", "/api/v1/bisections/1")), "ETag");
    server.with([](FakeControl& control) { control.pause(1); });
    CHECK(status_of(over_tcp(server, request_text("GET", "/api/v1/bisections/1",
                                                  "If-None-Match: " + tag + "\r\n"))) == 200);
}

TEST_CASE("reading: lists come in pages that lead to each other", "[adapters]") {
    TestServer server([](FakeControl& control) {
        for (BisectionId id = 1; id <= 7; ++id) control.add(running_bisection(id));
    });
    std::vector<std::int64_t> seen;
    std::string next = "/api/v1/bisections?limit=3&sort=-id";
    while (!next.empty()) {
        const json::object page = get(server, next);
        CHECK(page.at("total") == 7);
        for (const json::value& one : page.at("bisections").as_array())
            seen.push_back(one.at("id").as_int64());
        next = std::string(page.at("next").as_string());
    }
    CHECK(seen == std::vector<std::int64_t>{7, 6, 5, 4, 3, 2, 1});
    const json::object steps = get(server, "/api/v1/bisections/1/steps?limit=2&after=4");
    CHECK(steps.at("steps").as_array().size() == 2);
    CHECK(steps.at("steps").at(0).at("number") == 5);
    CHECK(steps.at("next") == "");
}

TEST_CASE("reading: a list is searched, filtered and sorted", "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(ended_bisection(1));
        BisectionState other = running_bisection(2);
        other.requested->request.title = "Strange CRASH";
        other.requested->request.board = "ia64";
        other.requested->request.recipe = "ptrace";
        control.add(other);
        control.add(running_bisection(3));
    });
    const auto ids = [&server](const std::string& query) {
        std::string out;
        for (const json::value& one :
             get(server, "/api/v1/bisections" + query).at("bisections").as_array())
            out += std::to_string(one.at("id").as_int64());
        return out;
    };
    CHECK(ids("") == "123");
    CHECK(ids("?q=crash") == "2");
    CHECK(ids("?q=strange+crash") == "2");
    CHECK(ids("?q=" + commit_of('d').hex().substr(0, 12)) == "1");
    CHECK(ids("?state=culprit") == "1");
    CHECK(ids("?state=open") == "23");
    CHECK(ids("?state=running") == "23");
    CHECK(ids("?board=ia64") == "2");
    CHECK(ids("?recipe=ptrace") == "2");
    CHECK(ids("?sort=suspects") == "123");
    CHECK(ids("?sort=-board") == "312");
    CHECK(ids("?q=nothing-like-it").empty());
}

TEST_CASE("reading: runs come with their numbers, over all batches", "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        for (std::uint64_t batch = 1; batch <= 3; ++batch) {
            RunsRecorded recorded{1, 1, {}, "b" + std::to_string(batch)};
            for (std::uint64_t run = 1; run <= 40; ++run)
                recorded.runs.push_back({run, run == 7 ? Look::hit : Look::clean, 0, 0, 5});
            control.happen(1, recorded);
        }
        control.happen(1, RunsRecorded{1, 2, {{1, Look::hit, 1, 0, 9}}, "other attempt"});
    });
    const json::object runs =
        get(server, "/api/v1/bisections/1/steps/1/attempts/1/runs?limit=10&after=45");
    CHECK(runs.at("total") == 120);
    REQUIRE(runs.at("runs").as_array().size() == 10);
    CHECK(runs.at("runs").at(0).at("number") == 46);
    CHECK(runs.at("runs").at(0).at("run") == 6);
    CHECK(runs.at("runs").at(1).at("look") == "hit");
    CHECK(runs.at("runs").at(1).at("batch") == "b2");
    CHECK_THAT(std::string(runs.at("next").as_string()), Contains("after=55"));
}

TEST_CASE("reading: any window of a long log, and what is found in it", "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        std::ofstream log(control.log_folder + "/build");
        for (int i = 1; i <= 100'000; ++i)
            log << "line " << i << (i % 25'000 == 0 ? " Error here" : "") << '\n';
        log << "an unended one";
    });
    const json::object window = get(server, log_address + "/lines?from=54321&count=3");
    CHECK(window.at("total") == 100'001);
    REQUIRE(window.at("lines").as_array().size() == 3);
    CHECK(window.at("lines").at(0) == "line 54321");
    CHECK(window.at("lines").at(2) == "line 54323");
    const json::object end = get(server, log_address + "/lines?from=100000&count=500");
    REQUIRE(end.at("lines").as_array().size() == 2);
    CHECK(end.at("lines").at(1) == "an unended one");
    CHECK(get(server, log_address + "/lines?from=100002").at("lines").as_array().empty());
    const json::object hits = get(server, log_address + "/search?q=error%20HERE");
    REQUIRE(hits.at("hits").as_array().size() == 4);
    CHECK(hits.at("hits").at(2).at("line") == 75'000);
    CHECK(hits.at("next_line") == 0);
    const json::object many = get(server, log_address + "/search?q=line&from=9");
    CHECK(many.at("hits").as_array().size() == 200);
    CHECK(many.at("next_line") == 209);
    // It grows, and then another one takes its place.
    server.with([](FakeControl& control) {
        std::ofstream(control.log_folder + "/build", std::ios::app) << " ended\nnew\n";
    });
    CHECK(get(server, log_address + "/lines?from=100001").at("lines").at(0) ==
          "an unended one ended");
    CHECK(get(server, log_address + "/lines?from=100001").at("total") == 100'002);
    server.with(
        [](FakeControl& control) { std::ofstream(control.log_folder + "/build") << "anew\n"; });
    CHECK(get(server, log_address + "/lines").at("total") == 1);
    server.with([](FakeControl& control) {
        std::ofstream(control.log_folder + "/build") << "other\nand\nlonger\n";
    });
    CHECK(get(server, log_address + "/lines").at("total") == 3);
}

TEST_CASE("reading: a line without end is cut, and an empty log has no lines", "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        std::ofstream(control.log_folder + "/build") << std::string(3'000'000, 'x');
        std::ofstream(control.log_folder + "/console") << "";
    });
    const json::object window = get(server, log_address + "/lines");
    CHECK(window.at("total") == 1);
    CHECK(window.at("lines").at(0).as_string().size() == http::longest_line_bytes);
    CHECK(get(server, "/api/v1/bisections/1/steps/1/attempts/1/logs/console/lines").at("total") ==
          0);
}

TEST_CASE("reading: colours of a console become classes, and nothing else gets through",
          "[adapters]") {
    using http::ansi_html;
    CHECK(ansi_html("plain <b>") == "plain &lt;b&gt;");
    CHECK(ansi_html("\x1b[1;31mred\x1b[0m back\r") == "<span class=\"c1 bold\">red</span> back");
    CHECK(ansi_html("\x1b[92;44mx") == "<span class=\"c10 g4\">x</span>");
    CHECK(ansi_html("\x1b[38;5;9mx\x1b[2Ky") == "xy");
    CHECK(ansi_html("\x1b]0;title\x07shown\x1b]8;;http://evil\x1b\\link") == "shownlink");
    CHECK(ansi_html("a\x1b") == "a");
    CHECK(ansi_html("\x1b[31") == "");
    CHECK_THAT(ansi_html(hostile), !Contains("<script>") && !Contains("\x1b"));
}

TEST_CASE("reading: the page of a log has it beside the last good one", "[adapters]") {
    TestServer server([](FakeControl& control) {
        BisectionState state = running_bisection(1);
        control.add(state);
        std::ofstream(control.log_folder + "/console")
            << "\x1b[31moops\x1b[0m " << hostile << "\nsecond\n";
    });
    const std::string page = over_tcp(
        server, request_text("GET", "/bisections/1/steps/1/attempts/1/logs/console?q=OOPS"));
    CHECK(status_of(page) == 200);
    CHECK_THAT(page, Contains("<span class=\"c1\">oops</span>") && Contains("id=\"L1\"") &&
                         Contains("1 line with \"OOPS\"") && !Contains("<script>alert"));
    const std::string none =
        over_tcp(server, request_text("GET", "/bisections/1/steps/1/attempts/1/logs/secret"));
    CHECK(status_of(none) == 404);
}

TEST_CASE("reading: the server starts without reading the journal", "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        for (int i = 0; i < 5000; ++i) control.happen(1, Noted{"long ago"});
    });
    server.with([](FakeControl& control) { CHECK(control.read_after == 0); });
    server.with([](FakeControl& control) { control.happen(1, Noted{"now"}); });
    RawConnection connection(server.socket());
    connection.send("GET /api/v1/events?after=5000 HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_THAT(connection.read_until("id: 5001\n"), Contains("event: noted"));
    server.with([](FakeControl& control) { CHECK(control.read_after == 0); });
}

TEST_CASE("reading: who comes back to one bisection is not led through those of others",
          "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        control.add(running_bisection(2));
        control.happen(1, Noted{"the first"});
        for (int i = 0; i < 5000; ++i) control.happen(2, Noted{"of another"});
        control.happen(0, BoardParked{"vb1", "the last"});
    });
    RawConnection connection(server.socket());
    connection.send("GET /api/v1/events?bisection=1&after=0 HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_THAT(connection.read_until("the last"), Contains("the first") && !Contains("of another"));
    server.with([](FakeControl& control) {
        CHECK(control.read_after == 1);
        control.happen(2, Noted{"of another"});
        control.happen(1, Noted{"just now"});
    });
    CHECK_THAT(connection.read_until("just now"), !Contains("of another"));
    server.with([](FakeControl& control) { CHECK(control.read_after == 1); });
}

TEST_CASE("reading: metrics count what there is", "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(ended_bisection(1));
        control.add(running_bisection(2));
        control.board_list = {{"a \"b\"", "rpi4", 2, "leased", "", ""}};
        control.happen(1, Noted{"one"});
    });
    const std::string text = body_of(over_tcp(server, request_text("GET", "/metrics")));
    for (const char* line : {"bisectd_bisections{activity=\"running\"} 1\n",
                             "bisectd_bisections{activity=\"ended\"} 1\n",
                             "bisectd_bisections_ended_total{ending=\"culprit\"} 1\n",
                             "bisectd_board_state{board=\"a \\\"b\\\"\",state=\"leased\"} 1\n",
                             "bisectd_journal_last_seq 1\n", "bisectd_event_streams 0\n",
                             "# TYPE bisectd_http_request_seconds histogram\n"}) {
        INFO(line);
        CHECK_THAT(text, Contains(line));
    }
    CHECK_THAT(text, Contains("process_resident_memory_bytes"));
}

TEST_CASE("reading: too much at once is 429 over TCP, and never over the unix socket",
          "[adapters]") {
    HttpOptions options;
    options.reads_per_second = 2;
    TestServer server({}, options);
    unsigned last = 200;
    for (int i = 0; i < 6; ++i) last = status_of(over_tcp(server, request_text("GET", "/healthz")));
    CHECK(last == 429);
    CHECK(status_of(over_unix(server, request_text("GET", "/healthz"))) == 200);
}

TEST_CASE("reading: whoever guesses tokens is held up, even with the right one", "[adapters]") {
    HttpOptions options;
    options.wrong_tokens_per_second = 0.1;
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); }, options);
    const auto pause = [&server](const std::string& token) {
        return status_of(over_tcp(server, request_text("POST", "/api/v1/bisections/1/pause",
                                                       "Authorization: Bearer " + token + "\r\n")));
    };
    CHECK(pause("wrong") == 401);
    CHECK(pause("wrong") == 401);
    CHECK(pause("wrong") == 429);
    CHECK(pause(TestServer::token) == 429);
    CHECK(status_of(over_tcp(server, request_text("GET", "/healthz"))) == 200);
}

TEST_CASE("reading: a bucket drips full again", "[adapters]") {
    http::RateLimit limit(2, 3);
    const auto noon = std::chrono::steady_clock::now();
    for (int i = 0; i < 3; ++i) CHECK(limit.take(noon));
    CHECK_FALSE(limit.take(noon));
    CHECK_FALSE(limit.take(noon + 400ms));
    CHECK(limit.take(noon + 1s));
    CHECK(limit.take(noon + 1s));
    CHECK_FALSE(limit.take(noon + 1s));
    for (int i = 0; i < 3; ++i) CHECK(limit.take(noon + 1h));
    CHECK_FALSE(limit.take(noon + 1h));
}
