#include "adapters/clock/system_clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace bisectd {

namespace asio = boost::asio;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

SystemClock::SystemClock(asio::any_io_executor executor) : executor_(std::move(executor)) {}

std::int64_t SystemClock::now_ms_utc() {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    return duration_cast<milliseconds>(since_1970).count();
}

milliseconds SystemClock::steady() {
    return duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

Task<void> SystemClock::sleep_for(milliseconds duration) {
    asio::steady_timer timer(executor_, duration);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace bisectd
