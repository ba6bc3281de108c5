#pragma once
#include <optional>
#include <string>

#include "core/error.hpp"
#include "tests/sim/decisions/scenario.hpp"

namespace bisectd::simulate {

/// What the prototype of the engine's specification reached in a cell.
struct PrototypeFigure {
    double right = 0;  ///< share
    double wall_s = 0;
    double failed_builds = 0;
};

/// The figure that the specification prints for a cell on git v2.40.0..v2.41.0 (its tables 1, 3
/// and 6, 300 cases a cell or fewer); nothing where it prints none.
std::optional<PrototypeFigure> published_figure(const Scenario& scenario);

/// The figure of a built prototype at `program`, with `history` in the folder `dag` beside it.
Result<PrototypeFigure> measured_figure(const std::string& program, const std::string& history,
                                        const Scenario& scenario);

}  // namespace bisectd::simulate
