#pragma once
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "adapters/http/http_server.hpp"
#include "tests/adapters/http/fake_control.hpp"

namespace bisectd::tests {

/// A folder of its own that is gone with the object.
class TestFolder {
  public:
    TestFolder();
    ~TestFolder();
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

/// A real server on a unix socket and a free port, in a thread of its own.
class TestServer {
  public:
    /// `options`: sockets are filled in; `prepare` fills the fake before the server listens.
    explicit TestServer(std::function<void(FakeControl&)> prepare = {}, HttpOptions options = {});
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    /// Runs `action` in the server's thread and waits for it.
    void with(const std::function<void(FakeControl&)>& action);
    /// Stops the server (and waits), as a daemon that is stopped; `start` begins it again.
    void stop();
    /// Ends the event loop in the middle of everything, as a daemon in a hurry does.
    void drop();
    void start();

    std::string socket() const { return folder_.path() + "/bisectd.sock"; }
    const std::string& folder() const { return folder_.path(); }
    std::uint16_t port() const { return port_; }
    static constexpr const char* token = "0123456789abcdef0123456789abcdef";

  private:
    TestFolder folder_;
    FakeControl control_;
    HttpOptions options_;
    std::unique_ptr<boost::asio::io_context> context_;
    std::unique_ptr<HttpServer> server_;
    std::thread thread_;
    std::uint16_t port_ = 0;
};

/// A plain connection, for what no client library would send. Each wait has a limit of 10 s.
class RawConnection {
  public:
    explicit RawConnection(const std::string& unix_socket);
    explicit RawConnection(std::uint16_t loopback_port);
    ~RawConnection();
    RawConnection(const RawConnection&) = delete;
    RawConnection& operator=(const RawConnection&) = delete;

    void send(const std::string& text);
    /// Everything until the server closes.
    std::string read_all();
    /// Until `text` was seen; what came so far when it never was.
    std::string read_until(const std::string& text);

  private:
    int descriptor_ = -1;
    std::string seen_;
};

/// "GET /x HTTP/1.1", Host: localhost, closing; `headers` each end with CR LF.
std::string request_text(const std::string& method, const std::string& target,
                         const std::string& headers = "", const std::string& body = "");
/// One request over the unix socket; the whole answer.
std::string over_unix(const TestServer& server, const std::string& request);
std::string over_tcp(const TestServer& server, const std::string& request);
unsigned status_of(const std::string& answer);
std::string body_of(const std::string& answer);

}  // namespace bisectd::tests
