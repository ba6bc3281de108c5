#include <catch2/catch.hpp>

#include "adapters/http/html.hpp"
#include "tests/adapters/http/test_server.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;

namespace {

std::string page(const TestServer& server, const std::string& target) {
    return over_tcp(server, request_text("GET", target));
}

void fill(FakeControl& control) {
    control.add(ended_bisection(1));
    BisectionState running = running_bisection(2);
    running.requested->request.title = hostile;
    running.requested->request.good = {hostile};
    running.requested->request.repository = hostile;
    control.add(running);
    control.now = {"build", 12, 100, hostile};
    control.board_list = {{"vb1", hostile, 2, "leased", hostile, ""}};
    control.happen(1, RecoveryTried{"vb1", "power cycle", true, hostile});
    control.happen(0, BoardParked{"vb1", hostile});
    control.survey_drawn.commits = 2;
    control.survey_drawn.suspects = 1;
    control.survey_drawn.steps = {{1, 0.5, {100, 100}}, {2, 0, {0, 100}}, {0, 1, {0, 100}}};
    control.survey_drawn.probability = {0.1, 0.9};
    control.survey_drawn.around = {{commit_of('d'), hostile, {commit_of('e')}, 0.9, "bad", 1, true},
                                   {commit_of('e'), hostile, {}, 0.1, "good", 2, false}};
    control.survey_drawn.likely = control.survey_drawn.around;
}

}  // namespace

TEST_CASE("page: every text from outside is escaped, on every page", "[adapters]") {
    TestServer server(fill);
    const std::string commit = "/bisections/1/commits/" + commit_of('d').hex();
    for (const std::string& target :
         {std::string("/"), std::string("/bisections/1"), std::string("/bisections/2"),
          std::string("/bisections/2/steps/6/attempts/1"), std::string("/boards"),
          std::string("/boards/vb1"), std::string("/artefacts"), commit}) {
        INFO(target);
        const std::string answer = page(server, target);
        CHECK(status_of(answer) == 200);
        CHECK_THAT(answer, !Contains("<script>alert") && !Contains("\x1b") &&
                               !Contains("\xe2\x80\xae") && !Contains("\"quoted\""));
        CHECK_THAT(answer, Contains("&lt;script&gt;alert(1)&lt;/script&gt; &quot;quoted&quot; "
                                    "&#39;single&#39; &amp;"));
    }
}

TEST_CASE("page: nothing but our own script and style may run", "[adapters]") {
    TestServer server(fill);
    const std::string answer = page(server, "/");
    CHECK_THAT(answer, Contains("Content-Security-Policy: default-src 'none'; script-src 'self'; "
                                "style-src 'self'; connect-src 'self'; img-src 'self' data:") &&
                           Contains("form-action 'self'; frame-ancestors 'none'; "
                                    "require-trusted-types-for 'script'"));
    CHECK_THAT(answer, Contains("X-Content-Type-Options: nosniff"));
    CHECK_THAT(answer, !Contains(" style=") && !Contains(" onclick"));
    CHECK_THAT(page(server, "/web/style.css"), Contains("Content-Type: text/css"));
    CHECK_THAT(page(server, "/web/live.js"),
               Contains("Content-Type: text/javascript") && Contains("EventSource"));
}

TEST_CASE("page: a bisection shows its range, its steps, their rungs and its proof", "[adapters]") {
    TestServer server(fill);
    const std::string answer = page(server, "/bisections/1");
    for (const char* fact :
         {"culprit found", "dddddddddddd", "A. Kernel Hacker &lt;hacker@example.org&gt;",
          "13,524 suspects", "power cycle worked", "a person is needed",
          "rebuilt from clean: identical", "2 h 31 min", "/bisections/1/steps/4/attempts/2",
          "Attempt 1 on vb1: infrastructure", "The range, step by step",
          "History around the culprit", "bisectctl report 1",
          "<a href=\"/bisections/1/commits/dddddddddddddddddddddddddddddddddddddddd\">"}) {
        INFO(fact);
        CHECK_THAT(answer, Contains(fact));
    }
    const std::string attempt = page(server, "/bisections/1/steps/1/attempts/1");
    for (const char* fact :
         {"build-id <code>3f2a91c07be455d0</code>", "from the store",
          "boot id <code>0b52c9f0</code> to <code>77aa12de</code>",
          "16 clean, 1 hit of 300 planned", "subcmd.patch applied", "Step 1, attempt 1"}) {
        INFO(fact);
        CHECK_THAT(attempt, Contains(fact));
    }
    CHECK_THAT(page(server, "/bisections/1/steps/4/attempts/1"),
               Contains("the board did not answer in 3 min") && Contains("class=\"fell\""));
    CHECK_THAT(page(server, "/bisections/2"),
               Contains("value=\"12\" max=\"100\"></progress>") && Contains("12 of 100"));
}

