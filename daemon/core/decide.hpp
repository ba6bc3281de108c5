#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/knowledge.hpp"
#include "core/question_of.hpp"
#include "core/recipe.hpp"
#include "core/state.hpp"

namespace bisectd {

// What is to be done next. Only `decide` says it; orchestration carries it out.

/// The names of the request are still to be resolved.
struct ResolveRange {};
/// Find out which suspects touch nothing that the bad end is built from.
struct WeighPrior {};
/// Say what the bisection is expected to take.
struct Estimate {
    std::string when;
};
/// Choose this commit and start a step with an attempt on this board.
struct TestCommit {
    CommitId commit;
    Purpose purpose = Purpose::search;
    std::uint64_t suspects = 0;
    std::string board;
    CommitId reverted{};  ///< taken back on it; null: nothing
};
/// Start another attempt of the open step.
struct TryAgain {
    std::uint64_t step = 0;
    std::string board;
};
/// Go on with the open attempt (also after a restart) until runs can be ordered or were made.
struct ClimbOn {
    std::uint64_t step = 0;
    std::uint64_t attempt = 0;
};
/// Order a batch of runs on the kernel that the attempt has booted.
struct RunOn {
    std::uint64_t step = 0;
    std::uint64_t attempt = 0;
    std::string symptom;
    std::uint64_t runs = 0;
};
/// The attempt has shown what it should: the board is free for the next.
struct EndAttempt {
    AttemptEnded event;
};
/// End an attempt that may be going on at this moment: what it would show is not wanted.
struct StopAttempt {
    AttemptEnded event;
};
/// Build a commit before a board needs it.
struct BuildAhead {
    CommitId commit;
};
/// Go on with a build ahead that was begun (after a restart).
struct GoOnBuilding {
    std::uint64_t build = 0;
};
/// End a build ahead that may be going on at this moment: a board waits for the builder, and what
/// the build was for is known meanwhile.
struct StopBuild {
    BuildAheadEnded event;
};
/// This suspect weighs enough: look up what it is.
struct NameSuspect {
    CommitId commit;
    std::string symptom;
    double confidence = 0;
};
/// Write this down.
struct Conclude {
    Event event;
};

using Decision = std::variant<ResolveRange, WeighPrior, Estimate, TestCommit, TryAgain, ClimbOn,
                              RunOn, EndAttempt, StopAttempt, BuildAhead, GoOnBuilding, StopBuild,
                              NameSuspect, Conclude>;

/// Attempts that the lab may spoil in a row before a person is asked.
/// Source: one for a passing fault, one for the retry, one for bad luck.
constexpr std::uint64_t spoiled_attempts_limit = 3;
/// A board that is lost while the reproducer runs, without evidence, this often on one commit:
/// the commit's verdict is uncertain. Source: as above.
constexpr std::uint64_t lost_boards_limit = 3;
/// A commit is called bad (good) when it is so with this probability, else uncertain.
constexpr double verdict_probability = 0.95;
/// Steps in a row that went to commits tested before and left as many suspects: the price of the
/// rest is more than what it tells. Source: the engine's specification, section 5 (ten sessions of
/// little information), with room for rare failures.
constexpr std::uint64_t circles_limit = 16;
/// Longest batch of runs before the engine looks again. Unit: seconds.
constexpr double batch_s = 120;

/// The estimate is renewed not before so many times as long has passed as finding it out took, and
/// not before `estimate_pause_s`. Source: one hundredth of the machine at most, and no line in the
/// journal that nobody has the time to read.
constexpr double estimate_share = 100, estimate_pause_s = 60;
/// Without a verdict it is renewed when this part of what was expected has passed.
constexpr double estimate_part = 0.125;

/// A commit is built ahead while a board has runs to make for this share of a build, at least.
/// Source: what is built ahead and then not wanted delays the next build by the rest of it.
constexpr double worth_building_ahead = 0.2;

/// Everything that can be done now, to be done side by side; nothing: until what goes on has ended,
/// or a person acts, or for ever. What changes the state (`Conclude`, steps, attempts) comes alone.
/// Pure and total: same state and hands, same decisions.
std::vector<Decision> decide(const BisectionState& state, const Knowledge& knowledge,
                             const Recipe& recipe, const Hands& hands);

}  // namespace bisectd
