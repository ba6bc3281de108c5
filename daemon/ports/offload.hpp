#pragma once
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <type_traits>
#include <utility>

#include "ports/task.hpp"

namespace bisectd {

/// Runs `work()` on a thread of `pool` and goes on with its result on the caller's executor.
/// For blocking library calls. `work` owns all it touches (no reference to what may go while it
/// runs) and does not throw. Not cancellable: it is awaited to its end, so it must be bounded.
/// Thread: called on the orchestration thread; `pool` outlives its io_context's run.
template <class Work>
auto offload(boost::asio::thread_pool& pool, Work work) -> Task<std::invoke_result_t<Work>> {
    namespace asio = boost::asio;
    using Value = std::invoke_result_t<Work>;
    const auto executor = co_await asio::this_coro::executor;
    auto start = [&pool, executor, job = std::move(work)](auto handler) mutable {
        // The guard keeps the caller's io_context running while only the pool is at work.
        auto guard = asio::make_work_guard(executor);
        auto on_pool = [guard = std::move(guard), job = std::move(job),
                        handler = std::move(handler)]() mutable {
            auto back = [handler = std::move(handler), value = job()]() mutable {
                std::move(handler)(std::move(value));
            };
            asio::post(guard.get_executor(), std::move(back));
        };
        asio::post(pool, std::move(on_pool));
    };
    auto started = asio::async_initiate<const asio::use_awaitable_t<>&, void(Value)>(
        std::move(start), asio::use_awaitable);
    co_return co_await std::move(started);
}

}  // namespace bisectd