TEST_CASE("page: what is not there says so", "[adapters]") {
    TestServer server;
    CHECK_THAT(page(server, "/"), Contains("bisectctl start"));
    CHECK_THAT(page(server, "/?q=x"), Contains("There is none yet"));
    CHECK(status_of(page(server, "/?sort=colour")) == 400);
    for (const char* target : {"/bisections/1/steps/1/attempts/1", "/boards/none", "/bisections/9",
                               "/bisections/x", "/web/none", "/index.php"})
        CHECK(status_of(page(server, target)) == 404);
}

TEST_CASE("page: a parked bisection says what a person should do", "[adapters]") {
    TestServer server([](FakeControl& control) {
        BisectionState parked = running_bisection(1);
        parked.activity = Activity::parked;
        parked.parked_ask = "Look at the power supply.";
        control.add(parked);
    });
    CHECK_THAT(page(server, "/bisections/1"),
               Contains("Look at the power supply.") && Contains("bisectctl boards resume vb1"));
}

TEST_CASE("page: without a picture of the range there is one of the numbers", "[adapters]") {
    TestServer server([](FakeControl& control) { control.add(ended_bisection(1)); });
    const std::string answer = page(server, "/bisections/1");
    CHECK_THAT(answer, Contains("Suspects left, step by step") &&
                           Contains("href=\"#step-3\" tabindex=\"-1\""));
}

TEST_CASE("page: a picture is drawn once, until the search moves", "[adapters]") {
    TestServer server(fill);
    for (int i = 0; i < 3; ++i) page(server, "/bisections/1");
    server.with([](FakeControl& control) { CHECK(control.surveys == 1); });
    server.with([](FakeControl& control) {
        control.happen(1, CommitJudged{commit_of('5'), "", Verdict::good, false, ""});
    });
    page(server, "/bisections/1");
    server.with([](FakeControl& control) { CHECK(control.surveys == 2); });
}

TEST_CASE("page: commits lead to the hosting that was chosen, and only there", "[adapters]") {
    HttpOptions options;
    options.commit_url = "https://example.org/c/{commit}?x=\"&y";
    TestServer server(fill, options);
    CHECK_THAT(page(server, "/bisections/1"),
               Contains("href=\"https://example.org/c/dddddddddddddddddddddddddddddddddddddddd"
                        "?x=&quot;&amp;y\""));
    TestServer without(fill);
    CHECK_THAT(page(without, "/bisections/1"), !Contains("href=\"http"));
}

TEST_CASE("page: a list of a thousand comes in pages of fifty, below 100 kB", "[adapters]") {
    TestServer server([](FakeControl& control) {
        for (BisectionId id = 1; id <= 1000; ++id) control.add(ended_bisection(id));
    });
    const std::string answer = page(server, "/");
    CHECK(answer.size() < 60'000);
    CHECK_THAT(answer, Contains("1 to 50 of 1,000") && Contains("href=\"/?after=50\""));
    CHECK_THAT(page(server, "/?after=50"), Contains("51 to 100 of 1,000"));
    std::size_t weight = answer.size();
    for (const char* file : {"live.js", "act.js", "log.js", "style.css", "icon.svg"})
        weight += page(server, std::string("/web/") + file).size();
    CHECK(weight < 100'000);
}
