#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/deciding.hpp"

namespace bisectd {

// A check is a step that is judged by its own runs alone: a good end or merge base, a proof, a
// control, a test again.

bool is_check(Purpose purpose);
/// A test of a board, or again of a commit, is evidence once it is complete: how long it takes is
/// said by all other evidence, not by its own.
bool counts_when_closed(const StepState& step);
/// The symptoms that a check is about.
std::vector<std::string> checked_symptoms(const BisectionState& state, const Recipe& recipe,
                                          const StepState& step);
/// What a check still wants for a symptom; 0: it is complete. Unit: runs, or boots where the boot
/// decides.
std::uint64_t wanted(Deciding& deciding, const StepState& step, const std::string& symptom);
/// No symptom of the check wants anything more.
bool is_complete(Deciding& deciding, const StepState& step);
/// What a check showed itself: bad when there was a hit, good when there were clean runs only.
Verdict shown_verdict(const StepState& step, const std::string& symptom);

}  // namespace bisectd
