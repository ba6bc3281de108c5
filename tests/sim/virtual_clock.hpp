#pragma once
#include <boost/asio/experimental/channel.hpp>
#include <chrono>
#include <map>
#include <memory>

#include "ports/clock.hpp"

namespace bisectd::sim {

using Ms = std::chrono::milliseconds;

/// Time that passes only when everybody sleeps. Outlives the daemons that use it; a daemon that
/// was killed leaves its sleepers behind, which are then gone.
/// Thread: that of the io_context.
class VirtualClock : public Clock {
  public:
    std::int64_t now_ms_utc() override { return 1'700'000'000'000 + (now_ + jumped_).count(); }
    Ms steady() override { return now_; }
    Ms now() const { return now_; }
    /// Returns early when it is cancelled, as the system clock does.
    Task<void> sleep_for(Ms duration) override;

    /// Never wakes but by cancellation.
    Task<void> sleep_for_ever();
    /// Jumps to the earliest deadline and wakes who waits for it. False: nobody sleeps.
    bool advance();
    /// Lets time pass while no daemon lives.
    void pass(Ms duration) { now_ += duration; }
    /// The time of day is set, forwards or backwards; steady time is not.
    void jump(Ms by) { jumped_ += by; }

  private:
    /// No timer: that would ask the system for its time at each step of ours.
    using Sleeper = boost::asio::experimental::channel<void(boost::system::error_code)>;
    Task<void> sleep_until(Ms deadline);

    Ms now_{1'000};
    Ms jumped_{0};
    std::multimap<Ms, std::weak_ptr<Sleeper>> sleepers_;
};

}  // namespace bisectd::sim
