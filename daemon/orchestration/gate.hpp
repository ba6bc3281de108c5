#pragma once
#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/request.hpp"
#include "ports/task.hpp"

namespace bisectd {

/// Lets one coroutine in at a time: higher priority first, equals in the order they came. Whoever
/// comes again stands behind those who wait.
/// Thread: the orchestration thread.
class Gate {
    using Channel = boost::asio::experimental::channel<void(boost::system::error_code)>;

    struct Waiter {
        Waiter(BisectionId one, int rank, const boost::asio::any_io_executor& executor)
            : who(one), priority(rank), called(executor, 1) {}
        BisectionId who;
        int priority;
        Channel called;
    };
    struct State {
        bool inside = false;
        std::list<std::shared_ptr<Waiter>> queue;  ///< in the order they will be let in

        /// The next one is inside before the last one has quite gone: nobody slips in between.
        void leave() {
            if (queue.empty()) {
                inside = false;
                return;
            }
            const std::shared_ptr<Waiter> next = queue.front();
            queue.pop_front();
            next->called.try_send(boost::system::error_code{});
        }
    };

  public:
    explicit Gate(boost::asio::any_io_executor executor)
        : executor_(std::move(executor)), state_(std::make_shared<State>()) {}

    /// The right to be inside; given back when it is destroyed.
    class Pass {
      public:
        explicit Pass(std::shared_ptr<State> state) : state_(std::move(state)) {}
        Pass(Pass&&) = default;
        Pass& operator=(Pass&& other) noexcept {
            if (this != &other) give_back();
            state_ = std::move(other.state_);
            return *this;
        }
        Pass(const Pass&) = delete;
        Pass& operator=(const Pass&) = delete;
        ~Pass() { give_back(); }

      private:
        void give_back() {
            if (const std::shared_ptr<State> state = std::exchange(state_, nullptr)) state->leave();
        }
        std::shared_ptr<State> state_;
    };

    /// Nothing when somebody is inside.
    std::optional<Pass> try_enter() {
        if (std::exchange(state_->inside, true)) return std::nullopt;
        return Pass(state_);
    }

    /// `who`: for whoever asks who waits; 0: no bisection.
    Task<Pass> enter(BisectionId who = 0, int priority = 0) {
        if (auto pass = try_enter()) co_return std::move(*pass);
        const std::shared_ptr<State> state = state_;
        const auto waiter = std::make_shared<Waiter>(who, priority, executor_);
        const auto behind = std::ranges::find_if(
            state->queue, [priority](const auto& w) { return w->priority < priority; });
        state->queue.insert(behind, waiter);
        const Place place{state, waiter};
        co_await waiter->called.async_receive(boost::asio::use_awaitable);
        co_return place.taken();
    }

    bool is_taken() const { return state_->inside; }
    /// Somebody waits whose turn it is before one of this priority comes again.
    bool is_wanted(int priority) const {
        return !state_->queue.empty() && state_->queue.front()->priority >= priority;
    }
    /// Who waits, in the order they will be let in.
    std::vector<BisectionId> waiting() const {
        std::vector<BisectionId> ids;
        for (const auto& waiter : state_->queue) ids.push_back(waiter->who);
        return ids;
    }

  private:
    /// A place in the queue; who gives it up after he was called calls the next.
    struct Place {
        std::shared_ptr<State> state;
        std::shared_ptr<Waiter> waiter;
        mutable bool inside = false;

        Place(std::shared_ptr<State> of, std::shared_ptr<Waiter> one)
            : state(std::move(of)), waiter(std::move(one)) {}
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place() {
            if (!inside && std::erase(state->queue, waiter) == 0) state->leave();
        }
        Pass taken() const {
            inside = true;
            return Pass(state);
        }
    };

    boost::asio::any_io_executor executor_;
    std::shared_ptr<State> state_;
};

}  // namespace bisectd
