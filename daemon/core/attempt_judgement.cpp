#include "core/attempt_judgement.hpp"

#include <algorithm>

namespace bisectd {
namespace {

std::uint64_t total(const AttemptState& attempt, Look look) {
    const auto found = attempt.looks.find(look);
    return found == attempt.looks.end() ? 0 : found->second;
}

std::string symptoms_hit(const AttemptState& attempt, const Recipe& recipe) {
    std::string text;
    for (const Symptom& symptom : recipe.symptoms)
        if (const auto hits = attempt.count(Look::hit, symptom.name)) {
            if (!text.empty()) text += ", ";
            text += "symptom '" + symptom.name + "' in " + std::to_string(hits);
        }
    return text;
}

std::string not_there(std::uint64_t absent, std::uint64_t runs) {
    return "the tested feature does not exist here (" + std::to_string(absent) + " of " +
           counted(runs, "run", "runs") + ")";
}

}  // namespace

std::string counted(std::uint64_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

AttemptEnded judge_attempt(const StepState& step, const AttemptState& attempt,
                           const Recipe& recipe) {
    const std::uint64_t runs = attempt.runs();
    const std::string of_runs = " of " + counted(runs, "run", "runs");
    const std::uint64_t hits = total(attempt, Look::hit), clean = total(attempt, Look::clean),
                        absent = total(attempt, Look::not_applicable),
                        others = total(attempt, Look::other_bug);
    AttemptEnded ended;
    ended.step = step.number;
    ended.attempt = attempt.number;
    ended.rung = Rung::run;
    const auto broken = std::ranges::find_if(recipe.symptoms, [&attempt](const Symptom& symptom) {
        return shows_nothing(attempt, symptom.name) && !is_absent(attempt, symptom.name) &&
               attempt.count(Look::other_bug, symptom.name) == 0;
    });
    if (broken != recipe.symptoms.end() || hits + clean + absent + others == 0) {
        const bool is_one_of_several =
            broken != recipe.symptoms.end() && recipe.symptoms.size() > 1;
        ended.outcome = Outcome::infrastructure;
        ended.cause = std::to_string(total(attempt, Look::void_run)) + of_runs +
                      " do not count: the reproducer " +
                      (is_one_of_several ? "of '" + broken->name + "'" : "itself") +
                      " is broken (exit 125 to 127, its deadline, or none of its patterns); see "
                      "the log of the runs";
    } else if (hits > 0) {
        ended.outcome = Outcome::bad_looking;
        ended.cause = symptoms_hit(attempt, recipe) + of_runs;
    } else if (others > 0) {
        ended.outcome = Outcome::skip;
        ended.cause = "another failure than the symptom in " + std::to_string(others) + of_runs;
    } else if (clean > 0) {
        ended.outcome = Outcome::good_looking;
        ended.cause = counted(clean, "clean run", "clean runs");
    } else {
        ended.outcome = Outcome::not_applicable;
        ended.cause = not_there(absent, runs);
    }
    return ended;
}

bool failed_by(const AttemptState& attempt, const std::string& symptom) {
    if (!attempt.ended || attempt.ended->outcome != Outcome::bad_looking) return false;
    if (attempt.batches.empty()) return true;
    const BatchState& last = attempt.batches.back();
    return !last.ended && last.symptom == symptom && attempt.count(Look::hit, symptom) == 0;
}

bool shows_nothing(const AttemptState& attempt, const std::string& symptom) {
    return attempt.count(Look::hit, symptom) + attempt.count(Look::clean, symptom) == 0 &&
           attempt.count(Look::not_applicable, symptom) + attempt.count(Look::void_run, symptom) +
                   attempt.count(Look::other_bug, symptom) >
               0;
}

bool is_absent(const AttemptState& attempt, const std::string& symptom) {
    return shows_nothing(attempt, symptom) && attempt.count(Look::not_applicable, symptom) > 0;
}

std::string shown_by(const StepState& step, const std::string& symptom) {
    std::uint64_t hits = 0, clean = 0;
    std::string other;
    for (const AttemptState& attempt : step.attempts) {
        if (attempt.withdrawn) continue;
        hits += attempt.count(Look::hit, symptom);
        clean += attempt.count(Look::clean, symptom);
        if (attempt.ended && attempt.ended->outcome != Outcome::infrastructure)
            other = attempt.ended->cause;
    }
    if (hits > 0)
        return counted(hits, "hit", "hits") + " in " + counted(hits + clean, "run", "runs");
    if (clean > 0) return counted(clean, "clean run", "clean runs");
    if (!step.attempts.empty() && is_absent(step.attempts.back(), symptom)) {
        const AttemptState& last = step.attempts.back();
        const std::uint64_t absent = last.count(Look::not_applicable, symptom);
        return not_there(absent, absent + last.count(Look::void_run, symptom));
    }
    return other;
}

}  // namespace bisectd
