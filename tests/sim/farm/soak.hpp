#pragma once
#include <cstdint>

#include "tests/sim/farm/season.hpp"

namespace bisectd::sim {

/// One farm over so many virtual hours: a new bisection is asked for when one has ended. Prints,
/// every virtual hour, what memory and file descriptors the process has. 0: no rule was broken.
int soak(std::uint64_t seed, const SeasonWish& wish, double hours);

}  // namespace bisectd::sim
