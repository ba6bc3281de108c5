#include "adapters/board/endpoint.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <charconv>
#include <filesystem>

#include "adapters/board/small_file.hpp"
#include "adapters/board/waiting.hpp"

namespace bisectd::board {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

Result<Endpoint> parse_host_port(const std::string& address, const std::string& where) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos || colon == 0)
        return wrong_request(where, fmt::format("\"{}\" is no address: write host:port", address));
    Endpoint endpoint{{}, address.substr(0, colon), address.substr(colon + 1)};
    if (endpoint.host.front() == '[' && endpoint.host.back() == ']')
        endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
    else if (endpoint.host.find(':') != std::string::npos)
        return wrong_request(where, fmt::format("\"{}\" is no address: write an IPv6 address in "
                                                "brackets, [::1]:{}",
                                                address, endpoint.port));
    unsigned port = 0;
    const char* end = endpoint.port.data() + endpoint.port.size();
    const auto parsed = std::from_chars(endpoint.port.data(), end, port);
    if (parsed.ec != std::errc{} || parsed.ptr != end || port == 0 || port > 65535)
        return wrong_request(
            where, fmt::format("\"{}\" is no port: write a number from 1 to 65535", endpoint.port));
    return endpoint;
}

/// A lost peer of a silent console would never be noticed otherwise.
void keep_alive(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    const int idle_s = 60, interval_s = 15, probes = 4;
    const int fd = socket.native_handle();
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

Task<Result<Stream>> connect_tcp(Endpoint endpoint) {
    const auto executor = co_await asio::this_coro::executor;
    tcp::resolver resolver(executor);
    auto [unknown, addresses] =
        co_await resolver.async_resolve(endpoint.host, endpoint.port, as_result);
    if (unknown) co_return infrastructure(endpoint.text(), "has no address: " + unknown.message());
    tcp::socket socket(executor);
    auto [failed, chosen] = co_await asio::async_connect(socket, addresses, as_result);
    if (failed) co_return infrastructure(endpoint.text(), "cannot connect: " + failed.message());
    keep_alive(socket);
    co_return Stream(std::move(socket));
}

Task<Result<Stream>> connect_unix(Endpoint endpoint) {
    const auto executor = co_await asio::this_coro::executor;
    std::string path = endpoint.unix_path;
    Handle folder;
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        // The kernel takes 107 bytes only: go through a descriptor of the folder.
        const std::filesystem::path full(path);
        const std::string parent = full.parent_path().string();
        folder = Handle(open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!folder) co_return infrastructure(path, "cannot connect: " + reason(errno));
        path = fmt::format("/proc/self/fd/{}/{}", folder.get(), full.filename().string());
        if (path.size() >= sizeof(sockaddr_un::sun_path))
            co_return wrong_request(endpoint.unix_path, "the socket's name is too long");
    }
    Stream socket(executor);
    const asio::local::stream_protocol::endpoint target(path);
    auto [failed] = co_await socket.async_connect(target, as_result);
    if (failed) co_return infrastructure(endpoint.text(), "cannot connect: " + failed.message());
    co_return std::move(socket);
}

}  // namespace

Result<Endpoint> parse_endpoint(DriverKind driver, const std::string& address,
                                const std::string& where) {
    if (driver == DriverKind::tcp) return parse_host_port(address, where);
    if (address.empty()) return wrong_request(where, "names no socket: give its path");
    return Endpoint{address, {}, {}};
}

Task<Result<Stream>> connect(Endpoint endpoint, std::chrono::milliseconds limit) {
    auto task = endpoint.unix_path.empty() ? connect_tcp(endpoint) : connect_unix(endpoint);
    auto connected = co_await within(limit, std::move(task));
    if (!connected)
        co_return infrastructure(
            endpoint.text(),
            fmt::format("did not accept a connection within {} ms", limit.count()));
    co_return std::move(*connected);
}

}  // namespace bisectd::board
