#pragma once
#include <optional>
#include <string>

#include "tests/sim/decisions/experiment.hpp"

namespace bisectd::simulate {

/// What the scenario table needs beside its ground.
struct TableWish {
    unsigned trials = 100;
    std::uint64_t seed = 1;
    bool slow_cells = false;  ///< rare bugs among 20 % unbuildable or with noise: hours of CPU
    std::string prototype;    ///< a built prototype to run for the same cells; empty: its published
                              ///< figures
    std::string history;      ///< name of the history in the prototype's folder
};

/// The scenario table of the engine's goals: every cell is played, and each goal gets a line with
/// what was measured and whether it is met. Markdown. Tells its progress on standard error.
Result<std::string> scenario_table(const Ground& ground, const TableWish& wish);

}  // namespace bisectd::simulate
