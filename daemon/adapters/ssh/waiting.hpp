#pragma once
#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <tuple>

#include "ports/task.hpp"

namespace bisectd::ssh {

namespace asio = boost::asio;
using Moment = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

inline constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

/// The moment when a limit that starts now has passed. Never overflows.
inline Moment after(milliseconds limit) {
    constexpr milliseconds year = std::chrono::hours(24 * 365);
    return std::chrono::steady_clock::now() + std::clamp(limit, milliseconds{0}, year);
}

/// How a wait ended.
enum class Woke { ready, late, cancelled };

/// What `first_of` saw: `error` is that of the operation when it was `ready`.
struct Awoken {
    Woke woke = Woke::late;
    boost::system::error_code error;
};

/// The first of some deferred operations, or the deadline; the rest is cancelled.
/// Never throws and never leaves anything behind when it is cancelled itself.
template <class... Operations>
Task<Awoken> first_of(Moment deadline, Operations... operations) {
    co_await asio::this_coro::throw_if_cancelled(false);
    // Cancelled while no wait was on: nothing would wake the next one.
    auto before = co_await asio::this_coro::cancellation_state;
    if (before.cancelled() != asio::cancellation_type::none) co_return Awoken{Woke::cancelled, {}};
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, deadline);
    auto group = asio::experimental::make_parallel_group(timer.async_wait(asio::deferred),
                                                         std::move(operations)...);
    auto ended = co_await group.async_wait(asio::experimental::wait_for_one(), as_values);
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return Awoken{Woke::cancelled, {}};
    const std::size_t first = std::get<0>(ended)[0];
    if (first == 0) co_return Awoken{Woke::late, {}};
    const auto pick = [](const auto&, const auto&, const auto&... error) {
        return std::array{error...};
    };
    const auto errors = std::apply(pick, ended);
    co_return Awoken{Woke::ready, errors[first - 1]};
}

}  // namespace bisectd::ssh
