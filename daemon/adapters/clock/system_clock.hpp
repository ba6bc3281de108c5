#pragma once
#include <boost/asio/any_io_executor.hpp>

#include "ports/clock.hpp"

namespace bisectd {

/// The machine's clocks, and sleeping on an Asio timer.
/// Thread: `sleep_for` on the executor; the two clocks from anywhere.
class SystemClock final : public Clock {
  public:
    explicit SystemClock(boost::asio::any_io_executor executor);

    std::int64_t now_ms_utc() override;
    std::chrono::milliseconds steady() override;
    /// A cancelled sleep ends early; the caller's next await then says that it was cancelled.
    Task<void> sleep_for(std::chrono::milliseconds duration) override;

  private:
    boost::asio::any_io_executor executor_;
};

}  // namespace bisectd
