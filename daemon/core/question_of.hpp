#pragma once
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/question.hpp"
#include "core/knowledge.hpp"
#include "core/recipe.hpp"
#include "core/state.hpp"

namespace bisectd {

/// What can work now, as orchestration knows it and the journal does not.
struct Hands {
    std::vector<std::string> free_boards;  ///< of the bisection's, with no lease on them
    /// Of the bisection's, with a lease of another bisection: one can queue for them.
    std::vector<std::string> lent_boards;
    /// Attempts that are being carried out at this moment, as (step, attempt).
    std::set<std::pair<std::uint64_t, std::uint64_t>> busy;
    std::set<std::uint64_t> busy_builds;  ///< numbers of builds ahead, likewise
    unsigned builders = 0;                ///< that work apart from boards
    bool estimating = false;              ///< an estimate is being found out
    bool no_space = false;  ///< nothing new is begun: no board is free then, none is built ahead
};

/// Weight of a suspect that touches nothing that is built. Source: the decision engine's
/// specification, section 2: little, never none.
constexpr double unlikely_weight = 0.02;
/// Weight of a suspect that equal binaries rule out. Source: a digest may be blind to something.
constexpr double ruled_out_weight = 1e-4;

/// The state as the engine's question. Position of a board in it: `boards`.
struct AskedQuestion {
    engine::Question question;
    std::vector<std::string> boards;
    /// Of each column, of each of its showings: (step, attempt); (0, 0) for what a person said.
    std::vector<std::vector<std::pair<std::uint64_t, std::uint64_t>>> sources;
};

/// Requires: the range is resolved.
AskedQuestion question_of(const BisectionState& state, const Knowledge& knowledge,
                          const Recipe& recipe, const Hands& hands);

/// Where the engine sees a commit; nothing for one that is neither in the range nor an end.
std::optional<engine::Spot> spot_of(const BisectionState& state, const History& history,
                                    const CommitId& commit);
CommitId commit_at(const BisectionState& state, const History& history, engine::Spot spot);

/// The attempt is where runs can be ordered: on its proven kernel (or, without a boot, built),
/// with no batch going on.
bool at_rest(const AttemptState& attempt, const Recipe& recipe);
/// The attempt is not over, and the board was changed for it.
bool stands_on_board(const AttemptState& attempt);

/// A tested commit whose binary equals that of the attempt, if any.
const StepState* equal_binary(const BisectionState& state, const StepState& step,
                              const AttemptState& attempt);

/// Measured so far, else a guess that is said to be one. Unit: seconds.
struct Measured {
    double build_s = 300;
    double boot_s = 60;
    std::vector<double> run_s;  ///< of each symptom
};
Measured measured(const BisectionState& state, const Recipe& recipe);

}  // namespace bisectd
