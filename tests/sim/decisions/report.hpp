#pragma once
#include <string>
#include <vector>

#include "tests/sim/decisions/bound.hpp"
#include "tests/sim/decisions/outcome.hpp"

namespace bisectd::simulate {

/// One algorithm's line.
struct Row {
    std::string algorithm;
    Summary summary;
};

/// What is printed of an experiment.
struct Report {
    Scenario scenario;
    std::string range;  ///< "git-2.40-2.41.txt, 734 commits"
    std::vector<Row> rows;
    bool cpu = true;  ///< false: without CPU times, so that a seed always prints the same bytes
};

/// The bound of a scenario, for the information that its bisects held.
Bound bound_of(const Report& report);

/// For people: the scenario, a table, and what to make of it.
std::string as_text(const Report& report);
/// One JSON object.
std::string as_json(const Report& report);

/// "3 h 20 min", "45 min", "50 s".
std::string duration(double seconds);
/// "1 in 800", "0.3" or "always": a chance as people say it.
std::string chance_words(double chance);

}  // namespace bisectd::simulate
