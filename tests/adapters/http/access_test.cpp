#include <catch2/catch.hpp>

#include "adapters/http/access.hpp"
#include "adapters/http/target.hpp"
#include "tests/adapters/http/test_server.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;

namespace {

std::string auth() {
    return std::string("Authorization: Bearer ") + TestServer::token + "\r\n";
}
const std::string json_type = "Content-Type: application/json\r\n";

}  // namespace

TEST_CASE("access: over TCP only loopback names are answered, over the unix socket any",
          "[adapters]") {
    TestServer server;
    const auto asked = [&server](const std::string& host) {
        return status_of(
            over_tcp(server, request_text("GET", "/healthz", "Host: " + host + "\r\n")));
    };
    CHECK(asked("localhost") == 200);
    CHECK(asked("localhost:8017") == 200);
    CHECK(asked("127.0.0.1:1") == 200);
    CHECK(asked("[::1]:80") == 200);
    CHECK(asked("evil.example") == 421);
    CHECK(asked("localhost.evil.example") == 421);
    CHECK(asked("127.0.0.1.evil.example:80") == 421);
    CHECK(asked("localhost:99999") == 421);
    CHECK(asked("localhost:") == 421);
    CHECK(status_of(over_unix(server, request_text("GET", "/healthz", "Host: any\r\n"))) == 200);
}

TEST_CASE("access: two Host headers, or none in HTTP/1.1, are refused", "[adapters]") {
    TestServer server;
    CHECK(status_of(over_tcp(server, request_text("GET", "/healthz",
                                                  "Host: localhost\r\nHost: evil\r\n"))) == 400);
    CHECK(status_of(over_tcp(server, "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")) == 400);
}

TEST_CASE("access: a change over TCP needs the token, and no other text will do", "[adapters]") {
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); });
    const auto pause = [&server](const std::string& headers) {
        return over_tcp(server, request_text("POST", "/api/v1/bisections/1/pause", headers));
    };
    const std::string refused = pause("");
    CHECK(status_of(refused) == 401);
    CHECK_THAT(refused, Contains("WWW-Authenticate: Bearer"));
    CHECK_THAT(refused, Contains("bisectd --new-token"));
    CHECK(status_of(pause("Authorization: Bearer \r\n")) == 401);
    CHECK(status_of(pause("Authorization: Bearer 0123456789abcdef\r\n")) == 401);
    CHECK(status_of(pause(auth().substr(0, auth().size() - 2) + "0\r\n")) == 401);
    CHECK(status_of(pause("Authorization: Basic " + std::string(TestServer::token) + "\r\n")) ==
          401);
    server.with([](FakeControl& control) { CHECK(control.asked.empty()); });
    CHECK(status_of(pause(auth())) == 200);
    server.with(
        [](FakeControl& control) { CHECK(control.asked == std::vector<std::string>{"pause 1"}); });
}

TEST_CASE("access: without a configured token nothing can be changed over TCP", "[adapters]") {
    http::Request request;
    request.method = "POST";
    request.host = "localhost";
    request.authorization = "Bearer ";
    const auto refusal = http::refused(request, "");
    REQUIRE(refusal);
    CHECK(refusal->status == 401);
}

TEST_CASE("access: a foreign page cannot change anything, even with the token", "[adapters]") {
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); });
    const auto pause = [&server](const std::string& headers) {
        const std::string text = request_text("POST", "/api/v1/bisections/1/pause",
                                              auth() + "Host: localhost:80\r\n" + headers);
        return status_of(over_tcp(server, text));
    };
    CHECK(pause("Origin: http://evil.example\r\n") == 403);
    CHECK(pause("Origin: null\r\n") == 403);
    CHECK(pause("Origin: http://localhost:81\r\n") == 403);
    CHECK(pause("Sec-Fetch-Site: cross-site\r\n") == 403);
    CHECK(pause("Sec-Fetch-Site: same-site\r\n") == 403);
    CHECK(pause("Origin: http://localhost:80\r\nSec-Fetch-Site: same-origin\r\n") == 200);
    CHECK(status_of(over_unix(server, request_text("POST", "/api/v1/bisections/1/pause",
                                                   "Origin: http://evil.example\r\n"))) == 403);
}

TEST_CASE("access: secrets are compared whole", "[adapters]") {
    CHECK(http::same_secret("abc", "abc"));
    CHECK_FALSE(http::same_secret("ab", "abc"));
    CHECK_FALSE(http::same_secret("abcd", "abc"));
    CHECK_FALSE(http::same_secret("abd", "abc"));
    CHECK_FALSE(http::same_secret("", "abc"));
}

TEST_CASE("target: addresses that climb or hide something are none of ours", "[adapters]") {
    using http::parse_target;
    CHECK(parse_target("/")->path.empty());
    CHECK(parse_target("/a/b%20c?x=1&y=%41")->path == std::vector<std::string>{"a", "b c"});
    CHECK(parse_target("/a?x=1&y=%41")->query.at("y") == "A");
    for (const char* wrong : {"", "a", "http://localhost/a", "*", "/..", "/a/../b",
                              "/%2e%2e/etc/passwd", "/a//b", "/a%2fb", "/a%5cb", "/a%00b", "/a%0ab",
                              "/%zz", "/%4", "/a?x=%g0", "/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7"})
        CHECK_FALSE(parse_target(wrong));
}

TEST_CASE("access: a path that climbs gets nothing, whatever its spelling", "[adapters]") {
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); });
    const std::string log = "/api/v1/bisections/1/steps/1/attempts/1/logs/";
    for (const std::string& target :
         {std::string("/web/../../../../etc/passwd"), std::string("/web/%2e%2e%2fetc%2fpasswd"),
          log + "../../../etc/passwd", log + "..%2f..%2fetc%2fpasswd", log + "%2e%2e",
          std::string("//etc/passwd"), std::string("/web/etc/passwd")}) {
        const std::string answer = over_unix(server, request_text("GET", target));
        CHECK((status_of(answer) == 400 || status_of(answer) == 404));
        CHECK_THAT(answer, !Contains("root:"));
    }
}
