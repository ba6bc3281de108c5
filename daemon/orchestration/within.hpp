#pragma once
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "ports/clock.hpp"

namespace bisectd {

/// Awaits `task` for at most `limit`; then cancels it.
/// Errors: those of the task; infrastructure "WHERE: no answer within N s" at the limit.
template <class T>
Task<Result<T>> within(Clock& clock, std::chrono::milliseconds limit, Task<Result<T>> task,
                       std::string where) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto first = co_await (std::move(task) || clock.sleep_for(limit));
    if (first.index() == 0) co_return std::get<0>(std::move(first));
    co_return infrastructure(
        std::move(where),
        "no answer within " +
            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(limit).count()) + " s");
}

}  // namespace bisectd
