#include "core/decide.hpp"

#include "core/error.hpp"
#include "core/suspects.hpp"

namespace bisectd {
namespace {

Conclude end(Ending ending, std::vector<CommitId> commits, std::string cause) {
    return Conclude{BisectionEnded{ending, std::move(commits), std::move(cause)}};
}

std::string named(const StepState& step) {
    return step.commit.brief() + " (\"" + step.subject + "\")";
}

/// The verdict that the last attempt of a step stands for; nothing when it must be repeated.
std::optional<std::pair<Verdict, std::string>> verdict_of(const StepState& step,
                                                          const Symptom& symptom) {
    const AttemptEnded& ended = *step.attempts.back().ended;
    switch (ended.outcome) {
        case Outcome::good_looking:
            return std::pair(Verdict::good, ended.cause);
        case Outcome::bad_looking:
            return std::pair(Verdict::bad, ended.cause);
        case Outcome::skip:
            return std::pair(Verdict::skip, ended.cause);
        case Outcome::not_applicable:
            switch (symptom.on_not_applicable) {
                case OnNotApplicable::good:
                    return std::pair(Verdict::good, ended.cause);
                case OnNotApplicable::bad:
                    return std::pair(Verdict::bad, ended.cause);
                case OnNotApplicable::skip:
                    return std::pair(Verdict::skip, ended.cause);
            }
            break;
        case Outcome::infrastructure:
            break;
    }
    return std::nullopt;
}

std::uint64_t lost_boards(const StepState& step) {
    std::uint64_t lost = 0;
    for (const AttemptState& attempt : step.attempts)
        if (attempt.ended && attempt.ended->rung == Rung::run &&
            attempt.ended->board_needs_recovery &&
            attempt.ended->outcome == Outcome::infrastructure)
            ++lost;
    return lost;
}

/// Whether the last verdict was that a commit could not be judged.
bool uncertain_before(const BisectionState& state) {
    return state.steps.size() >= 2 && state.steps[state.steps.size() - 2].verdict &&
           state.steps[state.steps.size() - 2].verdict->verdict == Verdict::uncertain;
}

Decision decide_open_step(const BisectionState& state, const StepState& step,
                          const Symptom& symptom) {
    if (step.attempts.empty()) return TryAgain{step.number};
    const AttemptState& attempt = step.attempts.back();
    if (!attempt.ended) return ClimbOn{step.number, attempt.number};
    if (attempt.ended->ends_bisection) return end(Ending::failed, {}, attempt.ended->cause);
    if (const auto verdict = verdict_of(step, symptom))
        return Conclude{
            VerdictGiven{step.number, step.commit, symptom.name, verdict->first, verdict->second}};
    if (lost_boards(step) >= lost_boards_limit && uncertain_before(state) &&
        state.infrastructure_streak >= spoiled_attempts_limit)
        return Conclude{BisectionPaused{
            "the board was lost again and again on two commits in a row: rather the lab than both "
            "commits; look after board " +
            attempt.board + ", then: bisectctl resume " + std::to_string(state.id) +
            " (this commit is then called uncertain)"}};
    if (lost_boards(step) >= lost_boards_limit)
        return Conclude{VerdictGiven{
            step.number, step.commit, symptom.name, Verdict::uncertain,
            "the board was lost " + std::to_string(lost_boards(step)) +
                " times while the reproducer ran, without evidence of the symptom; the recipe's "
                "on_hang says what that means"}};
    if (state.infrastructure_streak >= spoiled_attempts_limit)
        return Conclude{BisectionPaused{
            std::to_string(state.infrastructure_streak) +
            " attempts in a row were spoiled by the lab, the last one by: " + attempt.ended->cause +
            "; mend that, then: bisectctl resume " + std::to_string(state.id)}};
    return TryAgain{step.number};
}

/// The verdict of the last finished step with this purpose and commit.
const StepState* tested(const BisectionState& state, Purpose purpose, const CommitId& commit) {
    const StepState* found = nullptr;
    for (const StepState& step : state.steps)
        if (step.purpose == purpose && step.commit == commit && step.verdict) found = &step;
    return found;
}

/// The end that an end of the range leads to when its verdict is not the expected one.
std::optional<Decision> check_end(const BisectionState& state, const CommitId& commit,
                                  Purpose purpose, Verdict expected) {
    const StepState* const step = tested(state, purpose, commit);
    if (step == nullptr) return TestCommit{commit, purpose, state.range->suspects};
    const Verdict verdict = step->verdict->verdict;
    if (verdict == expected) return std::nullopt;
    const std::string which = purpose == Purpose::bad_end ? "the bad end " : "the good end ";
    if (verdict == Verdict::good || verdict == Verdict::bad) {
        std::string cause = which + named(*step) + " is " + std::string(word(verdict)) + ": " +
                            step->verdict->cause;
        cause += purpose == Purpose::bad_end
                     ? "; the symptom does not show there on this board: check the recipe, its "
                       "number of runs and the board"
                     : "; the bug is older than the range: give an older good commit";
        return end(Ending::wrong_range, {commit}, std::move(cause));
    }
    return end(Ending::inconclusive, {commit},
               which + named(*step) + " cannot be tested (" + std::string(word(verdict)) +
                   "): " + step->verdict->cause);
}

std::optional<Decision> check_merge_base(const BisectionState& state, const CommitId& base) {
    const StepState* const step = tested(state, Purpose::merge_base, base);
    if (step == nullptr) return TestCommit{base, Purpose::merge_base, state.range->suspects};
    if (step->verdict->verdict != Verdict::bad) return std::nullopt;
    return end(Ending::wrong_range, {base},
               "the merge base " + named(*step) +
                   " is bad: the bug was there before the good and the bad end parted, and was "
                   "fixed on the way to the good end; swap the question (find the fix) or give a "
                   "good commit that is an ancestor of the bad one");
}

Evidence evidence_of(const BisectionState& state, const History& history) {
    Evidence evidence;
    for (const StepState& step : state.steps) {
        const auto index = history.find(step.commit);
        if (!index || !step.verdict) continue;
        switch (step.verdict->verdict) {
            case Verdict::good:
                evidence.good.push_back(*index);
                break;
            case Verdict::bad:
                evidence.bad.push_back(*index);
                break;
            case Verdict::skip:
            case Verdict::uncertain:
                evidence.skip.push_back(*index);
                break;
        }
    }
    return evidence;
}

/// The culprit and its parents, again, from clean builds.
Decision decide_proof(const BisectionState& state) {
    const SuspectNamed& suspect = *state.suspect;
    const StepState* const culprit = tested(state, Purpose::proof_culprit, suspect.commit);
    if (culprit == nullptr) return TestCommit{suspect.commit, Purpose::proof_culprit, 1};
    if (culprit->verdict->verdict != Verdict::bad)
        return end(Ending::inconclusive, {suspect.commit},
                   "the search led to " + named(*culprit) + ", but its proof says " +
                       std::string(word(culprit->verdict->verdict)) + ": " +
                       culprit->verdict->cause);
    for (const CommitId& parent : suspect.parents) {
        const StepState* const step = tested(state, Purpose::proof_parent, parent);
        if (step == nullptr) return TestCommit{parent, Purpose::proof_parent, 1};
        if (step->verdict->verdict != Verdict::good)
            return end(Ending::inconclusive, {suspect.commit},
                       "the search led to " + named(*culprit) + ", but the proof of its parent " +
                           named(*step) + " says " + std::string(word(step->verdict->verdict)) +
                           ": " + step->verdict->cause);
    }
    std::string cause = named(*culprit) +
                        " is the first bad commit: built clean and tested again "
                        "it is bad (" +
                        culprit->verdict->cause + "), and ";
    if (suspect.parents.empty())
        cause += "it has no parent";
    else
        cause += suspect.parents.size() == 1 ? "its parent is good"
                                             : "all its parents are good (it is a merge)";
    for (const CommitId& parent : suspect.parents)
        cause += " (" + parent.brief() + ": " +
                 tested(state, Purpose::proof_parent, parent)->verdict->cause + ")";
    return end(Ending::culprit, {suspect.commit}, std::move(cause));
}

Decision decide_search(const BisectionState& state, const History& history) {
    const Evidence evidence = evidence_of(state, history);
    const std::vector<bool> left = suspects(history, evidence);
    if (left.empty())
        return end(Ending::inconclusive, {},
                   "the verdicts contradict each other: a commit was found good although an "
                   "ancestor of it was found bad; see the steps, and test both again");
    const std::vector<CommitIndex> culprits = possible_culprits(history, left);
    if (const auto candidate = halving_candidate(history, left, evidence))
        return TestCommit{history.id(*candidate), Purpose::search, culprits.size()};
    std::vector<CommitId> ids;
    for (CommitIndex commit : culprits) ids.push_back(history.id(commit));
    if (ids.size() == 1) return NameSuspect{ids.front()};
    return end(Ending::inconclusive, std::move(ids),
               "only commits that cannot be tested are left; the first bad commit is one of these "
               "(a patch in the recipe that makes them build and boot would separate them)");
}

}  // namespace

Decision decide(const BisectionState& state, const History& history, const Recipe& recipe) {
    BISECTD_ASSERT(!recipe.symptoms.empty());
    if (state.activity != Activity::running) return Rest{};
    if (!state.range) return ResolveRange{};
    if (const StepState* step = state.open_step())
        return decide_open_step(state, *step, recipe.symptoms.front());
    if (state.suspect) return decide_proof(state);
    if (auto decision = check_end(state, state.range->bad, Purpose::bad_end, Verdict::bad))
        return *decision;
    for (const CommitId& base : state.range->merge_bases)
        if (auto decision = check_merge_base(state, base)) return *decision;
    for (const CommitId& good : state.range->good)
        if (auto decision = check_end(state, good, Purpose::good_end, Verdict::good))
            return *decision;
    return decide_search(state, history);
}

}  // namespace bisectd
