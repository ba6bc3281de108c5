#include <algorithm>

#include "core/attempt_judgement.hpp"
#include "core/check.hpp"

namespace bisectd {
namespace {

/// Attempts whose board was lost while the reproducer ran. One that was lost before says nothing of
/// the commit.
std::uint64_t lost_boards(const StepState& step) {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(step.attempts, [](const AttemptState& attempt) {
            return attempt.ended && !attempt.batches.empty() && !attempt.batches.back().ended &&
                   attempt.ended->rung == Rung::run && attempt.ended->board_needs_recovery &&
                   attempt.ended->outcome == Outcome::infrastructure;
        }));
}

/// Whether the step before was given up because its commit could not be judged.
bool given_up_before(const BisectionState& state, const StepState& step) {
    if (step.number < 2) return false;
    const StepState& before = state.steps[step.number - 2];
    return before.closed && lost_boards(before) >= lost_boards_limit;
}

/// The lab spoiled the last attempt: nothing, as long as it is simply tried again.
std::optional<Decision> spoiled(Deciding& deciding, const StepState& step) {
    const BisectionState& state = deciding.state;
    const AttemptState& last = step.attempts.back();
    const bool too_often = state.infrastructure_streak >= spoiled_attempts_limit;
    if (lost_boards(step) >= lost_boards_limit) {
        if (given_up_before(state, step) && too_often)
            return Conclude{BisectionPaused{
                "the board was lost again and again on two commits in a row: rather the lab than "
                "both commits; look after board " +
                last.board + ", then: bisectctl resume " + std::to_string(state.id) +
                " (this commit is then called uncertain)"}};
        VerdictGiven given;
        given.step = step.number;
        given.commit = step.commit;
        given.symptom = deciding.recipe.symptoms.front().name;
        given.cause = "the board was lost " + std::to_string(lost_boards(step)) +
                      " times while the reproducer ran, without evidence of the symptom; the "
                      "recipe's on_hang says what that means";
        return Conclude{given};
    }
    if (too_often)
        return Conclude{BisectionPaused{
            std::to_string(state.infrastructure_streak) +
            " attempts in a row were spoiled by the lab, the last one by: " + last.ended->cause +
            "; mend that, then: bisectctl resume " + std::to_string(state.id)}};
    return std::nullopt;
}

struct Judged {
    Verdict verdict = Verdict::uncertain;
    double bad_probability = -1;
};

Verdict when_not_applicable(OnNotApplicable means) {
    switch (means) {
        case OnNotApplicable::good:
            return Verdict::good;
        case OnNotApplicable::bad:
            return Verdict::bad;
        case OnNotApplicable::skip:
            break;
    }
    return Verdict::skip;
}

Judged judge(Deciding& deciding, const StepState& step, const Symptom& symptom) {
    const Outcome outcome = step.attempts.back().ended->outcome;
    if (outcome == Outcome::skip) return {Verdict::skip};
    if (outcome != Outcome::infrastructure && is_absent(step.attempts.back(), symptom.name))
        return {when_not_applicable(symptom.on_not_applicable)};
    const double bad = step.purpose == Purpose::proof_revert
                           ? -1
                           : deciding.bad_probability(symptom.name, step.commit);
    if (is_check(step.purpose) || step.purpose == Purpose::bad_end || bad < 0)
        return {shown_verdict(step, symptom.name), bad};
    // Believed to be bad, as the bad end is by whoever asked, and never seen to be: not yet told.
    if (bad >= verdict_probability && shown_verdict(step, symptom.name) == Verdict::good)
        return {Verdict::uncertain, bad};
    if (bad >= verdict_probability) return {Verdict::bad, bad};
    if (bad <= 1 - verdict_probability) return {Verdict::good, bad};
    return {Verdict::uncertain, bad};
}

/// A step whose attempt was not wanted any more: closed with what is known of its commit now.
VerdictGiven verdict_of_stopped(Deciding& deciding, const StepState& step,
                                const std::string& symptom) {
    VerdictGiven given;
    given.step = step.number;
    given.commit = step.commit;
    given.symptom = symptom;
    const double bad = deciding.bad_probability(symptom, step.commit);
    // Never "not said": that would mean that the commit cannot be tested.
    given.bad_probability = bad < 0 ? 0.5 : bad;
    if (!is_check(step.purpose) && bad >= verdict_probability) given.verdict = Verdict::bad;
    if (!is_check(step.purpose) && bad >= 0 && bad <= 1 - verdict_probability)
        given.verdict = Verdict::good;
    const std::string shown = shown_by(step, symptom);
    given.cause = (shown.empty() ? "" : shown + "; ") + step.attempts.back().ended->cause;
    return given;
}

}  // namespace

std::optional<Decision> verdict_of_step(Deciding& deciding, const StepState& step) {
    const AttemptState& last = step.attempts.back();
    if (last.ended->ends_bisection)
        return Conclude{BisectionEnded{Ending::failed, {}, last.ended->cause}};
    const bool stopped = last.ended->stopped;
    if (!stopped && last.ended->outcome == Outcome::infrastructure) return spoiled(deciding, step);
    const bool ran =
        last.ended->outcome == Outcome::good_looking || last.ended->outcome == Outcome::bad_looking;
    if (!stopped && is_check(step.purpose) && ran && !is_complete(deciding, step))
        return std::nullopt;
    std::vector<std::string> symptoms = checked_symptoms(deciding.state, deciding.recipe, step);
    if (symptoms.empty()) symptoms.push_back(deciding.recipe.symptoms.front().name);
    for (const std::string& symptom : symptoms) {
        if (step.verdicts.contains(symptom)) continue;
        if (stopped) {
            VerdictGiven given = verdict_of_stopped(deciding, step, symptom);
            given.closes = symptom == symptoms.back();
            return Conclude{given};
        }
        const Judged judged =
            judge(deciding, step, deciding.recipe.symptoms[deciding.index_of(symptom)]);
        VerdictGiven given;
        given.step = step.number;
        given.commit = step.commit;
        given.symptom = symptom;
        given.verdict = judged.verdict;
        given.bad_probability = judged.bad_probability;
        given.cause = ran && last.ended->rung == Rung::run ? shown_by(step, symptom) : "";
        if (given.cause.empty()) given.cause = last.ended->cause;
        given.closes = symptom == symptoms.back();
        return Conclude{given};
    }
    return std::nullopt;
}

}  // namespace bisectd
