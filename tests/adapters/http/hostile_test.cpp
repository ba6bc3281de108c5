#include <catch2/catch.hpp>
#include <fstream>

#include "tests/adapters/http/test_server.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;

// What no client would send, and what it gets.

namespace {

const std::string attempt = "/api/v1/bisections/1/steps/1/attempts/1";
const std::string most = "18446744073709551615";

void fill(FakeControl& control) {
    control.add(running_bisection(1));
    std::ofstream(control.log_folder + "/build") << "one\ntwo\nthree\n";
}

std::size_t answers_in(const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = text.find("HTTP/1.1 "); at != std::string::npos;
         at = text.find("HTTP/1.1 ", at + 1))
        ++count;
    return count;
}

unsigned get(const TestServer& server, const std::string& target, const std::string& header = "") {
    return status_of(over_unix(server, request_text("GET", target, header)));
}

unsigned start(const TestServer& server, const std::string& parts) {
    const std::string body =
        R"({"repository":"/r","good":["a"],"bad":"b","recipe":"x","board":"b")" + parts + "}";
    return status_of(over_unix(server, request_text("POST", "/api/v1/bisections",
                                                    "Content-Type: application/json\r\n", body)));
}

}  // namespace

TEST_CASE("hostile: no request can be hidden in another one's body", "[adapters]") {
    HttpOptions options;
    options.request_limit = std::chrono::milliseconds(500);  // some wait for the rest of a body
    TestServer server(fill, options);
    const std::string hidden =
        "POST /api/v1/bisections/1/pause HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    const std::string head = "POST /api/v1/doctor HTTP/1.1\r\nHost: x\r\n";
    const std::string length = "Content-Length: " + std::to_string(hidden.size()) + "\r\n";
    const std::string chunked = "Transfer-Encoding: chunked\r\n";
    for (const std::string& text :
         {// Two that say where the body ends, in both orders.
          head + length + chunked + "\r\n0\r\n\r\n" + hidden,
          head + chunked + length + "\r\n0\r\n\r\n" + hidden,
          head + "Content-Length: 0\r\n" + length + "\r\n" + hidden,
          head + length + "Content-Length: 0\r\n\r\n" + hidden,
          // A length that is none.
          head + "Content-Length: +0\r\n\r\n" + hidden,
          head + "Content-Length: -1\r\n\r\n" + hidden,
          head + "Content-Length: 0x0\r\n\r\n" + hidden,
          head + "Content-Length: 0, 0\r\n\r\n" + hidden,
          head + "Content-Length: 99999999999999999999999\r\n\r\n" + hidden,
          // A coding that others may not know, or spelt so that one of two overlooks it.
          head + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden,
          head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" +
              hidden,
          // Chunks whose size overflows.
          head + chunked + "\r\nFFFFFFFFFFFFFFFFF\r\n" + hidden,
          head + chunked + "\r\n-1\r\n" + hidden}) {
        INFO(text);
        const std::string answer = over_unix(server, text);
        CHECK(answers_in(answer) <= 1);
        if (!answer.empty()) CHECK(status_of(answer) >= 400);
        server.with([](FakeControl& control) {
            CHECK(control.asked.empty());
            control.asked.clear();
        });
    }
}

TEST_CASE("hostile: no text of a request can begin a header of the answer", "[adapters]") {
    TestServer server(fill);
    for (const std::string& target :
         {std::string("/%0d%0aSet-Cookie:%20x=1"), std::string("/?q=%0d%0aSet-Cookie:x"),
          std::string("/api/v1/boards/x%0d%0aSet-Cookie:x"), attempt + "/logs/%0d%0aSet-Cookie:x"})
        CHECK(get(server, target) == 400);
    const std::string folded = over_unix(
        server,
        request_text("GET", "/healthz", "X-A: b\r\n Set-Cookie: x\r\nX-B: c\rSet-Cookie: x\r\n"));
    CHECK_THAT(folded.substr(0, folded.find("\r\n\r\n")), !Contains("Set-Cookie"));
}

TEST_CASE("hostile: ranges of a log that overflow or repeat are answered within its size",
          "[adapters]") {
    TestServer server(fill);
    std::string many = "bytes=0-0";
    for (int i = 1; i < 1000; ++i) many += ",0-13";
    for (const std::string& range :
         {"bytes=" + most + "-", "bytes=0-" + most, "bytes=-" + most, "bytes=" + most + "-" + most,
          std::string("bytes=-0"), std::string("bytes=--1"), std::string("bytes=1-+2"),
          std::string("bytes=99999999999999999999-"), std::string("bytes="), many}) {
        INFO(range.substr(0, 60));
        const std::string answer = over_unix(
            server, request_text("GET", attempt + "/logs/build", "Range: " + range + "\r\n"));
        const unsigned status = status_of(answer);
        CHECK((status == 200 || status == 206 || status == 416));
        CHECK(body_of(answer).size() <= 14);
    }
    for (const std::string& query :
         {"?offset=" + most, "?tail=" + most, "?limit=" + most, "?offset=1&limit=" + most})
        CHECK(get(server, attempt + "/logs/build" + query) == 200);
    CHECK(get(server, attempt + "/logs/build/lines?from=" + most + "&count=2000") == 200);
    CHECK(get(server, attempt + "/logs/build/lines?from=0") == 400);
    CHECK(get(server, attempt + "/logs/build/lines?count=" + most) == 400);
    CHECK(get(server, attempt + "/logs/build/search?q=one&from=" + most) == 200);
    CHECK(get(server, "/api/v1/bisections?after=" + most) == 200);
    CHECK(get(server, "/api/v1/bisections?limit=" + most) == 400);
    CHECK(get(server, attempt + "/runs?after=" + most) == 200);
}

