#include "ctl/client.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <cstring>

#include "ctl/terminal.hpp"

namespace bisectd::ctl {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds send_limit{10'000};
// Answers are projections that are at hand; a daemon that needs longer hangs.
constexpr milliseconds get_limit{30'000};
// A git log of a very long bisection, or its whole state, with room.
constexpr std::uint64_t most_body_bytes = 256ULL * 1024 * 1024;

std::unexpected<Error> lost(const std::string& what) {
    return infrastructure("bisectd", what);
}

/// Waits until the descriptor is ready. Returns false when the time is over.
Result<bool> ready(int descriptor, short events, milliseconds limit) {
    pollfd waiting{descriptor, events, 0};
    const int count = ::poll(&waiting, 1, static_cast<int>(limit.count()));
    if (count < 0 && errno == EINTR)
        return interrupted() ? Result<bool>(cancelled("bisectctl", "interrupted")) : false;
    if (count < 0) return lost(fmt::format("cannot wait: {}", std::strerror(errno)));
    return count > 0;
}

}  // namespace

Result<Wire> Wire::connect(const std::string& socket_path) {
    const auto unreachable = [&socket_path](const std::string& why) {
        return infrastructure(socket_path,
                              fmt::format("bisectd cannot be reached here: {}. Is it running "
                                          "(systemctl status bisectd)? Another socket: --socket "
                                          "PATH or $BISECTD_SOCKET",
                                          why));
    };
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.size() >= sizeof address.sun_path) return unreachable("the path is too long");
    std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
    Wire wire(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (wire.descriptor_ < 0) return unreachable(std::strerror(errno));
    if (::connect(wire.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0)
        return unreachable(std::strerror(errno));
    return wire;
}

Wire::~Wire() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> Wire::send(std::string_view text) {
    while (!text.empty()) {
        Result<bool> can = ready(descriptor_, POLLOUT, send_limit);
        if (!can) return std::unexpected(can.error());
        if (!*can) return lost("it does not take the request");
        const ssize_t sent =
            ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return lost(fmt::format("the connection broke: {}", std::strerror(errno)));
        if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

Result<std::size_t> Wire::receive(char* bytes, std::size_t room, milliseconds limit) {
    Result<bool> can = ready(descriptor_, POLLIN, limit);
    if (!can) return std::unexpected(can.error());
    if (!*can) return 0;
    const ssize_t got = ::recv(descriptor_, bytes, room, MSG_DONTWAIT);
    if (got > 0) return static_cast<std::size_t>(got);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    return lost(got == 0 ? "it closed the connection"
                         : fmt::format("the connection broke: {}", std::strerror(errno)));
}

Result<Reply> Client::get(const std::string& target) const {
    return ask(
        fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", target),
        get_limit);
}

Result<Reply> Client::post(const std::string& target, const std::string& body,
                           milliseconds limit) const {
    return ask(fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                           "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                           target, body.size(), body),
               limit);
}

Result<Reply> Client::ask(std::string_view request, milliseconds limit) const {
    namespace http = boost::beast::http;
    Result<Wire> wire = Wire::connect(socket_path_);
    if (!wire) return std::unexpected(wire.error());
    if (Result<void> sent = wire->send(request); !sent) return std::unexpected(sent.error());
    http::response_parser<http::string_body> parser;
    parser.eager(true);
    parser.body_limit(most_body_bytes);
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::string pending;
    std::array<char, 64UL * 1024> bytes;
    while (!parser.is_done()) {
        const auto left =
            std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            return infrastructure(socket_path_, "the daemon is there, but did not answer in time");
        Result<std::size_t> got = wire->receive(bytes.data(), bytes.size(), left);
        if (!got) return std::unexpected(got.error());
        pending.append(bytes.data(), *got);
        boost::system::error_code error;
        const std::size_t used =
            pending.empty() ? 0 : parser.put(boost::asio::buffer(pending), error);
        if (error && error != http::error::need_more)
            return infrastructure(socket_path_,
                                  "what answers here is not bisectd: " + error.message());
        pending.erase(0, used);
    }
    return Reply{parser.get().result_int(), std::move(parser.get().body())};
}

std::string escaped_segment(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

}  // namespace bisectd::ctl
