#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd {

/// What an exception says of itself. Requires: one was thrown.
inline std::string what_was(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        return error.what();
    }
}

/// Tasks that go on side by side, owned: each can be interrupted, and somebody can wait until one
/// of them has ended. Thread: the orchestration thread.
class Crew {
    using Channel = boost::asio::experimental::channel<void(boost::system::error_code)>;

  public:
    explicit Crew(boost::asio::any_io_executor executor)
        : executor_(executor), woken_(std::make_shared<Channel>(executor, 1)) {}
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    /// `ended` hears how it ended: its result, or the exception of an interruption.
    void add(Task<Result<void>> task, std::function<void(std::exception_ptr, Result<void>)> ended) {
        const auto signal = signals_.emplace(signals_.end());
        boost::asio::co_spawn(
            executor_, std::move(task),
            boost::asio::bind_cancellation_slot(
                signal->slot(), [this, signal, ended = std::move(ended)](std::exception_ptr thrown,
                                                                         Result<void> result) {
                    signals_.erase(signal);
                    ended(thrown, std::move(result));
                    wake();
                }));
    }

    bool empty() const { return signals_.empty(); }
    void interrupt() {
        // A task may end, and leave the list, while it hears of it.
        for (auto at = signals_.begin(); at != signals_.end();) {
            auto& signal = *at++;
            signal.emit(boost::asio::cancellation_type::all);
        }
    }
    /// Lets `woken` return: something has changed.
    void wake() { woken_->try_send(boost::system::error_code{}); }
    /// Awaits the next `wake` or the end of a task; returns at once when one came since the last.
    Task<void> woken() {
        const std::shared_ptr<Channel> channel = woken_;
        co_await channel->async_receive(boost::asio::use_awaitable);
    }

  private:
    boost::asio::any_io_executor executor_;
    std::shared_ptr<Channel> woken_;
    std::list<boost::asio::cancellation_signal> signals_;
};

}  // namespace bisectd
