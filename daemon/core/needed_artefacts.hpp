#pragma once
#include <set>
#include <string>

#include "core/state.hpp"

namespace bisectd {

/// Keys of the artefacts that a bisection wants again, most likely, or compares others with: those
/// of its ends, checks and proofs, of its suspects and their parents, of steps that are open, and
/// what was built ahead and not tested yet. None of one that has ended.
std::set<std::string> needed_artefacts(const BisectionState& state);

/// Keys of the artefacts that the proofs of a bisection rest on, whether or not it has ended:
/// people look at them again.
std::set<std::string> proof_artefacts(const BisectionState& state);

}  // namespace bisectd
