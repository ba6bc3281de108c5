#pragma once
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>

#include "ports/task.hpp"

namespace bisectd {

/// Lets one coroutine in at a time, in the order they came.
class Gate {
    using Channel = boost::asio::experimental::channel<void(boost::system::error_code)>;

  public:
    explicit Gate(boost::asio::any_io_executor executor)
        : channel_(std::make_shared<Channel>(std::move(executor), 1)) {}

    /// The right to be inside; given back when it is destroyed.
    class Pass {
      public:
        explicit Pass(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
        Pass(Pass&&) = default;
        Pass& operator=(Pass&&) = default;
        Pass(const Pass&) = delete;
        Pass& operator=(const Pass&) = delete;
        ~Pass() {
            if (channel_) channel_->try_receive([](auto&&...) {});
        }

      private:
        std::shared_ptr<Channel> channel_;
    };

    /// Nothing when somebody is inside.
    std::optional<Pass> try_enter() {
        if (!channel_->try_send(boost::system::error_code{})) return std::nullopt;
        return Pass(channel_);
    }

    Task<Pass> enter() {
        const std::shared_ptr<Channel> channel = channel_;
        co_await channel->async_send(boost::system::error_code{}, boost::asio::use_awaitable);
        co_return Pass(channel);
    }

  private:
    std::shared_ptr<Channel> channel_;
};

}  // namespace bisectd
