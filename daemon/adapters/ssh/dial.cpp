#include "adapters/ssh/dial.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <charconv>
#include <fstream>
#include <memory>
#include <vector>

namespace bisectd::ssh {
namespace {

using asio::ip::tcp;

/// A look-up on its way. Asio's thread may hold it longer than anybody waits for it.
struct LookUp {
    explicit LookUp(const asio::any_io_executor& executor) : resolver(executor), wake(executor) {}
    tcp::resolver resolver;
    asio::steady_timer wake;
    bool done = false;
    boost::system::error_code error;
    std::vector<tcp::endpoint> found;
};

/// A look-up cannot be interrupted once the C library works on it, so it is waited for through a
/// timer; when the limit passes its late answer is dropped.
Task<Result<std::vector<tcp::endpoint>>> resolve(std::string host, std::uint16_t port,
                                                 std::string where, Moment deadline) {
    boost::system::error_code no_address;
    const auto address = asio::ip::make_address(host, no_address);
    if (!no_address) co_return std::vector{tcp::endpoint{address, port}};

    auto look_up = std::make_shared<LookUp>(co_await asio::this_coro::executor);
    look_up->wake.expires_at(deadline);
    look_up->resolver.async_resolve(
        host, std::to_string(port),
        [look_up](boost::system::error_code error, const tcp::resolver::results_type& results) {
            look_up->done = true;
            look_up->error = error;
            for (const auto& entry : results) look_up->found.push_back(entry.endpoint());
            look_up->wake.cancel();
        });
    co_await look_up->wake.async_wait(as_values);
    look_up->resolver.cancel();
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        co_return cancelled(where, "cancelled while its name was looked up");
    if (!look_up->done) co_return infrastructure(where, "the name server did not answer in time");
    if (look_up->error)
        co_return infrastructure(
            where, fmt::format("cannot find host {}: {}", host, look_up->error.message()));
    co_return look_up->found;
}

void set_options(tcp::socket& socket) {
    // Each only makes things better; a kernel without one of them still works.
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(tcp::socket::keep_alive(true), ignored);
    const auto set = [fd = socket.native_handle()](int option, int value) {
        setsockopt(fd, IPPROTO_TCP, option, &value, sizeof value);
    };
    set(TCP_KEEPIDLE, 10);
    set(TCP_KEEPINTVL, 5);
    set(TCP_KEEPCNT, 4);
    set(TCP_USER_TIMEOUT, 30'000);
}

}  // namespace

Result<std::uint16_t> port_of(const SshSpec& spec, const std::string& where) {
    if (spec.port_file.empty()) return spec.port;
    std::ifstream file(spec.port_file);
    std::string text(16, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error == std::errc{} && end == text.data() + text.size() && port != 0) return port;
    return infrastructure(
        where, fmt::format("no port in the file {}: is the board switched on?", spec.port_file));
}

Task<Result<tcp::socket>> dial(std::string host, std::uint16_t port, std::string where,
                               Moment deadline) {
    auto endpoints = co_await resolve(std::move(host), port, where, deadline);
    if (!endpoints) co_return std::unexpected(endpoints.error());
    auto executor = co_await asio::this_coro::executor;
    std::string last = "the name has no address";
    for (std::size_t i = 0; i < endpoints->size(); ++i) {
        // A silent address must not use up the time of those after it.
        const auto left = deadline - std::chrono::steady_clock::now();
        const auto share = left / static_cast<int>(endpoints->size() - i);
        const Moment until = deadline - left + share;
        tcp::socket socket(executor);
        auto attempt = socket.async_connect((*endpoints)[i], asio::deferred);
        const Awoken end = co_await first_of(until, std::move(attempt));
        if (end.woke == Woke::cancelled) co_return cancelled(where, "cancelled while connecting");
        if (end.woke == Woke::ready && !end.error) {
            set_options(socket);
            co_return std::move(socket);
        }
        last = end.woke == Woke::late ? "no answer in time; is the board on, and on the network?"
                                      : end.error.message();
    }
    co_return infrastructure(where, "cannot connect: " + last);
}

}  // namespace bisectd::ssh
