#pragma once
#include <functional>
#include <optional>
#include <string>

#include "orchestration/board_agent.hpp"
#include "orchestration/board_on_lease.hpp"
#include "orchestration/chronicle.hpp"

namespace bisectd {

/// Whether the board runs its known-good kernel: the build-id of the fallback where it is
/// configured, else its release, else any release that is not one of ours.
bool is_known_good(const BoardSpec& board, const BoardFacts& facts);

/// Meets the board again and again until `enough` says yes to its facts, or the limit passes.
/// Returns the facts that were told last; nothing when the board did not answer in the end.
Task<std::optional<BoardFacts>> wait_for_board(Lab& lab, BoardSpec board,
                                               std::chrono::milliseconds limit,
                                               std::function<bool(const BoardFacts&)> enough);

/// Asks a board that answers to go to its known-good kernel, and does not wait for it: it boots
/// while the next commit is built. Best effort: `bring_home` does the rest.
Task<void> send_home(Lab& lab, BoardOnLease board);

/// Brings the board to its proven known-good kernel, climbing the recovery ladder only as far as
/// needed: new session, agent reboot, sysrq, power cycle (twice), cold wait; without a power switch
/// a wait takes the place of the last two. Each rung is journalled, but for what is no recovery: a
/// board that is home at the first look, or goes there at the first word. When nothing helps the
/// board is parked and a person asked. Errors: infrastructure when the board had to be parked; the
/// journal's.
Task<Result<BoardFacts>> bring_home(Lab& lab, Chronicle& chronicle, BoardOnLease board);

}  // namespace bisectd
