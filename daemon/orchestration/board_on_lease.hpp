#pragma once
#include "core/board.hpp"
#include "ports/power.hpp"

namespace bisectd {

/// A board while one bisection holds it.
struct BoardOnLease {
    const BoardSpec& spec;
    Power& power;
    Console& console;
};

}  // namespace bisectd
