#pragma once
#include <string>

#include "core/engine/engine.hpp"
#include "tests/sim/decisions/report.hpp"

namespace bisectd::simulate {

/// A range with what every experiment on it shares.
struct Ground {
    Range range;
    engine::Ancestry ancestry;
    std::string name;  ///< as a report shows it
    unsigned jobs = 2;
};
Ground ground_of(Range range, std::string name, unsigned jobs);

/// The engine alone.
Summary play_engine(const Ground& ground, const Scenario& scenario);

/// The engine and, where `rivals`, plain `git bisect` and `git bisect` with the best repeats.
Report compare(const Ground& ground, const Scenario& scenario, bool rivals);

}  // namespace bisectd::simulate
