#pragma once
#include <vector>

#include "core/engine/scene.hpp"

namespace bisectd::engine {

/// Pairs of tested spots, the bad one an ancestor of the good one, each sure by its own data.
void find_contradictions(const Scene& scene, std::size_t column,
                         std::vector<Contradiction>& contradictions);

/// Showings that everything else had made next to impossible.
void find_surprises(const Scene& scene, std::size_t column, std::vector<Surprise>& surprises);

}  // namespace bisectd::engine
