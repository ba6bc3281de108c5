#pragma once
#include <cstdint>
#include <string>
#include <variant>

#include "core/history.hpp"
#include "core/recipe.hpp"
#include "core/state.hpp"

namespace bisectd {

// What is to be done next. Only `decide` says it; orchestration carries it out.

/// Nothing, until a person acts or for ever (paused, parked, ended).
struct Rest {};
/// The names of the request are still to be resolved.
struct ResolveRange {};
/// Choose this commit and start a step.
struct TestCommit {
    CommitId commit;
    Purpose purpose = Purpose::search;
    std::uint64_t suspects = 0;
};
/// Start another attempt of the open step.
struct TryAgain {
    std::uint64_t step = 0;
};
/// Go on with the open attempt (also after a restart).
struct ClimbOn {
    std::uint64_t step = 0;
    std::uint64_t attempt = 0;
};
/// One suspect is left: look up what it is.
struct NameSuspect {
    CommitId commit;
};
/// Write this down.
struct Conclude {
    std::variant<VerdictGiven, BisectionEnded, BisectionPaused> event;
};

using Decision =
    std::variant<Rest, ResolveRange, TestCommit, TryAgain, ClimbOn, NameSuspect, Conclude>;

/// Attempts that the lab may spoil in a row before a person is asked.
/// Source: one for a passing fault, one for the retry, one for bad luck.
constexpr std::uint64_t spoiled_attempts_limit = 3;
/// A board that is lost while the reproducer runs, without evidence, this often on one commit:
/// the commit's verdict is uncertain. Source: as above.
constexpr std::uint64_t lost_boards_limit = 3;

/// Pure and total: same state, same decision. `history` is the range of the state
/// (not looked at before `range_resolved`).
Decision decide(const BisectionState& state, const History& history, const Recipe& recipe);

}  // namespace bisectd
