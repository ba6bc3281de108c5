#include "core/check.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/attempt_judgement.hpp"

namespace bisectd {
namespace {

/// Hits that make a check call a commit bad. Source: the engine's specification, final check: one
/// may be a broken boot's or a passing fault's.
constexpr std::uint64_t hits_wanted = 2;
/// A commit that should be bad is given up as clean after so many times the runs that prove a good
/// one. Source: at twice `proof_runs` a bad commit stays clean in one of 10,000 cases.
constexpr std::uint64_t patience = 2;

struct Counts {
    std::uint64_t hits = 0, clean = 0;
    bool died_of_it = false;
};

Counts counts(const StepState& step, const std::string& symptom, bool by_boot) {
    Counts out;
    for (const AttemptState& attempt : step.attempts) {
        if (attempt.withdrawn) continue;
        const std::uint64_t hits = attempt.count(Look::hit, symptom);
        const std::uint64_t clean = attempt.count(Look::clean, symptom);
        out.hits += by_boot ? std::min<std::uint64_t>(hits, 1) : hits;
        out.clean += by_boot ? (hits == 0 && clean > 0 ? 1 : 0) : clean;
        out.died_of_it = out.died_of_it || failed_by(attempt, symptom);
    }
    return out;
}

/// A second look at a bad end that stays clean keeps up with the first one, and needs no more.
std::uint64_t second_look_limit(const BisectionState& state, const StepState& step,
                                const std::string& symptom) {
    constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();
    if (step.purpose != Purpose::retest || step.commit != state.range->bad) return none;
    std::uint64_t clean = 0;
    for (const StepState& first : state.steps) {
        if (first.purpose != Purpose::bad_end) continue;
        if (!first.closed) return none;  // as long as that one goes on this one does
        const Counts counted = counts(first, symptom, false);
        if (counted.hits > 0) return none;
        clean += counted.clean;
    }
    return clean == 0 ? none : clean;
}

/// Clean runs that show that a board sees nothing at the good end, by what it has just shown at the
/// bad one: with those the symptom would have shown in 99 of 100. What other boards find meanwhile
/// does not make its control longer, for they may be the ones that are mad.
std::uint64_t control_limit(const BisectionState& state, const StepState& step,
                            const std::string& symptom, bool by_boot) {
    const StepState* seen = nullptr;
    for (const StepState& earlier : state.steps)
        if (earlier.number < step.number && earlier.purpose == Purpose::control_bad &&
            earlier.closed && earlier.attempts.back().board == step.attempts.back().board)
            seen = &earlier;
    if (step.purpose != Purpose::control_good || seen == nullptr)
        return std::numeric_limits<std::uint64_t>::max();
    const Counts there = counts(*seen, symptom, by_boot);
    if (there.hits == 0) return std::numeric_limits<std::uint64_t>::max();
    const double runs_a_hit =
        static_cast<double>(there.hits + there.clean) / static_cast<double>(there.hits);
    return static_cast<std::uint64_t>(std::ceil(std::log(100.0) * runs_a_hit));
}

bool should_be_bad(const StepState& step) {
    return step.purpose == Purpose::proof_culprit || step.purpose == Purpose::control_bad ||
           step.purpose == Purpose::retest;
}

}  // namespace

bool is_check(Purpose purpose) {
    switch (purpose) {
        case Purpose::bad_end:
        case Purpose::search:
            return false;
        case Purpose::good_end:
        case Purpose::merge_base:
        case Purpose::control_bad:
        case Purpose::control_good:
        case Purpose::retest:
        case Purpose::proof_culprit:
        case Purpose::proof_parent:
        case Purpose::proof_revert:
            return true;
    }
    return false;
}

bool counts_when_closed(const StepState& step) {
    return should_be_bad(step) || step.purpose == Purpose::control_good;
}

std::vector<std::string> checked_symptoms(const BisectionState& state, const Recipe& recipe,
                                          const StepState& step) {
    std::vector<std::string> symptoms;
    for (const Symptom& symptom : recipe.symptoms) {
        if (state.conclusions.contains(symptom.name)) continue;
        const auto suspect = state.suspects.find(symptom.name);
        if (step.is_proof()) {
            if (suspect == state.suspects.end()) continue;
            const SuspectNamed& named = suspect->second.named;
            const bool of_it =
                step.purpose == Purpose::proof_revert ||
                (step.purpose == Purpose::proof_culprit && named.commit == step.commit) ||
                (step.purpose == Purpose::proof_parent &&
                 std::ranges::find(named.parents, step.commit) != named.parents.end());
            if (!of_it) continue;
        }
        symptoms.push_back(symptom.name);
    }
    return symptoms;
}

std::uint64_t wanted(Deciding& deciding, const StepState& step, const std::string& symptom) {
    const Symptom& spec = deciding.recipe.symptoms[deciding.index_of(symptom)];
    const Counts counted = counts(step, symptom, spec.boot_decides);
    if (counted.died_of_it || is_absent(step.attempts.back(), symptom)) return 0;
    const std::uint64_t clean_wanted =
        std::min(std::max<std::uint64_t>(1, deciding.standing(symptom).proof_runs),
                 control_limit(deciding.state, step, symptom, spec.boot_decides));
    if (!should_be_bad(step)) {
        const bool one_is_enough = step.is_proof() || spec.never_by_chance;
        if (counted.hits >= (one_is_enough ? 1 : hits_wanted)) return 0;
        return clean_wanted - std::min(clean_wanted, counted.clean);
    }
    const std::uint64_t limit =
        std::min(patience * clean_wanted, second_look_limit(deciding.state, step, symptom));
    if (counted.hits >= hits_wanted || counted.clean >= limit) return 0;
    // A hit that the recipe lets the board die of is not asked for twice on this boot.
    return limit - counted.clean;
}

bool is_complete(Deciding& deciding, const StepState& step) {
    return std::ranges::all_of(
        checked_symptoms(deciding.state, deciding.recipe, step),
        [&](const std::string& symptom) { return wanted(deciding, step, symptom) == 0; });
}

Verdict shown_verdict(const StepState& step, const std::string& symptom) {
    const Counts counted = counts(step, symptom, false);
    if (counted.hits > 0 || counted.died_of_it) return Verdict::bad;
    return counted.clean > 0 ? Verdict::good : Verdict::uncertain;
}

Decision runs_of_check(Deciding& deciding, const StepState& step, const AttemptState& attempt) {
    const bool other_bug =
        !attempt.looks.contains(Look::hit) && attempt.looks.contains(Look::other_bug);
    const bool is_good_end =
        step.purpose == Purpose::good_end || step.purpose == Purpose::merge_base;
    if (is_good_end && is_wanted_at_bad_end(deciding, attempt))
        return EndAttempt{judge_attempt(step, attempt, deciding.recipe)};
    if (!other_bug) {
        for (const std::string& symptom : checked_symptoms(deciding.state, deciding.recipe, step)) {
            const std::uint64_t left = wanted(deciding, step, symptom);
            if (left == 0 || shows_nothing(attempt, symptom)) continue;
            const Symptom& spec = deciding.recipe.symptoms[deciding.index_of(symptom)];
            const bool ran =
                attempt.count(Look::hit, symptom) + attempt.count(Look::clean, symptom);
            if (spec.boot_decides && ran) continue;  // this boot has said what it can
            const std::uint64_t runs = spec.boot_decides
                                           ? deciding.longest_batch(symptom)
                                           : std::min(left, deciding.longest_batch(symptom));
            return RunOn{step.number, attempt.number, symptom, runs};
        }
        if (attempt.batches.empty())  // complete by earlier attempts: one run keeps it honest
            return RunOn{step.number, attempt.number, deciding.recipe.symptoms.front().name, 1};
    }
    return EndAttempt{judge_attempt(step, attempt, deciding.recipe)};
}

}  // namespace bisectd
