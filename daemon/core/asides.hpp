#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "core/state.hpp"

namespace bisectd {

/// What the state of a bisection tells beside its steps, for people.
struct Asides {
    /// The latest of each commit and symptom, in their order; withdrawn ones as well.
    std::vector<CommitJudged> judged;
    std::optional<Estimated> estimate;          ///< the latest
    std::vector<BoardQuarantined> quarantined;  ///< and not given back since
    std::vector<ContradictionFound> contradictions;
    std::vector<BuildAheadStarted> building_ahead;  ///< those that go on
    std::uint64_t built_ahead = 0;                  ///< those that ended with an artefact
    std::optional<PriorWeighed> prior;
};

Asides asides_of(const BisectionState& state);

}  // namespace bisectd
