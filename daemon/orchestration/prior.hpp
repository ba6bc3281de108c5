#pragma once
#include <string>
#include <vector>

#include "core/history.hpp"
#include "core/state.hpp"
#include "orchestration/lab.hpp"

namespace bisectd {

/// Finds out which suspects touch nothing that the bad end was built from, and freezes the list.
/// Requires: the bad end was built. Errors: infrastructure, cancelled.
Task<Result<PriorWeighed>> weigh_prior(Lab& lab, const BisectionState& state,
                                       std::shared_ptr<const History> history);

/// The frozen list again, as positions in the history.
/// Errors: infrastructure when it is not there or was changed.
Result<std::vector<CommitIndex>> read_prior(const Lab& lab, const PriorWeighed& prior,
                                            const History& history);

/// What makes a commit suspicious as a culprit, a sentence each; best effort.
Task<std::vector<std::string>> flags_of(Lab& lab, const BisectionState& state, const Recipe& recipe,
                                        CommitId commit);

}  // namespace bisectd
