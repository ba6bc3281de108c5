#pragma once
#include "core/recipe.hpp"
#include "core/state.hpp"

namespace bisectd {

/// How an attempt ended that made its runs: what its looks say together.
AttemptEnded judge_attempt(const StepState& step, const AttemptState& attempt,
                           const Recipe& recipe);

/// Bad without a run that hit: the build or the boot was the symptom, of whatever is looked for, or
/// the board's death, of what was run just then.
bool failed_by(const AttemptState& attempt, const std::string& symptom);

/// It was run here, and nothing was seen: what it tests does not exist, or its reproducer is
/// broken. No further run of it on this boot can mend that; of another symptom it says nothing.
bool shows_nothing(const AttemptState& attempt, const std::string& symptom);
/// Of these, what it tests does not exist.
bool is_absent(const AttemptState& attempt, const std::string& symptom);

/// "3 hits in 40 runs", "400 clean runs": of all attempts of a step that are believed, for one
/// symptom.
std::string shown_by(const StepState& step, const std::string& symptom);

/// "1 run", "2 runs".
std::string counted(std::uint64_t count, const char* one, const char* many);

}  // namespace bisectd
