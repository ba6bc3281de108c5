#pragma once
#include <vector>

#include "core/engine/scene.hpp"

namespace bisectd::engine {

/// The spots among which a choice is made: what boards have booted, what is built, tested or named
/// as a hint as far as it is uncertain, the good end, and of all other commits some of each
/// probability of being bad, most of them near one half.
std::vector<Candidate> shortlist(const Scene& scene);

}  // namespace bisectd::engine
