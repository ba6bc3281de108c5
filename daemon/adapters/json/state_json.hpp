#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <vector>

#include "core/asides.hpp"
#include "core/state.hpp"
#include "ports/control.hpp"

namespace bisectd {

/// One bisection in a few fields, for lists.
boost::json::object summary_json(const BisectionState& state);

/// The whole state: what was asked, range, steps with their attempts, proof, ending.
/// Described in docs/api.md. Paths of log files are left out; the API has its own links.
boost::json::object state_json(const BisectionState& state);

/// What is judged, expected, built ahead and in doubt; beside the parts of `state_json`.
boost::json::object asides_json(const Asides& asides);

boost::json::object progress_json(const Progress& progress);
boost::json::object board_json(const BoardStatus& board);

/// The steps that prove the culprit, oldest first; empty before the proof has begun.
std::vector<const StepState*> proof_steps(const BisectionState& state);

/// Suspects that were left when the last step began; the whole range before the first one.
std::uint64_t suspects_left(const BisectionState& state);

/// Steps that were given a verdict.
std::uint64_t steps_done(const BisectionState& state);

}  // namespace bisectd
