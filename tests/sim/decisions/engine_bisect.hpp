#pragma once
#include <string>

#include "core/engine/engine.hpp"
#include "tests/sim/decisions/outcome.hpp"

namespace bisectd::simulate {

/// One virtual bisect by bisectd's decision engine: asks `advise` whenever something happened that
/// it may want to act on, and lets boards and builders do what it says. `ancestry` is that of the
/// truth's range. `story`, where given, gets a line for each thing that happens.
/// Where the scenario has the final proof, culprit and parents are tested once more, and the bisect
/// ends when the engine still says the same; else it ends with the engine's answer.
Outcome engine_bisect(const Truth& truth, const engine::Ancestry& ancestry,
                      std::string* story = nullptr);

}  // namespace bisectd::simulate
