#pragma once
#include <string>

#include "orchestration/attempt.hpp"

namespace bisectd {

/// File of an attempt: `which` is "build", "console" or "runs".
std::string evidence_file(const Workshop& workshop, BisectionId bisection, std::uint64_t step,
                          std::uint64_t attempt, const std::string& which);

/// Writes what the console said since `mark` beside the attempt's build log.
void save_console(const Attempt& attempt, std::uint64_t mark);

/// Appends text to the attempt's log of runs.
void save_runs(const Attempt& attempt, const std::string& text);

}  // namespace bisectd
