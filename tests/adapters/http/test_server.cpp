#include "tests/adapters/http/test_server.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <stdexcept>

#include "adapters/http/token.hpp"

namespace bisectd::tests {
namespace {

constexpr int wait_limit_ms = 10'000;

}  // namespace

TestFolder::TestFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bisectd-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder for the test");
    path_ = pattern;
}

TestFolder::~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

TestServer::TestServer(std::function<void(FakeControl&)> prepare, HttpOptions options)
    : options_(std::move(options)) {
    options_.unix_socket = socket();
    options_.tcp_port = std::uint16_t{0};
    options_.token_file = folder_.path() + "/token.sha256";
    std::ofstream(options_.token_file) << digest_of_token(token) << "\n";
    ::chmod(options_.token_file.c_str(), 0600);
    control_.log_folder = folder_.path();
    if (prepare) prepare(control_);
    start();
}

TestServer::~TestServer() {
    stop();
}

void TestServer::start() {
    context_ = std::make_unique<boost::asio::io_context>(1);
    server_ = std::make_unique<HttpServer>(context_->get_executor(), control_, options_);
    if (Result<void> listening = server_->listen(); !listening)
        throw std::runtime_error(describe(listening.error()));
    port_ = server_->tcp_port();
    boost::asio::co_spawn(*context_, server_->run(), boost::asio::detached);
    // Returns when the last connection has ended: the test notices a server that cannot stop.
    thread_ = std::thread([this] { context_->run(); });
}

void TestServer::stop() {
    if (!thread_.joinable()) return;
    boost::asio::post(*context_, [this] { server_->stop(); });
    thread_.join();
    server_.reset();
    context_.reset();
}

void TestServer::drop() {
    boost::asio::post(*context_, [this] {
        server_->stop();
        context_->stop();
    });
    thread_.join();
    server_.reset();
    context_.reset();
}

void TestServer::with(const std::function<void(FakeControl&)>& action) {
    std::promise<void> done;
    boost::asio::post(*context_, [this, &action, &done] {
        action(control_);
        done.set_value();
    });
    done.get_future().wait();
}

RawConnection::RawConnection(const std::string& unix_socket)
    : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, unix_socket.c_str(), sizeof address.sun_path - 1);
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect to " + unix_socket);
}

RawConnection::RawConnection(std::uint16_t loopback_port)
    : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(loopback_port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect to the port");
}

RawConnection::~RawConnection() {
    ::close(descriptor_);
}

void RawConnection::send(const std::string& text) {
    // A server that refuses early may stop reading: then the rest cannot be sent, and need not.
    for (std::size_t sent = 0; sent < text.size();) {
        const ssize_t now =
            ::send(descriptor_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (now <= 0) return;
        sent += static_cast<std::size_t>(now);
    }
}

std::string RawConnection::read_until(const std::string& text) {
    while (seen_.find(text) == std::string::npos) {
        pollfd waiting{descriptor_, POLLIN, 0};
        char bytes[16 * 1024];
        if (::poll(&waiting, 1, wait_limit_ms) <= 0) break;
        const ssize_t got = ::recv(descriptor_, bytes, sizeof bytes, 0);
        if (got <= 0) break;
        seen_.append(bytes, static_cast<std::size_t>(got));
    }
    return seen_;
}

std::string RawConnection::read_all() {
    // No answer has this in it: it is read until the end.
    return read_until(std::string("\0no such text\0", 14));
}

std::string request_text(const std::string& method, const std::string& target,
                         const std::string& headers, const std::string& body) {
    std::string text = method + " " + target + " HTTP/1.1\r\nConnection: close\r\n" + headers;
    if (headers.find("Host:") == std::string::npos) text += "Host: localhost\r\n";
    if (method == "POST") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

std::string over_unix(const TestServer& server, const std::string& request) {
    RawConnection connection(server.socket());
    connection.send(request);
    return connection.read_all();
}

std::string over_tcp(const TestServer& server, const std::string& request) {
    RawConnection connection(server.port());
    connection.send(request);
    return connection.read_all();
}

unsigned status_of(const std::string& answer) {
    return answer.size() < 12 ? 0 : static_cast<unsigned>(std::atoi(answer.c_str() + 9));
}

std::string body_of(const std::string& answer) {
    const std::size_t end = answer.find("\r\n\r\n");
    return end == std::string::npos ? "" : answer.substr(end + 4);
}

}  // namespace bisectd::tests
