#pragma once
#include "tests/sim/decisions/scenario.hpp"

namespace bisectd::simulate {

/// What no method can beat, by information: the noise of the runs is known, one board, each build
/// on the way. Source: section 9 of the engine's specification (Fano; channel capacity).
struct Bound {
    double commits = 0;
    double runs = 0;
    double wall_s = 0;
};

/// `information`: bits to be found out, in the mean.
Bound information_bound(const Scenario& scenario, double information);

/// The entropy of a chance. Unit: bits.
double entropy(double chance);

}  // namespace bisectd::simulate
