#pragma once
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "ports/task.hpp"

namespace bisectd {

/// Runs `task` so that a cancellation ends its waits with an error code but throws nothing at its
/// next `co_await`: for tasks that tell the caller by a Result. The caller's way is restored.
template <class T>
Task<T> quietly(Task<T> task) {
    const bool before = co_await boost::asio::this_coro::throw_if_cancelled();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    T result = co_await std::move(task);
    co_await boost::asio::this_coro::throw_if_cancelled(before);
    co_return result;
}

}  // namespace bisectd
