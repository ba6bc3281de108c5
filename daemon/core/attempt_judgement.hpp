#pragma once
#include "core/recipe.hpp"
#include "core/state.hpp"

namespace bisectd {

/// How an attempt ended that made its runs: what its looks say together.
AttemptEnded judge_attempt(const StepState& step, const AttemptState& attempt,
                           const Recipe& recipe);

/// "3 hits in 40 runs", "400 clean runs": of all attempts of a step that are believed, for one
/// symptom.
std::string shown_by(const StepState& step, const std::string& symptom);

/// "1 run", "2 runs".
std::string counted(std::uint64_t count, const char* one, const char* many);

}  // namespace bisectd
