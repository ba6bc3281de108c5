#pragma once
#include <chrono>
#include <cstdint>

#include "ports/task.hpp"

namespace bisectd {

class Clock {
  public:
    virtual ~Clock() = default;
    /// Unit: milliseconds since 1970 UTC. May jump; only for the journal and for people.
    virtual std::int64_t now_ms_utc() = 0;
    /// Steady; for limits and durations.
    virtual std::chrono::milliseconds steady() = 0;
    virtual Task<void> sleep_for(std::chrono::milliseconds duration) = 0;
};

}  // namespace bisectd
