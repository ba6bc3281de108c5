#pragma once
#include <vector>

#include "core/request.hpp"
#include "orchestration/lab.hpp"
#include "orchestration/station.hpp"
#include "ports/finding.hpp"

namespace bisectd {

/// Looks at everything that a bisection needs before one is started: the clone and the range, the
/// recipe, its tool chain, the controller's sandbox and disk, and each board's SSH, agent, kernel,
/// free space, power and console. What the request leaves empty is not looked at; without a board
/// all boards are, without a recipe what every build needs. A board is switched on, but never
/// cycled: that would take it from whoever has it.
Task<std::vector<Finding>> examine(Lab& lab, Stations& stations, StartRequest request);

}  // namespace bisectd
