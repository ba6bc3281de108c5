#include "tests/sim/virtual_clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace bisectd::sim {

Task<void> VirtualClock::sleep_for(Ms duration) {
    const Ms deadline = now_ + std::max(duration, Ms(0));
    co_await sleep_until(deadline);
}

Task<void> VirtualClock::sleep_for_ever() {
    co_await sleep_until(Ms::max());
}

Task<void> VirtualClock::sleep_until(Ms deadline) {
    const auto sleeper = std::make_shared<Sleeper>(co_await boost::asio::this_coro::executor, 1);
    if (deadline != Ms::max()) sleepers_.emplace(deadline, sleeper);
    const auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    co_await sleeper->async_receive(token);
}

bool VirtualClock::advance() {
    while (!sleepers_.empty()) {
        const auto [deadline, weak] = *sleepers_.begin();
        sleepers_.erase(sleepers_.begin());
        const auto sleeper = weak.lock();
        if (!sleeper) continue;
        now_ = std::max(now_, deadline);
        sleeper->try_send(boost::system::error_code{});
        return true;
    }
    return false;
}

}  // namespace bisectd::sim
