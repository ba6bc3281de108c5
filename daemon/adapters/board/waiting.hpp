#pragma once
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd::board {

inline constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

/// Awaits `task`, but no longer than `limit`; nothing when the limit came first.
template <class T>
Task<std::optional<T>> within(std::chrono::milliseconds limit, Task<T> task) {
    using namespace boost::asio::experimental::awaitable_operators;
    namespace this_coro = boost::asio::this_coro;
    boost::asio::steady_timer timer(co_await this_coro::executor, limit);
    auto race = std::move(task) || timer.async_wait(as_result);
    auto winner = co_await std::move(race);
    const auto state = co_await this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none)
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    if (winner.index() == 0) co_return std::move(std::get<0>(winner));
    co_return std::nullopt;
}

inline Task<void> pause_for(std::chrono::milliseconds duration) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

/// Ports throw nothing: turns the exception by which Asio reports a cancellation into an error.
inline Task<Result<void>> without_exceptions(std::string where, Task<Result<void>> task) {
    try {
        co_return co_await std::move(task);
    } catch (const boost::system::system_error& error) {
        if (error.code() == boost::asio::error::operation_aborted)
            co_return cancelled(std::move(where), "was cancelled");
        co_return infrastructure(std::move(where), error.code().message());
    }
}

/// How long to wait before the next try; longer each time.
class BackOff {
  public:
    std::chrono::milliseconds next() {
        const auto now = wait_;
        wait_ = std::min(2 * wait_, longest);
        return now;
    }
    void reset() { wait_ = first; }

  private:
    static constexpr std::chrono::milliseconds first{200}, longest{10'000};
    std::chrono::milliseconds wait_ = first;
};

}  // namespace bisectd::board
