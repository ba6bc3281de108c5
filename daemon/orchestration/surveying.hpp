#pragma once
#include "core/knowledge.hpp"
#include "core/state.hpp"
#include "core/survey.hpp"
#include "orchestration/lab.hpp"

namespace bisectd {

/// The picture of a search, with subjects. What `knowledge` lacks (of a bisection that has ended)
/// is read from the mirror; long computations are done on the pool.
/// Errors: request before the range is known; infrastructure when the history cannot be read.
Task<Result<Survey>> draw_survey(Lab& lab, BisectionState state, Knowledge knowledge);

}  // namespace bisectd
