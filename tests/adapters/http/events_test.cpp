#include <catch2/catch.hpp>

#include "tests/adapters/http/test_server.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::string subscribe(const std::string& query = "", const std::string& headers = "") {
    return "GET /api/v1/events" + query + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

}  // namespace

TEST_CASE("events: a subscriber hears what happens from now on", "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        control.happen(1, Noted{"long ago"});
    });
    RawConnection connection(server.port());
    connection.send(subscribe());
    const std::string greeting = connection.read_until("event: hello\ndata: {}\n\n");
    CHECK_THAT(greeting, StartsWith("HTTP/1.1 200 OK"));
    CHECK_THAT(greeting, Contains("Content-Type: text/event-stream\r\n"));
    CHECK_THAT(greeting, Contains("id: 1\n"));
    server.with([](FakeControl& control) { control.happen(1, Noted{"just now " + hostile}); });
    const std::string all = connection.read_until("just now");
    CHECK_THAT(all, !Contains("long ago"));
    CHECK_THAT(connection.read_until("}}\n\n"),
               Contains("id: 2\nevent: noted\ndata: {\"seq\":2,\"bisection\":1,"));
}

TEST_CASE("events: Last-Event-ID brings everything that was missed, once, in order", "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        // More than one page of the journal.
        for (int i = 1; i <= 450; ++i) control.happen(1, Noted{"note " + std::to_string(i)});
    });
    RawConnection connection(server.socket());
    connection.send(subscribe("?after=3", "Last-Event-ID: 5\r\n"));
    const std::string all = connection.read_until("id: 450\n");
    std::size_t at = 0;
    for (int i = 6; i <= 450; ++i) {
        const std::size_t found = all.find("id: " + std::to_string(i) + "\nevent: noted", at);
        REQUIRE(found != std::string::npos);
        at = found + 1;
    }
    CHECK_THAT(all, !Contains("id: 4\nevent: noted"));
    CHECK_THAT(all, !Contains("id: 5\nevent: noted"));
}

TEST_CASE("events: a stream of one bisection leaves out the others but not its board",
          "[adapters]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        control.add(running_bisection(2));
        control.happen(1, Noted{"of the first"});
        control.happen(2, Noted{"of the second"});
        control.happen(0, BoardParked{"other", "its ask"});
        control.happen(0, BoardParked{"vb1", "our ask"});
    });
    RawConnection connection(server.socket());
    connection.send(subscribe("?bisection=2&after=0"));
    const std::string all = connection.read_until("our ask");
    CHECK_THAT(all, Contains("of the second"));
    CHECK_THAT(all, !Contains("of the first"));
    CHECK_THAT(all, !Contains("its ask"));
}

TEST_CASE("events: progress comes by itself while something goes on", "[adapters]") {
    HttpOptions options;
    options.progress_period = std::chrono::milliseconds(20);
    options.heartbeat_period = std::chrono::milliseconds(60);
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); }, options);
    RawConnection connection(server.socket());
    connection.send(subscribe());
    CHECK_THAT(connection.read_until(": still here\n\n"), !Contains("event: progress"));
    server.with([](FakeControl& control) { control.now = {"build", 7, 9, hostile}; });
    const std::string all = connection.read_until("event: progress\n");
    CHECK_THAT(connection.read_until("\"bisection\":1}\n\n"),
               Contains("data: {\"what\":\"build\",\"done\":7,\"total\":9,"));
    CHECK_THAT(all, !Contains("\x1b"));
}

TEST_CASE("events: a wrong number is refused", "[adapters]") {
    TestServer server;
    CHECK(status_of(over_unix(server, subscribe("?after=x", "Connection: close\r\n"))) == 400);
}

TEST_CASE("events: a stopped server ends its streams, and a new one carries on", "[adapters]") {
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); });
    RawConnection connection(server.socket());
    connection.send(subscribe());
    connection.read_until("hello");
    server.stop();
    CHECK_THAT(connection.read_all(), Contains("hello"));
    server.start();
    server.with([](FakeControl& control) { control.happen(1, Noted{"after the restart"}); });
    RawConnection again(server.socket());
    again.send(subscribe("", "Last-Event-ID: 0\r\n"));
    CHECK_THAT(again.read_until("after the restart"), Contains("id: 1\n"));
}

TEST_CASE("events: a server that is dropped with open streams leaves nothing behind",
          "[adapters]") {
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); });
    RawConnection stream(server.socket()), idle(server.port());
    stream.send(subscribe());
    stream.read_until("hello");
    server.drop();
    CHECK_THAT(stream.read_all(), Contains("hello"));
    server.start();
    CHECK(status_of(over_unix(server, request_text("GET", "/healthz"))) == 200);
}
