#include <algorithm>
#include <set>

#include "core/attempt_judgement.hpp"
#include "core/check.hpp"
#include "core/deciding.hpp"
#include "core/question_of.hpp"

namespace bisectd {
namespace {

/// Why what this attempt would show is not wanted any more; empty: it is.
std::string unwanted(Deciding& deciding, const StepState& step, const AttemptState& attempt) {
    const BisectionState& state = deciding.state;
    if (step.purpose == Purpose::control_bad || step.purpose == Purpose::control_good)
        return "";  // they ask about the board
    const std::vector<std::string> symptoms = checked_symptoms(state, deciding.recipe, step);
    if (step.is_proof())
        return symptoms.empty() ? "the suspect that it was to prove is none any more" : "";
    if (attempt.withdrawn)
        return state.judged.contains({step.commit, ""}) ? "a person took back what was shown here"
                                                        : "what it shows is not believed";
    std::string said;
    for (const std::string& symptom : symptoms) {
        const CommitJudged* const judged = state.judgement(step.commit, symptom);
        if (judged == nullptr) return "";
        said = word(judged->verdict);
    }
    return said.empty() ? "" : "a person judged this commit: " + said;
}

StopAttempt stop(const StepState& step, const AttemptState& attempt, std::string why) {
    AttemptEnded ended;
    ended.step = step.number;
    ended.attempt = attempt.number;
    ended.rung = !attempt.batches.empty() ? Rung::run
                 : attempt.boot_started   ? Rung::boot
                 : attempt.deployed       ? Rung::deploy
                 : attempt.built          ? Rung::build
                                          : Rung::check_out;
    // No verdict comes of it: what was run until now counts by itself.
    ended.outcome = Outcome::infrastructure;
    ended.cause = "stopped: " + std::move(why);
    if (attempt.runs() > 0)
        ended.cause += " (" + counted(attempt.runs(), "run", "runs") + " had been made)";
    ended.stopped = true;
    return StopAttempt{ended};
}

/// The engine says which boards are better used elsewhere.
bool is_preempted(Deciding& deciding, const StepState& step, const AttemptState& attempt) {
    if (step.purpose != Purpose::search) return false;
    // That its binary is known already is the better reason, and is given next.
    if (equal_binary(deciding.state, step, attempt) != nullptr) return false;
    const auto& boards = deciding.asked().boards;
    return std::ranges::any_of(deciding.advice().preempt,
                               [&](std::size_t board) { return boards[board] == attempt.board; });
}

bool waits_for_builder(const AttemptState& attempt) {
    return !attempt.ended && !attempt.built;
}

/// A build ahead that nobody needs any more, while an attempt waits for the builder.
std::vector<Decision> stops_of_builds(Deciding& deciding) {
    std::set<CommitId> waiting;
    for (const StepState* step : deciding.state.open_steps())
        if (!step->attempts.empty() && waits_for_builder(step->attempts.back()))
            waiting.insert(step->commit);
    std::vector<Decision> out;
    if (waiting.empty() || deciding.asked().question.idle_builders > 0) return out;
    for (const BuildAheadState& build : deciding.state.builds_ahead) {
        if (build.ended || waiting.contains(build.commit)) continue;
        // The ends are tested whatever is thought of them.
        const auto& range = *deciding.state.range;
        const auto spot = spot_of(deciding.state, deciding.history(), build.commit);
        if (!spot || spot->outside || build.commit == range.bad) continue;
        if (!deciding.is_decided(build.commit)) continue;
        BuildAheadEnded ended;
        ended.build = build.number;
        ended.commit = build.commit;
        ended.outcome = Outcome::infrastructure;
        ended.cause =
            "stopped: what was found meanwhile has decided this commit, nearly; a board waits for "
            "another one";
        out.emplace_back(StopBuild{ended});
    }
    return out;
}

}  // namespace

std::vector<Decision> decide_stops(Deciding& deciding) {
    std::vector<Decision> out;
    for (const StepState* step : deciding.state.open_steps()) {
        if (step->attempts.empty() || step->attempts.back().ended) continue;
        const AttemptState& attempt = step->attempts.back();
        std::string why = unwanted(deciding, *step, attempt);
        if (why.empty() && is_preempted(deciding, *step, attempt))
            why =
                "what was found meanwhile has decided this commit, nearly; the board is better "
                "used elsewhere";
        if (!why.empty()) out.emplace_back(stop(*step, attempt, std::move(why)));
    }
    return out.empty() ? stops_of_builds(deciding) : out;
}

}  // namespace bisectd
