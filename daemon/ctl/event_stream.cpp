#include "ctl/event_stream.hpp"

#include <fmt/format.h>

#include <array>

namespace bisectd::ctl {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds head_limit{10'000};
// Three heartbeats of the daemon (15 s each).
constexpr milliseconds silence_limit{45'000};
constexpr std::size_t longest_head = 16UL * 1024;

}  // namespace

Result<EventStream> EventStream::open(const std::string& socket_path, const std::string& target,
                                      const std::string& last_id) {
    Result<Wire> wire = Wire::connect(socket_path);
    if (!wire) return std::unexpected(wire.error());
    EventStream stream(std::move(*wire));
    const std::string resume = last_id.empty() ? "" : fmt::format("Last-Event-ID: {}\r\n", last_id);
    const std::string request =
        fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n{}\r\n",
                    target, resume);
    if (Result<void> sent = stream.wire_.send(request); !sent) return std::unexpected(sent.error());
    if (Result<void> read = stream.read_head(); !read) return std::unexpected(read.error());
    return stream;
}

Result<void> EventStream::read_head() {
    const auto deadline = Clock::now() + head_limit;
    std::string head;
    std::array<char, 4096> bytes;
    std::size_t end = std::string::npos;
    while (end == std::string::npos) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
        if (left.count() <= 0 || head.size() > longest_head)
            return infrastructure("bisectd", "its event stream does not begin");
        Result<std::size_t> got = wire_.receive(bytes.data(), bytes.size(), left);
        if (!got) return std::unexpected(got.error());
        head.append(bytes.data(), *got);
        end = head.find("\r\n\r\n");
    }
    if (!head.starts_with("HTTP/1.1 200 "))
        return wrong_request("bisectd",
                             "it refuses its event stream: " + head.substr(0, head.find("\r\n")));
    if (!parser_.feed(std::string_view(head).substr(end + 4)))
        return infrastructure("bisectd", "its event stream makes no sense");
    return {};
}

Result<std::optional<ServerEvent>> EventStream::next(milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    std::array<char, 16UL * 1024> bytes;
    for (;;) {
        if (std::optional<ServerEvent> event = parser_.next()) return event;
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
        Result<std::size_t> got =
            wire_.receive(bytes.data(), bytes.size(), std::max(left, milliseconds(0)));
        if (!got) return std::unexpected(got.error());
        if (*got > 0) heard_ = Clock::now();
        if (Clock::now() - heard_ > silence_limit)
            return infrastructure("bisectd", "it has gone silent");
        if (!parser_.feed({bytes.data(), *got}))
            return infrastructure("bisectd", "its event stream makes no sense");
        if (*got == 0 && Clock::now() >= deadline) return parser_.next();
    }
}

}  // namespace bisectd::ctl
