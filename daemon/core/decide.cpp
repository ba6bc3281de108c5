#include "core/decide.hpp"

#include <algorithm>

#include "core/attempt_judgement.hpp"
#include "core/deciding.hpp"
#include "core/error.hpp"

namespace bisectd {
namespace {

std::vector<Decision> alone(Decision decision) {
    std::vector<Decision> decisions;
    decisions.push_back(std::move(decision));
    return decisions;
}

/// How long such a step runs is the engine's to say; all others are checks.
bool is_search(Purpose purpose) {
    return purpose == Purpose::search || purpose == Purpose::bad_end;
}

/// Attempts that are over: their step's verdict, or another attempt where a board is free.
std::optional<Decision> close_steps(Deciding& deciding) {
    for (const StepState* step : deciding.state.open_steps()) {
        if (step->attempts.empty() || !step->attempts.back().ended) continue;
        if (auto verdict = verdict_of_step(deciding, *step)) return verdict;
    }
    return std::nullopt;
}

std::optional<Decision> try_again(Deciding& deciding) {
    for (const StepState* step : deciding.state.open_steps()) {
        if (!step->attempts.empty() && !step->attempts.back().ended) continue;
        if (const auto board = deciding.free_board({})) return TryAgain{step->number, *board};
    }
    return std::nullopt;
}

/// A build whose binary is that of a commit already tested needs no boot.
std::optional<Decision> same_binary(Deciding& deciding, const StepState& step,
                                    const AttemptState& attempt) {
    if (step.purpose != Purpose::search || attempt.deployed || !attempt.built) return std::nullopt;
    const StepState* const equal = equal_binary(deciding.state, step, attempt);
    if (equal == nullptr || !equal->verdict) return std::nullopt;
    const Verdict verdict = equal->verdict->verdict;
    if (verdict != Verdict::good && verdict != Verdict::bad) return std::nullopt;
    AttemptEnded ended;
    ended.step = step.number;
    ended.attempt = attempt.number;
    ended.rung = Rung::build;
    ended.outcome = verdict == Verdict::bad ? Outcome::bad_looking : Outcome::good_looking;
    ended.cause =
        "its binary equals that of " + named(*equal) + ", which is " + std::string(word(verdict));
    return EndAttempt{ended};
}

/// Looks that no further run can mend.
bool shows_nothing(const AttemptState& attempt) {
    if (attempt.batches.empty()) return false;
    const auto has = [&attempt](Look look) { return attempt.looks.contains(look); };
    if (has(Look::hit)) return false;
    return has(Look::other_bug) || !has(Look::clean);
}

const engine::Order* order_for(Deciding& deciding, const std::string& board) {
    const auto& names = deciding.asked().boards;
    for (const engine::Order& order : deciding.advice().orders)
        if (names[order.board] == board) return &order;
    return nullptr;
}

/// What the attempt of a search does next on its board; nothing: it waits.
std::optional<Decision> search_runs(Deciding& deciding, const StepState& step,
                                    const AttemptState& attempt) {
    if (shows_nothing(attempt)) return EndAttempt{judge_attempt(step, attempt, deciding.recipe)};
    const bool proving = std::ranges::all_of(
        deciding.open_symptoms(),
        [&deciding](const std::string& s) { return deciding.state.suspects.contains(s); });
    const engine::Order* const order = proving ? nullptr : order_for(deciding, attempt.board);
    const bool here = order != nullptr && attempt.batches.empty() &&
                      order->at == spot_of(deciding.state, deciding.history(), step.commit);
    if (order != nullptr && (order->stay || here)) {
        for (std::size_t i = 0; i < order->runs.size(); ++i) {
            if (order->runs[i] == 0) continue;
            const std::string& symptom = deciding.recipe.symptoms[i].name;
            return RunOn{step.number, attempt.number, symptom,
                         std::min(order->runs[i], deciding.longest_batch(symptom))};
        }
    }
    // No order at all and others at work: what they find may give this boot a use again.
    if (order == nullptr && !proving && !deciding.hands.busy.empty()) return std::nullopt;
    if (attempt.batches.empty()) {
        // Booted for what others have found out meanwhile: what it says now is evidence as well.
        const std::string& symptom = deciding.open_symptoms().front();
        const std::uint64_t runs =
            std::max<std::uint64_t>(1, deciding.standing(symptom).proof_runs);
        return RunOn{step.number, attempt.number, symptom,
                     std::min(runs, deciding.longest_batch(symptom))};
    }
    return EndAttempt{judge_attempt(step, attempt, deciding.recipe)};
}

void attempts(Deciding& deciding, std::vector<Decision>& out) {
    for (const StepState* step : deciding.state.open_steps()) {
        if (step->attempts.empty() || step->attempts.back().ended) continue;
        const AttemptState& attempt = step->attempts.back();
        if (deciding.hands.busy.contains({step->number, attempt.number})) continue;
        if (auto same = same_binary(deciding, *step, attempt)) {
            out.push_back(*same);
        } else if (!at_rest(attempt, deciding.recipe)) {
            out.push_back(ClimbOn{step->number, attempt.number});
        } else if (!is_search(step->purpose)) {
            out.push_back(runs_of_check(deciding, *step, attempt));
        } else if (auto runs = search_runs(deciding, *step, attempt)) {
            out.push_back(*runs);
        }
    }
}

Purpose purpose_of(const BisectionState& state, const engine::Order& order) {
    if (order.at.outside)
        return order.at.index < state.range->good.size() ? Purpose::good_end : Purpose::merge_base;
    return std::string_view(order.why) == "bad end" ? Purpose::bad_end : Purpose::search;
}

bool has_step(const BisectionState& state, Purpose purpose, const CommitId& commit) {
    return std::ranges::any_of(state.steps, [&](const StepState& step) {
        return step.purpose == purpose && step.commit == commit;
    });
}

bool is_judged(const BisectionState& state, const CommitId& commit) {
    return std::ranges::any_of(state.judged, [&commit](const auto& entry) {
        return entry.first.first == commit && !entry.second.withdrawn;
    });
}

/// The ends are tested before the search, whatever they promise to tell: who gave a wrong range
/// learns it at once. With several boards the others search meanwhile.
std::optional<Decision> next_end(Deciding& deciding, const std::string& board) {
    const BisectionState& state = deciding.state;
    if (state.requested->request.trust_ends) return std::nullopt;
    const auto test = [&](Purpose purpose, const CommitId& commit) -> std::optional<Decision> {
        if (has_step(state, purpose, commit) || is_judged(state, commit)) return std::nullopt;
        return TestCommit{commit, purpose, deciding.suspects_left(), board};
    };
    if (auto decision = test(Purpose::bad_end, state.range->bad)) return decision;
    for (const CommitId& base : state.range->merge_bases)
        if (auto decision = test(Purpose::merge_base, base)) return decision;
    for (const CommitId& good : state.range->good)
        if (auto decision = test(Purpose::good_end, good)) return decision;
    return std::nullopt;
}

/// New steps for idle boards, one at a time.
std::optional<Decision> next_step(Deciding& deciding, const std::vector<std::string>& taken) {
    if (const auto board = deciding.free_board(taken))
        if (auto end = next_end(deciding, *board)) return end;
    if (deciding.hands.free_boards.empty()) return std::nullopt;
    for (const engine::Order& order : deciding.advice().orders) {
        const std::string& board = deciding.asked().boards[order.board];
        if (order.stay || deciding.asked().question.boards[order.board].booted) continue;
        if (std::ranges::find(taken, board) != taken.end()) continue;
        return TestCommit{commit_at(deciding.state, deciding.history(), order.at),
                          purpose_of(deciding.state, order), deciding.suspects_left(), board};
    }
    return std::nullopt;
}

/// Whether some board has runs to make for a while: only then is the builder not needed by an
/// attempt next, and what it builds meanwhile costs nobody anything.
bool boards_run_on(Deciding& deciding, const std::vector<Decision>& out) {
    const auto& question = deciding.asked().question;
    const double long_s = worth_building_ahead * question.costs.build_s;
    for (const Decision& decision : out)
        if (const auto* run = std::get_if<RunOn>(&decision))
            if (static_cast<double>(run->runs) *
                    question.columns[deciding.index_of(run->symptom)].run_s >=
                long_s)
                return true;
    for (const StepState* step : deciding.state.open_steps()) {
        if (step->attempts.empty()) continue;
        const BatchState* const batch = step->attempts.back().open_batch();
        if (batch == nullptr) continue;
        const double left =
            static_cast<double>(batch->planned - std::min(batch->planned, batch->last_run));
        if (left * question.columns[deciding.index_of(batch->symptom)].run_s >= long_s) return true;
    }
    return false;
}

void builds(Deciding& deciding, std::vector<Decision>& out) {
    for (const BuildAheadState& build : deciding.state.builds_ahead)
        if (!build.ended && !deciding.hands.busy_builds.contains(build.number))
            out.push_back(GoOnBuilding{build.number});
    if (deciding.asked().question.idle_builders == 0 || !boards_run_on(deciding, out)) return;
    for (CommitIndex commit : deciding.advice().builds)
        out.push_back(BuildAhead{deciding.history().id(commit)});
}

SymptomEnded symptom_end(const std::string& symptom, Ending ending, std::vector<CommitId> commits,
                         double confidence, std::string cause) {
    return SymptomEnded{symptom, ending, std::move(commits), confidence, std::move(cause)};
}

/// A bad spot outside of the range, for the sentence that explains a wrong range.
std::string older_cause(const BisectionState& state) {
    for (const StepState& step : state.steps) {
        if (step.purpose != Purpose::good_end && step.purpose != Purpose::merge_base) continue;
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
        if (step.commit == state.range->bad && !step.is_proof())
            return "the bad end " + named(step) + " is good: " + shown_by(step, symptom) +
                   "; the symptom does not show there on this board: check the recipe, what it "
                   "runs and the board";
    return "the symptom does not show at the bad end on this board";
}

/// An end of the range that is not what it was taken for ends the search at once.
std::optional<Decision> wrong_end(Deciding& deciding, const std::string& symptom) {
    const BisectionState& state = deciding.state;
    for (const StepState& step : state.steps) {
        const bool bad_end = step.purpose == Purpose::bad_end;
        if (!bad_end && step.purpose != Purpose::good_end && step.purpose != Purpose::merge_base)
            continue;
        const auto found = step.verdicts.find(symptom);
        if (!step.closed || found == step.verdicts.end() || is_judged(state, step.commit)) continue;
        const Verdict verdict = found->second.verdict;
        if (verdict == (bad_end ? Verdict::good : Verdict::bad))
            return Conclude{symptom_end(
                symptom, Ending::wrong_range, {step.commit},
                bad_end ? deciding.standing(symptom).not_here : deciding.standing(symptom).older,
                bad_end ? not_here_cause(state, symptom) : older_cause(state))};
        const bool untestable = verdict == Verdict::skip || (verdict == Verdict::uncertain &&
                                                             found->second.bad_probability < 0);
        if (untestable && step.purpose != Purpose::merge_base)
            return Conclude{symptom_end(symptom, Ending::inconclusive, {step.commit}, 0,
                                        std::string(bad_end ? "the bad end " : "the good end ") +
                                            named(step) + " cannot be tested (" +
                                            std::string(word(verdict)) +
                                            "): " + found->second.cause)};
    }
    return std::nullopt;
}

/// The end of a column's search, where it has come.
std::optional<Decision> conclude_search(Deciding& deciding) {
    for (const std::string& symptom : deciding.open_symptoms()) {
        if (deciding.state.suspects.contains(symptom)) continue;
        if (auto wrong = wrong_end(deciding, symptom)) return wrong;
        const engine::Standing& standing = deciding.standing(symptom);
        std::vector<CommitId> commits;
        for (CommitIndex commit : standing.suspects)
            commits.push_back(deciding.history().id(commit));
        using Kind = engine::Standing::Kind;
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

/// All symptoms have come to their end: so has the bisection.
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

std::optional<Decision> look_ahead(Deciding& deciding) {
    const BisectionState& state = deciding.state;
    if (state.estimates.empty()) return Estimate{"start"};
    const StepState* const bad = closed_step(state, Purpose::bad_end, state.range->bad);
    if (bad != nullptr && bad->verdict->verdict == Verdict::bad && state.estimates.size() == 1)
        return Estimate{"calibrated"};
    if (!state.prior && deciding.recipe.build.kind == BuildKind::kernel)
        for (const StepState& step : state.steps)
            if (step.commit == state.range->bad && !step.attempts.empty() &&
                step.attempts.back().built)
                return WeighPrior{};
    return std::nullopt;
}

/// Whether the last steps all went to commits that had been tested before, and moved nothing.
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

/// Nothing goes on and nothing can be done: said aloud, never waited for.
std::optional<Decision> stuck(Deciding& deciding) {
    if (!deciding.hands.busy.empty() || !deciding.hands.busy_builds.empty()) return std::nullopt;
    if (deciding.hands.free_boards.empty() && deciding.state.open_steps().empty())
        return std::nullopt;  // others hold the boards
    if (deciding.open_symptoms().empty()) return std::nullopt;
    const std::string symptom = deciding.open_symptoms().front();
    const engine::Standing& standing = deciding.standing(symptom);
    std::vector<CommitId> commits;
    for (CommitIndex commit : standing.suspects) commits.push_back(deciding.history().id(commit));
    return Conclude{symptom_end(
        symptom, Ending::inconclusive, std::move(commits), standing.confidence,
        "nothing is left that is worth testing, and the answer is not certain enough: the first "
        "bad commit is one of these with " +
            std::to_string(static_cast<int>(standing.confidence * 100)) +
            " %; judging a commit that could not be tested (bisectctl judge) or a patch that "
            "makes it testable would go on from here")};
}

/// Nobody runs on: what was shown is kept, and the boards go home.
std::vector<Decision> free_the_boards(const BisectionState& state, const Recipe& recipe,
                                      const Hands& hands) {
    std::vector<Decision> out;
    if (state.activity != Activity::paused && state.activity != Activity::parked) return out;
    for (const StepState* step : state.open_steps()) {
        if (step->attempts.empty()) continue;
        const AttemptState& attempt = step->attempts.back();
        if (attempt.batches.empty() || !at_rest(attempt, recipe)) continue;
        if (hands.busy.contains({step->number, attempt.number})) continue;
        out.push_back(EndAttempt{judge_attempt(*step, attempt, recipe)});
    }
    return out;
}

}  // namespace

std::vector<Decision> decide(const BisectionState& state, const Knowledge& knowledge,
                             const Recipe& recipe, const Hands& hands) {
    BISECTD_ASSERT(!recipe.symptoms.empty());
    if (state.activity != Activity::running) return free_the_boards(state, recipe, hands);
    if (!state.range) return alone(ResolveRange{});
    Deciding deciding(state, knowledge, recipe, hands);
    if (auto closed = close_steps(deciding)) return alone(*closed);
    if (auto again = try_again(deciding)) return alone(*again);
    if (auto ahead = look_ahead(deciding)) return alone(*ahead);
    if (deciding.open_symptoms().empty()) return alone(conclude_all(state, recipe));
    if (auto end = conclude_search(deciding)) return alone(*end);

    std::vector<std::string> taken;
    for (auto* part : {decide_doubts, decide_proofs})
        if (auto decisions = part(deciding, taken); !decisions.empty()) return decisions;
    std::vector<Decision> out;
    attempts(deciding, out);
    if (!deciding.open_symptoms().empty() && goes_in_circles(state) && out.empty()) {
        if (auto why = stuck(deciding)) return alone(*why);
    } else if (!deciding.open_symptoms().empty()) {
        if (auto step = next_step(deciding, taken)) return alone(*step);
        builds(deciding, out);
    }
    if (out.empty())
        if (auto why = stuck(deciding)) return alone(*why);
    return out;
}

}  // namespace bisectd
