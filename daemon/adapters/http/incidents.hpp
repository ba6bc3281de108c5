#pragma once
#include <string>
#include <vector>

#include "core/error.hpp"
#include "ports/control.hpp"

namespace bisectd::http {

/// What happened beside the steps (recoveries, parked boards, pauses, judgements, doubts, notes) in
/// a bisection, and to its boards while it went on; the latest few hundred, oldest first.
/// Errors: as of `Control::find_events`.
Result<std::vector<EventRecord>> incidents_of(Control& control, const BisectionState& state);

/// What happened to a board, in any bisection; the latest `limit`, oldest first.
Result<std::vector<EventRecord>> incidents_of_board(Control& control, const std::string& board,
                                                    std::size_t limit);

/// The events of an attempt, each with its time: its climb, without the runs.
Result<std::vector<EventRecord>> moments_of(Control& control, BisectionId id, std::uint64_t step,
                                            std::uint64_t attempt);

}  // namespace bisectd::http
