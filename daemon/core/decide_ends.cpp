#include <algorithm>
#include <set>

#include "core/attempt_judgement.hpp"
#include "core/deciding.hpp"

// How a symptom's search, and the bisection, come to their end.

namespace bisectd {
namespace {

SymptomEnded symptom_end(const std::string& symptom, Ending ending, std::vector<CommitId> commits,
                         double confidence, std::string cause) {
    return SymptomEnded{symptom, ending, std::move(commits), confidence, std::move(cause)};
}

bool is_withdrawn(const StepState& step) {
    return !step.attempts.empty() && step.attempts.back().withdrawn;
}

/// A bad spot outside of the range, for the sentence that explains a wrong range.
std::string older_cause(const BisectionState& state) {
    for (const StepState& step : state.steps) {
        if (step.purpose != Purpose::good_end && step.purpose != Purpose::merge_base) continue;
        if (is_withdrawn(step)) continue;
        std::uint64_t hits = 0;
        for (const AttemptState& attempt : step.attempts)
            if (const auto found = attempt.looks.find(Look::hit); found != attempt.looks.end())
                hits += found->second;
        const bool bad = step.verdict && step.verdict->verdict == Verdict::bad;
        if (hits == 0 && !bad) continue;
        if (step.purpose == Purpose::merge_base)
            return "the merge base " + named(step) +
                   " is bad: the bug was there before the good and the bad end parted, and was "
                   "fixed on the way to the good end; swap the question (find the fix) or give a "
                   "good commit that is an ancestor of the bad one";
        return "the good end " + named(step) + " is bad (" +
               (step.verdict ? step.verdict->cause : "hits") +
               "); the bug is older than the range: give an older good commit";
    }
    return "the bug is older than the range: give an older good commit";
}

std::string not_here_cause(const BisectionState& state, const std::string& symptom) {
    for (const StepState& step : state.steps)
        if (step.commit == state.range->bad && !step.is_proof() && !is_withdrawn(step))
            return "the bad end " + named(step) + " is good: " + shown_by(step, symptom) +
                   "; the symptom does not show there on this board: check the recipe, what it "
                   "runs and the board";
    return "the symptom does not show at the bad end on this board";
}

/// " (boards a and b say so)": who showed it, where more than one could.
std::string witnesses(const BisectionState& state, const CommitId& end, Verdict verdict,
                      const std::string& symptom) {
    if (!state.requested || state.requested->request.more_boards.empty()) return "";
    std::string boards;
    std::set<std::string> named_already;
    for (const StepState& step : state.steps) {
        const auto found = step.verdicts.find(symptom);
        if (step.commit != end || is_withdrawn(step) || found == step.verdicts.end() ||
            found->second.verdict != verdict ||
            !named_already.insert(step.attempts.back().board).second)
            continue;
        boards += (boards.empty() ? "" : " and ") + step.attempts.back().board;
    }
    return boards.empty() ? "" : "; found on " + boards;
}

/// What a step says of a symptom: its own verdict, or that its commit cannot be tested at all.
const VerdictGiven* said_of(const StepState& step, const std::string& symptom) {
    if (const auto found = step.verdicts.find(symptom); found != step.verdicts.end())
        return &found->second;
    return step.verdict && is_untestable(*step.verdict) ? &*step.verdict : nullptr;
}

/// What the engine has concluded of an end counts when another board does not say otherwise.
Confirmation confirmed(Deciding& deciding, const std::string& symptom, bool bad_end) {
    const RangeResolved& range = *deciding.state.range;
    if (bad_end) return confirm_end(deciding, range.bad, Verdict::bad, symptom);
    for (const auto* ends : {&range.merge_bases, &range.good})
        for (const CommitId& end : *ends) {
            Confirmation one = confirm_end(deciding, end, Verdict::good, symptom);
            if (!one.believed) return one;
        }
    return {.believed = true};
}

/// An end of the range that is not what it was taken for ends the search, once no other board says
/// otherwise. `waits`: that is being found out.
std::optional<Decision> wrong_end(Deciding& deciding, const std::string& symptom, bool& waits) {
    const BisectionState& state = deciding.state;
    for (const StepState& step : state.steps) {
        const bool bad_end = step.purpose == Purpose::bad_end;
        if (!bad_end && step.purpose != Purpose::good_end && step.purpose != Purpose::merge_base)
            continue;
        const VerdictGiven* const said_here = said_of(step, symptom);
        if (!step.closed || said_here == nullptr || is_judged(state, step.commit) ||
            is_withdrawn(step))
            continue;
        const Verdict verdict = said_here->verdict;
        if (verdict == (bad_end ? Verdict::good : Verdict::bad)) {
            const Verdict said = bad_end ? Verdict::bad : Verdict::good;
            const Confirmation confirmation = confirm_end(deciding, step.commit, said, symptom);
            if (!confirmation.believed) {
                waits = true;
                if (confirmation.under_way) deciding.waiting.insert(symptom);
                return confirmation.next;
            }
            return Conclude{symptom_end(
                symptom, Ending::wrong_range, {step.commit},
                bad_end ? deciding.standing(symptom).not_here : deciding.standing(symptom).older,
                (bad_end ? not_here_cause(state, symptom) : older_cause(state)) +
                    witnesses(state, step.commit, verdict, symptom))};
        }
        if (is_untestable(*said_here) && step.purpose != Purpose::merge_base)
            return Conclude{symptom_end(symptom, Ending::inconclusive, {step.commit}, 0,
                                        std::string(bad_end ? "the bad end " : "the good end ") +
                                            named(step) + " cannot be tested (" +
                                            std::string(word(verdict)) + "): " + said_here->cause)};
    }
    return std::nullopt;
}

struct Likeliest {
    std::vector<CommitId> commits;
    double confidence = 0;
};

/// As few commits as hold the culprit as surely as was asked, or all that may be it.
Likeliest likeliest(Deciding& deciding, const std::string& symptom) {
    const std::vector<double> chances = engine::culprit_probabilities(
        *deciding.knowledge.ancestry, deciding.asked().question, deciding.index_of(symptom));
    std::vector<CommitIndex> order;
    for (CommitIndex i = 0; i < chances.size(); ++i)
        if (chances[i] > 0) order.push_back(i);
    std::ranges::sort(order, {}, [&](CommitIndex i) { return std::pair(-chances[i], i); });
    Likeliest left;
    for (CommitIndex i : order) {
        if (left.confidence >= deciding.asked().question.settings.confidence) break;
        left.commits.push_back(deciding.history().id(i));
        left.confidence += chances[i];
    }
    return left;
}

}  // namespace

bool is_judged(const BisectionState& state, const CommitId& commit) {
    return std::ranges::any_of(state.judged, [&commit](const auto& entry) {
        return entry.first.first == commit && !entry.second.withdrawn;
    });
}

std::optional<Decision> conclude_search(Deciding& deciding) {
    for (const std::string& symptom : deciding.open_symptoms()) {
        if (deciding.state.suspects.contains(symptom)) continue;
        bool waits = false;
        if (auto wrong = wrong_end(deciding, symptom, waits)) return wrong;
        if (waits) continue;
        const engine::Standing& standing = deciding.standing(symptom);
        std::vector<CommitId> commits;
        commits.reserve(standing.suspects.size());
        for (CommitIndex commit : standing.suspects)
            commits.push_back(deciding.history().id(commit));
        using Kind = engine::Standing::Kind;
        if (standing.kind == Kind::older || standing.kind == Kind::not_here ||
            standing.kind == Kind::ends_alike) {
            const Confirmation end = confirmed(deciding, symptom, standing.kind == Kind::not_here);
            if (end.next) return end.next;
            if (end.under_way) deciding.waiting.insert(symptom);
            if (!end.believed) continue;
        }
        switch (standing.kind) {
            case Kind::open:
                continue;
            case Kind::culprit:
                return NameSuspect{commits.front(), symptom, standing.confidence};
            case Kind::set:
                return Conclude{symptom_end(
                    symptom, Ending::inconclusive, std::move(commits), standing.confidence,
                    "only commits that cannot be tested are left; the first bad commit is one of "
                    "these (a patch in the recipe that makes them build and boot would separate "
                    "them)")};
            case Kind::too_dear:
                return Conclude{symptom_end(
                    symptom, Ending::inconclusive, std::move(commits), standing.confidence,
                    "no answer: a hundred times what a bisection takes that knows how often the "
                    "symptom shows was not enough, and as much again would not be; the first bad "
                    "commit is one of these. A reproducer that fails more often, or never by "
                    "chance, would help")};
            case Kind::ends_alike:
                return Conclude{symptom_end(
                    symptom, Ending::wrong_range, {}, standing.confidence,
                    "the good and the bad end show the symptom alike: the bug is older than the "
                    "range, or what is seen comes by chance without it; give an older good commit, "
                    "or a reproducer that never fails on a good kernel")};
            case Kind::older:
                return Conclude{symptom_end(symptom, Ending::wrong_range, {}, standing.older,
                                            older_cause(deciding.state))};
            case Kind::not_here:
                return Conclude{symptom_end(symptom, Ending::wrong_range,
                                            {deciding.state.range->bad}, standing.not_here,
                                            not_here_cause(deciding.state, symptom))};
        }
    }
    return std::nullopt;
}

Decision conclude_all(const BisectionState& state, const Recipe& recipe) {
    BisectionEnded ended;
    bool first = true;
    for (const Symptom& symptom : recipe.symptoms) {
        const SymptomEnded& one = state.conclusions.at(symptom.name);
        if (first || (ended.ending != Ending::culprit && one.ending == Ending::culprit))
            ended.ending = one.ending;
        for (const CommitId& commit : one.commits)
            if (std::ranges::find(ended.commits, commit) == ended.commits.end())
                ended.commits.push_back(commit);
        if (recipe.symptoms.size() > 1) ended.cause += (first ? "" : "; ") + symptom.name + ": ";
        ended.cause += one.cause;
        first = false;
    }
    return Conclude{ended};
}

bool goes_in_circles(const BisectionState& state) {
    std::uint64_t circles = 0;
    for (auto step = state.steps.rbegin(); step != state.steps.rend(); ++step) {
        if (step->purpose != Purpose::search || !step->closed) return false;
        const bool new_commit =
            std::none_of(std::next(step), state.steps.rend(), [&step](const StepState& earlier) {
                return earlier.commit == step->commit && earlier.closed;
            });
        if (new_commit || step->suspects != state.steps.back().suspects) return false;
        if (++circles == circles_limit) return true;
    }
    return false;
}

std::optional<Decision> stuck(Deciding& deciding) {
    if (!deciding.hands.busy.empty() || !deciding.hands.busy_builds.empty()) return std::nullopt;
    if (deciding.hands.no_space) return std::nullopt;    // it goes on when there is some
    if (!deciding.waiting.empty()) return std::nullopt;  // a board has still to have its say
    if (deciding.hands.free_boards.empty() && deciding.state.open_steps().empty())
        return std::nullopt;  // others hold the boards
    if (deciding.open_symptoms().empty()) return std::nullopt;
    const std::string symptom = deciding.open_symptoms().front();
    const Likeliest left = likeliest(deciding, symptom);
    return Conclude{symptom_end(
        symptom, Ending::inconclusive, left.commits, left.confidence,
        "nothing is left that is worth testing, and the answer is not certain enough: the first "
        "bad commit is one of these with " +
            std::to_string(static_cast<int>(left.confidence * 100)) +
            " %; judging a commit that could not be tested (bisectctl judge) or a patch that "
            "makes it testable would go on from here")};
}

}  // namespace bisectd
