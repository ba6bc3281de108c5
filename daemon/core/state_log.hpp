#pragma once
#include "core/bisect_log.hpp"
#include "core/state.hpp"

namespace bisectd {

/// What `git bisect log` would tell of this bisection: the ends, the verdicts of the search and of
/// merge bases in their order, and the culprit when there is one. Ends and proofs repeat nothing.
BisectLog log_of(const BisectionState& state);

}  // namespace bisectd
