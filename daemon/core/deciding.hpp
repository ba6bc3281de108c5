#pragma once
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/decide.hpp"
#include "core/engine/engine.hpp"

namespace bisectd {

/// What the parts of `decide` share: the state, and the engine's advice on it, asked once.
class Deciding {
  public:
    Deciding(const BisectionState& state, const Knowledge& knowledge, const Recipe& recipe,
             const Hands& hands)
        : state(state), knowledge(knowledge), recipe(recipe), hands(hands) {}

    const BisectionState& state;
    const Knowledge& knowledge;
    const Recipe& recipe;
    const Hands& hands;

    /// Symptoms of which a board has still to say whether an end is what it was said to be, or
    /// whether it can tell good from bad.
    std::set<std::string> waiting;

    const History& history() const { return *knowledge.history; }
    const AskedQuestion& asked();
    const engine::Advice& advice();
    /// Symptoms whose search is not over.
    std::vector<std::string> open_symptoms() const;
    const engine::Standing& standing(const std::string& symptom);
    double bad_probability(const std::string& symptom, const CommitId& commit);
    /// By what is known, it is good, or bad, for every symptom: its build is not wanted.
    bool is_decided(const CommitId& commit);
    /// Suspects that the heaviest open symptom still has.
    std::uint64_t suspects_left();
    /// Longest batch for a symptom. Unit: runs.
    std::uint64_t longest_batch(const std::string& symptom);
    /// The free board that comes first in the request and is none of `taken`.
    std::optional<std::string> free_board(const std::vector<std::string>& taken) const;
    /// Boards of the bisection that are neither parked nor quarantined, in their order.
    std::vector<std::string> usable_boards() const;
    /// The same, but of those that are not among `but`; where all usable ones are, any of them.
    /// `waits`: one that would do is at work.
    std::optional<std::string> other_board(const std::vector<std::string>& taken,
                                           const std::set<std::string>& but, bool& waits) const;
    std::size_t index_of(const std::string& symptom) const;

  private:
    std::optional<AskedQuestion> asked_;
    std::optional<engine::Advice> advice_;
};

/// "abc123 ("subject")".
std::string named(const StepState& step);
/// The newest closed step of this commit and purpose.
const StepState* closed_step(const BisectionState& state, Purpose purpose, const CommitId& commit);

/// The verdicts of a step whose attempts are over, one at a time; nothing while it needs another
/// attempt.
std::optional<Decision> verdict_of_step(Deciding& deciding, const StepState& step);

/// A step of this kind is under way.
bool is_open(const BisectionState& state, Purpose purpose, const CommitId& commit);
/// A person said what this commit is, and it stands.
bool is_judged(const BisectionState& state, const CommitId& commit);

/// The end of a symptom's search, where it has come.
std::optional<Decision> conclude_search(Deciding& deciding);
/// All symptoms have come to their end: so has the bisection.
Decision conclude_all(const BisectionState& state, const Recipe& recipe);
/// Whether the last steps all went to commits that had been tested before, and moved nothing.
bool goes_in_circles(const BisectionState& state);
/// Nothing goes on and nothing can be done: said aloud, never waited for.
std::optional<Decision> stuck(Deciding& deciding);

/// Whether an end of the range that seems not to be what it was said to be is believed to be so.
struct Confirmation {
    bool believed = false;
    std::optional<Decision> next{};  ///< what to do to find out
    bool under_way = false;          ///< a board at work has still to say it
};
/// Another board of the bisection, where there is one, has the last word. `said`: what the end was
/// said to be.
Confirmation confirm_end(Deciding& deciding, const CommitId& end, Verdict said,
                         const std::string& symptom);

/// A bad end that stays clean on one board, and an idle one that could see whether it does there.
std::optional<Decision> second_at_bad_end(Deciding& deciding);
/// A board at a good end may go and see: the bad end is not known to be bad.
bool is_wanted_at_bad_end(Deciding& deciding, const AttemptState& attempt);
/// What a board shows that never sees what another one sees often at the bad end is not believed.
std::optional<Decision> blind_at_bad_end(Deciding& deciding);

/// Attempts and builds ahead whose commit a person has judged meanwhile, or whose worth others'
/// findings took.
std::vector<Decision> decide_stops(Deciding& deciding);

/// The proof of a suspect: what to test next, or how it ended.
std::vector<Decision> decide_proofs(Deciding& deciding, std::vector<std::string>& boards);
/// Runs of an attempt that stands in a proof or control: more, or the attempt's end.
Decision runs_of_check(Deciding& deciding, const StepState& step, const AttemptState& attempt);

/// Doubts about evidence and boards: controls, contradictions, quarantine.
std::vector<Decision> decide_doubts(Deciding& deciding, std::vector<std::string>& boards);
/// One of several boards is in doubt, and has not yet shown whether it tells good from bad.
bool awaits_controls(Deciding& deciding);

}  // namespace bisectd
