#pragma once
#include <chrono>

#include "core/board.hpp"
#include "ports/power.hpp"

namespace bisectd {

/// A board while one bisection holds it.
struct BoardOnLease {
    const BoardSpec& spec;
    Power& power;
    Console& console;
    /// Until then the board may be on its way to its known-good kernel, and its silence means
    /// nothing. Unit: the clock's steady time.
    std::chrono::milliseconds& home_by;
};

}  // namespace bisectd