TEST_CASE("hostile: a Last-Event-ID is a number of the journal or nothing", "[adapters]") {
    TestServer server(fill);
    const std::string target = "/api/v1/events";
    for (const std::string& id : {most + "0", std::string("-1"), std::string("1e3"),
                                  std::string("0x10"), std::string("1 OR 1=1"), std::string("1,2")})
        CHECK(get(server, target, "Last-Event-ID: " + id + "\r\n") == 400);
    // Beyond the end nothing comes, now or later; and it costs nobody else anything.
    RawConnection far(server.socket());
    far.send(request_text("GET", target, "Last-Event-ID: " + most + "\r\n"));
    CHECK_THAT(far.read_until("event: hello"), Contains("id: " + most + "\n"));
    CHECK(get(server, "/healthz") == 200);
}

TEST_CASE("hostile: numbers and texts of a start that overflow or lie are refused", "[adapters]") {
    TestServer server(fill);
    CHECK(start(server, "") == 201);
    for (const char* parts : {R"(,"seen_failures":-1,"seen_runs":5)",
                              R"(,"seen_failures":1,"seen_runs":1e30)",
                              R"(,"seen_failures":1,"seen_runs":18446744073709551616)",
                              R"(,"seen_failures":1,"seen_runs":18446744073709551615)",
                              R"(,"priority":2147483648)",
                              R"(,"priority":-9223372036854775809)",
                              R"(,"confidence":1e999)",
                              R"(,"confidence":NaN)",
                              R"(,"confidence":-0.0)",
                              R"(,"title":"a\u0000b")",
                              R"(,"title":"a\nBcc: x")",
                              R"(,"title":"\ud800")",
                              "\x2c\"title\":\"\xff\"",
                              R"(,"paths":["\u001b[2J"])",
                              R"(,"more_boards":["-oProxyCommand=x"])",
                              R"(,"hints":["--upload-pack=x"])",
                              R"(,"board":"--x")",
                              R"(,"recipe":"-x")",
                              R"(,"repository":"ext::sh -c x")",
                              R"(,"repository":"ssh://-oProxyCommand=x/r")",
                              R"(,"repository":"-r")"}) {
        INFO(parts);
        CHECK(start(server, parts) == 400);
    }
    std::string deep = ",\"title\":";
    for (int i = 0; i < 5000; ++i) deep += "{\"a\":";
    CHECK(start(server, deep) == 400);
    std::string boards;
    for (int i = 0; i < 17; ++i) boards += (i == 0 ? "\"b" : ",\"b") + std::to_string(i) + "\"";
    CHECK(start(server, ",\"more_boards\":[" + boards + "]") == 400);
    server.with(
        [](FakeControl& control) { CHECK(control.asked == std::vector<std::string>{"start"}); });
}

TEST_CASE("hostile: methods that nobody needs are refused", "[adapters]") {
    TestServer server(fill);
    for (const char* method : {"TRACE", "CONNECT", "OPTIONS", "PUT", "DELETE", "PATCH", "get"}) {
        INFO(method);
        const unsigned status =
            status_of(over_unix(server, request_text(method, "/api/v1/bisections/1/pause")));
        CHECK((status == 400 || status == 405));
    }
    const std::string endless(20'000, 'X');
    const unsigned status = status_of(over_unix(server, request_text(endless, "/")));
    CHECK((status == 400 || status == 431));
    server.with([](FakeControl& control) { CHECK(control.asked.empty()); });
}

TEST_CASE("hostile: a thousand headers, or a head without end, are cut off", "[adapters]") {
    TestServer server;
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "A: b\r\n";
    CHECK(get(server, "/healthz", many) == 200);
    for (int i = 0; i < 100'000; ++i) many += "A: b\r\n";
    CHECK(get(server, "/healthz", many) == 431);
    CHECK(get(server, "/" + std::string(20'000, 'a')) == 431);
    CHECK(get(server, "/?" + std::string(15'000, '&')) == 200);
}

TEST_CASE("hostile: names in an address never become paths or options", "[adapters]") {
    TestServer server(fill);
    for (const char* name : {"%2e%2e", "..%2f..%2fetc%2fpasswd", "%252e%252e%252fetc", "a%00b",
                             "-oProxyCommand=x", "--help", "%c0%ae%c0%ae", "%ff", "x%5c..%5cy"}) {
        INFO(name);
        for (const std::string& target :
             {"/api/v1/boards/" + std::string(name) + "/console",
              "/api/v1/boards/" + std::string(name), "/boards/" + std::string(name),
              attempt + "/logs/" + name,
              "/api/v1/bisections/1/commits/" + std::string(name) + "/diff",
              "/bisections/1/commits/" + std::string(name), "/web/" + std::string(name)}) {
            INFO(target);
            const std::string answer = over_unix(server, request_text("GET", target));
            CHECK((status_of(answer) == 400 || status_of(answer) == 404));
            CHECK_THAT(answer, !Contains("root:"));
        }
    }
}
