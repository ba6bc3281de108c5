#pragma once
#include <vector>

#include "core/bisect_log.hpp"
#include "core/state.hpp"

namespace bisectd {

/// What `git bisect log` would tell of this bisection: the ends; the verdicts of the search, of
/// merge bases and of people, as far as they stand, in their order; and the culprit when there is
/// one. A person's latest word on a commit counts before what boards showed; what was withdrawn
/// disappears until it is tested again. Ends and proofs repeat nothing.
/// `records`: the journal of this bisection. `symptom`: of several, this one's; empty: the
/// culprit's, else the one that was looked at first.
BisectLog log_of(const BisectionState& state, const std::vector<EventRecord>& records,
                 const std::string& symptom = "");

}  // namespace bisectd
