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
}

}  // namespace

TEST_CASE("page: every text from outside is escaped, on every page", "[adapters]") {
    TestServer server(fill);
    for (const char* target : {"/", "/bisections/1", "/bisections/2"}) {
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
                                "style-src 'self'; connect-src 'self'; img-src 'self' data:"));
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
          "13,524 suspects", "build-id <code>3f2a91c07be455d0</code>", "3 min 12 s",
          "from the store", "boot id <code>0b52c9f0</code> to <code>77aa12de</code>",
          "16 clean, 1 hit of 300 planned", "subcmd.patch applied", "power cycle worked",
          "a person is needed", "rebuilt from clean: identical", "2 h 31 min",
          "/api/v1/bisections/1/steps/4/attempts/2/logs/console",
          "Attempt 1 on vb1: infrastructure"}) {
        INFO(fact);
        CHECK_THAT(answer, Contains(fact));
    }
    CHECK_THAT(page(server, "/bisections/2"),
               Contains("<progress value=\"12\" max=\"100\">") && Contains("12 of 100"));
}

TEST_CASE("page: what is not there says so", "[adapters]") {
    TestServer server;
    CHECK_THAT(page(server, "/"), Contains("bisectctl start"));
    for (const char* target : {"/bisections/9", "/bisections/x", "/web/none", "/index.php"})
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
