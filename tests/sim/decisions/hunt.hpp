#pragma once
#include <string>

#include "tests/sim/decisions/experiment.hpp"

namespace bisectd::simulate {

/// The hunts that can be played before they are begun.
/// Errors: request when `name` is none of them.
Result<std::string> play_hunt(const std::string& name, unsigned jobs, std::uint64_t seed,
                              unsigned bisects);

}  // namespace bisectd::simulate
