#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <fstream>

#include "tests/adapters/http/test_server.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;

TEST_CASE("limits: a header above 16 KiB is 431, a body above 256 KiB is 413", "[adapters]") {
    TestServer server;
    const std::string long_header = "X-Long: " + std::string(17 * 1024, 'x') + "\r\n";
    CHECK(status_of(over_unix(server, request_text("GET", "/healthz", long_header))) == 431);
    const std::string fitting = "X-Long: " + std::string(12 * 1024, 'x') + "\r\n";
    CHECK(status_of(over_unix(server, request_text("GET", "/healthz", fitting))) == 200);
    const std::string type = "Content-Type: application/json\r\n";
    const std::string body(257 * 1024, ' ');
    CHECK(status_of(over_unix(server, request_text("POST", "/api/v1/bisections", type, body))) ==
          413);
    const std::string small(255 * 1024, ' ');
    CHECK(status_of(over_unix(server, request_text("POST", "/api/v1/bisections", type, small))) ==
          400);
}

TEST_CASE("limits: a chunked body above 256 KiB is 413 as well", "[adapters]") {
    TestServer server;
    std::string text =
        "POST /api/v1/doctor HTTP/1.1\r\nHost: localhost\r\n"
        "Transfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 70; ++i) text += "1000\r\n" + std::string(4096, ' ') + "\r\n";
    CHECK(status_of(over_unix(server, text + "0\r\n\r\n")) == 413);
}

TEST_CASE("limits: what is no HTTP gets a 400 and the connection is closed", "[adapters]") {
    TestServer server;
    CHECK(status_of(over_unix(server, "hello\r\n\r\n")) == 400);
    CHECK(status_of(over_unix(server, "GET / HTTP/9.9\r\n\r\n")) == 400);
    CHECK(status_of(over_unix(server, std::string("GET /\0 HTTP/1.1\r\n\r\n", 20))) == 400);
}

TEST_CASE("limits: a client that sends slowly is cut off, others go on", "[adapters]") {
    HttpOptions options;
    options.request_limit = std::chrono::milliseconds(200);
    TestServer server({}, options);
    RawConnection slow(server.socket());
    slow.send("GET /healthz HTT");
    CHECK(status_of(over_unix(server, request_text("GET", "/healthz"))) == 200);
    CHECK(slow.read_all().empty());
    RawConnection silent(server.port());
    CHECK(silent.read_all().empty());
}

TEST_CASE("limits: a client that does not read its answer is cut off", "[adapters]") {
    HttpOptions options;
    options.write_limit = std::chrono::milliseconds(200);
    TestServer server(
        [](FakeControl& control) {
            control.add(running_bisection(1));
            std::ofstream(control.log_folder + "/build") << std::string(32 * 1024 * 1024, 'x');
        },
        options);
    RawConnection lazy(server.socket());
    lazy.send(request_text("GET", "/api/v1/bisections/1/steps/1/attempts/1/logs/build"));
    lazy.read_until("\r\n\r\n");
    // Others are answered meanwhile; and stopping does not wait for the lazy one.
    CHECK(status_of(over_unix(server, request_text("GET", "/healthz"))) == 200);
}

TEST_CASE("limits: a viewer of events who does not read is cut off, and others miss nothing",
          "[adapters]") {
    HttpOptions options;
    options.write_limit = std::chrono::milliseconds(1000);
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); }, options);
    const auto open_streams = [&server] {
        const std::string all = over_unix(server, request_text("GET", "/metrics"));
        const std::string name = "\nbisectd_event_streams ";
        return all.substr(all.find(name) + name.size(), 1);
    };
    const std::string ask = "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    RawConnection lazy(server.socket()), eager(server.socket());
    lazy.send(ask);
    lazy.read_until("hello");
    eager.send(ask);
    eager.read_until("hello");
    CHECK(open_streams() == "2");
    // More than a socket and the daemon hold for somebody, in pieces of all sizes.
    constexpr int events = 300;
    for (int i = 1; i <= events; ++i) {
        const std::string end = " note " + std::to_string(i) + ";";
        server.with([i, end](FakeControl& control) {
            control.happen(1, Noted{std::string(static_cast<std::size_t>(i) * 100, 'x') + end});
        });
        if (i % 50 == 0) eager.read_until(end);
    }
    const std::string all = eager.read_until(" note 300;");
    std::size_t at = 0;
    for (int i = 1; i <= events; ++i) {
        at = all.find(" note " + std::to_string(i) + ";", at);
        REQUIRE(at != std::string::npos);
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (open_streams() != "1" && std::chrono::steady_clock::now() < deadline) {
    }
    CHECK(open_streams() == "1");
}

TEST_CASE("limits: too many connections get 503, and the unix socket keeps its share",
          "[adapters]") {
    HttpOptions options;
    options.connection_limit = 8;
    TestServer server({}, options);
    std::vector<std::unique_ptr<RawConnection>> held;
    for (int i = 0; i < 8; ++i) {
        held.push_back(std::make_unique<RawConnection>(server.port()));
        held.back()->send("GET ");
    }
    CHECK(status_of(held.back()->read_all()) == 503);
    CHECK(status_of(over_unix(server, request_text("GET", "/healthz"))) == 200);
}

TEST_CASE("limits: two hundred who come at the same moment are all answered", "[adapters]") {
    TestServer server;
    std::vector<std::unique_ptr<RawConnection>> crowd;
    // In the server's own thread: it takes nobody in meanwhile.
    server.with([&server, &crowd](FakeControl&) {
        for (int i = 0; i < 200; ++i) {
            crowd.push_back(std::make_unique<RawConnection>(server.port()));
            crowd.back()->send(request_text("GET", "/healthz"));
        }
    });
    for (const auto& one : crowd) CHECK(status_of(one->read_all()) == 200);
}

TEST_CASE("limits: one connection serves many requests, and HEAD has no body", "[adapters]") {
    TestServer server;
    RawConnection connection(server.socket());
    const std::string ask = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    connection.send(ask + ask + "HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n" +
                    request_text("GET", "/api/v1/recipes"));
    const std::string all = connection.read_all();
    CHECK_THAT(all, Contains("ok\nHTTP/1.1 200 OK"));
    CHECK_THAT(all, Contains("Content-Length: 3\r\nConnection: keep-alive\r\n\r\nHTTP/1.1"));
    CHECK_THAT(all, Contains("brk-static-pie"));
}

TEST_CASE("sockets: the file has the asked mode, and a dead daemon's file is replaced",
          "[adapters]") {
    HttpOptions options;
    options.unix_mode = 0660;
    TestServer server({}, options);
    struct stat status{};
    REQUIRE(::stat(server.socket().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0660);
    boost::asio::io_context context;
    FakeControl control;
    HttpOptions same;
    same.unix_socket = server.socket();
    HttpServer second(context.get_executor(), control, same);
    const Result<void> refused = second.listen();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::request);
    CHECK_THAT(refused.error().what, Contains("another bisectd"));
    CHECK(status_of(over_unix(server, request_text("GET", "/healthz"))) == 200);
    server.stop();
    std::ofstream(same.unix_socket) << "no socket";
    CHECK_FALSE(HttpServer(context.get_executor(), control, same).listen());
}
