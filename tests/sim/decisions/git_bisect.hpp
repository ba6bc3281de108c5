#pragma once
#include "tests/sim/decisions/outcome.hpp"

namespace bisectd::simulate {

/// One virtual bisect by `git bisect run` on one board, with a script that takes the first hit of
/// `repeats` runs for bad and calls a commit that does not build a skip. The ends are believed.
Outcome git_bisect(const Truth& truth, std::uint64_t repeats);

/// The least number of runs a step with which `git bisect` is right as often as `wanted`, less half
/// a point; where none is, the one that is right most often.
struct BestRepeats {
    std::uint64_t repeats = 1;
    bool reached = false;
    Summary summary;
};
BestRepeats best_repeats(const Range& range, const Scenario& scenario, unsigned jobs,
                         double wanted);

}  // namespace bisectd::simulate
