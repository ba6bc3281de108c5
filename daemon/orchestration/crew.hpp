#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
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
    explicit Crew(const boost::asio::any_io_executor& executor)
        : executor_(executor), woken_(std::make_shared<Channel>(executor, 1)) {}
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    /// `ended` hears how it ended: its result, or the exception of an interruption.
    /// Returns a number by which this one can be interrupted.
    std::uint64_t add(Task<Result<void>> task,
                      std::function<void(std::exception_ptr, Result<void>)> ended) {
        const auto member = members_.emplace(members_.end());
        member->number = ++last_number_;
        const std::uint64_t number = member->number;
        boost::asio::co_spawn(
            executor_, std::move(task),
            boost::asio::bind_cancellation_slot(
                member->signal.slot(), [this, member, ended = std::move(ended)](
                                           std::exception_ptr thrown, Result<void> result) {
                    members_.erase(member);
                    ended(std::move(thrown), std::move(result));
                    wake();
                }));
        return number;
    }

    bool empty() const { return members_.empty(); }
    void interrupt() {
        // A task may end, and leave the list, while it hears of it.
        for (auto at = members_.begin(); at != members_.end();) {
            auto& member = *at++;
            member.signal.emit(boost::asio::cancellation_type::all);
        }
    }
    /// Only this one; nothing happens when it has ended.
    void interrupt(std::uint64_t number) {
        for (Member& member : members_)
            if (member.number == number)
                return member.signal.emit(boost::asio::cancellation_type::all);
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
    struct Member {
        std::uint64_t number = 0;
        boost::asio::cancellation_signal signal;
    };
    std::list<Member> members_;
    std::uint64_t last_number_ = 0;
};

}  // namespace bisectd
