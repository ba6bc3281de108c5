#pragma once
#include "core/agent_protocol.hpp"
#include "core/outcome.hpp"
#include "core/recipe.hpp"

namespace bisectd {

/// What one run showed. Pure; the first line that applies decides:
///
/// | seen                                                          | look            |
/// |---------------------------------------------------------------|-----------------|
/// | kernel log matches `kernel_log_pattern`                       | hit             |
/// | output matches `bad_pattern`                                  | hit             |
/// | deadline passed and `deadline_is_bad`                         | hit             |
/// | code in `bad_exit`, and it is the run's own (see below)       | hit             |
/// | oops or panic in the kernel log that is not the symptom       | other-bug       |
/// | deadline passed                                               | void            |
/// | ended by the agent because `good_pattern` was seen            | clean           |
/// | code in `not_applicable_exit`                                 | not-applicable  |
/// | code in `good_exit`: `good_pattern` seen, or none asked for   | clean           |
/// | code in `good_exit`: `good_pattern` asked for and not seen    | void            |
/// | code 125, 126 or 127: the reproducer itself is broken         | void            |
/// | a signal                                                      | other-bug       |
/// | `good_pattern` seen                                           | clean           |
/// | anything else                                                 | other-bug       |
///
/// The code is the exit code; for a signal it is 128 + its number, as a shell says, so that 139 in
/// a list means "segmentation fault" however the reproducer was started. It is not the run's own
/// when the agent ended the run: at the deadline, or by TERM or KILL when the good pattern came.
/// A symptom outranks the rest: a run that shows it is a hit even if its exit code says "good".
Look judge_run(const AgentRun& run, const Symptom& symptom);

}  // namespace bisectd
