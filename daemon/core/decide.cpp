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
    // Once a commit: whoever wants it again wants it booted.
    if (closed_step(deciding.state, Purpose::search, step.commit) != nullptr) return std::nullopt;
    const StepState* const equal = equal_binary(deciding.state, step, attempt);
    if (equal == nullptr || !equal->verdict) return std::nullopt;
    const Verdict verdict = equal->verdict->verdict;
    if (verdict != Verdict::good && verdict != Verdict::bad) return std::nullopt;
    // Good for one symptom and bad for another: a boot tells them apart.
    for (const auto& [symptom, given] : equal->verdicts)
        if (given.verdict != verdict) return std::nullopt;
    AttemptEnded ended;
    ended.step = step.number;
    ended.attempt = attempt.number;
    ended.rung = Rung::build;
    ended.outcome = verdict == Verdict::bad ? Outcome::bad_looking : Outcome::good_looking;
    ended.cause =
        "its binary equals that of " + named(*equal) + ", which is " + std::string(word(verdict));
    return EndAttempt{ended};
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
    const auto saw = [&attempt](Look look) { return attempt.looks.contains(look); };
    if (!saw(Look::hit) && saw(Look::other_bug))
        return EndAttempt{judge_attempt(step, attempt, deciding.recipe)};
    const bool proving = std::ranges::all_of(
        deciding.open_symptoms(),
        [&deciding](const std::string& s) { return deciding.state.suspects.contains(s); });
    const engine::Order* const order = proving ? nullptr : order_for(deciding, attempt.board);
    const bool here = order != nullptr && attempt.batches.empty() &&
                      order->at == spot_of(deciding.state, deciding.history(), step.commit);
    if (order != nullptr && (order->stay || here)) {
        for (std::size_t i = 0; i < order->runs.size(); ++i) {
            const std::string& symptom = deciding.recipe.symptoms[i].name;
            if (order->runs[i] == 0 || shows_nothing(attempt, symptom)) continue;
            return RunOn{step.number, attempt.number, symptom,
                         std::min(order->runs[i], deciding.longest_batch(symptom))};
        }
    }
    if (!attempt.batches.empty() && !saw(Look::hit) && !saw(Look::clean))
        return EndAttempt{judge_attempt(step, attempt, deciding.recipe)};
    // No order at all and others at work: what they find may give this boot a use again.
    if (order == nullptr && !proving && !deciding.hands.busy.empty()) return std::nullopt;
    if (attempt.batches.empty()) {
        // Booted for what others have found out meanwhile: what it says now is evidence as well.
        const std::string symptom = deciding.open_symptoms().front();
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

struct End {
    Purpose purpose;
    CommitId commit;
};

/// The ends are tested before the search, whatever they promise to tell: who gave a wrong range
/// learns it at once. With several boards the others search meanwhile.
std::optional<End> next_end(const BisectionState& state) {
    if (state.requested->request.trust_ends) return std::nullopt;
    std::vector<End> ends{{Purpose::bad_end, state.range->bad}};
    for (const CommitId& base : state.range->merge_bases)
        ends.push_back({Purpose::merge_base, base});
    for (const CommitId& good : state.range->good) ends.push_back({Purpose::good_end, good});
    for (End& end : ends)
        if (!has_step(state, end.purpose, end.commit) && !is_judged(state, end.commit))
            return std::move(end);
    return std::nullopt;
}

/// Tried before, and could not be tested. While a board is still on its way there the engine counts
/// with it; no other is sent after it.
bool given_up(const BisectionState& state, const CommitId& commit) {
    const StepState* const step = closed_step(state, Purpose::search, commit);
    return step != nullptr && is_untestable(*step);
}

/// A person has said what it is: its attempt would be stopped at once.
bool judged_for_all(Deciding& deciding, const CommitId& commit) {
    return std::ranges::all_of(deciding.open_symptoms(), [&](const std::string& symptom) {
        return deciding.state.judgement(commit, symptom) != nullptr;
    });
}

/// New steps for idle boards, one at a time.
std::optional<Decision> next_step(Deciding& deciding, const std::vector<std::string>& taken) {
    if (const auto board = deciding.free_board(taken))
        if (auto end = next_end(deciding.state))
            return TestCommit{end->commit, end->purpose, deciding.suspects_left(), *board};
    if (deciding.hands.free_boards.empty()) return std::nullopt;
    // What one board has found is not asked of it again while another one has its say.
    if (deciding.waiting.size() == deciding.open_symptoms().size()) return std::nullopt;
    for (const engine::Order& order : deciding.advice().orders) {
        const std::string& board = deciding.asked().boards[order.board];
        if (order.stay || deciding.asked().question.boards[order.board].booted) continue;
        if (std::ranges::find(taken, board) != taken.end()) continue;
        const CommitId commit = commit_at(deciding.state, deciding.history(), order.at);
        if (given_up(deciding.state, commit) || judged_for_all(deciding, commit)) continue;
        return TestCommit{commit, purpose_of(deciding.state, order), deciding.suspects_left(),
                          board};
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

/// The end that is tested next whatever the board shows now, where nobody builds it yet and no
/// attempt needs the builder before it.
std::optional<CommitId> end_to_build(const BisectionState& state) {
    for (const StepState* step : state.open_steps())
        if (step->attempts.empty() ||
            (!step->attempts.back().ended && !step->attempts.back().built))
            return std::nullopt;
    const auto end = next_end(state);
    if (!end || std::ranges::find(state.builds_ahead, end->commit, &BuildAheadState::commit) !=
                    state.builds_ahead.end())
        return std::nullopt;
    return end->commit;
}

void builds(Deciding& deciding, std::vector<Decision>& out) {
    for (const BuildAheadState& build : deciding.state.builds_ahead)
        if (!build.ended && !deciding.hands.busy_builds.contains(build.number))
            out.push_back(GoOnBuilding{build.number});
    if (deciding.asked().question.idle_builders == 0) return;
    if (const auto end = end_to_build(deciding.state)) {
        out.push_back(BuildAhead{*end});
    } else if (boards_run_on(deciding, out)) {
        // What `decide_stops` would stop is not begun.
        for (CommitIndex at : deciding.advice().builds)
            if (const CommitId commit = deciding.history().id(at); !deciding.is_decided(commit))
                out.push_back(BuildAhead{commit});
    }
}

/// Its runs tell how often the symptom shows.
bool bad_end_is_bad(const BisectionState& state) {
    return std::ranges::any_of(state.steps, [&state](const StepState& step) {
        return step.commit == state.range->bad && step.closed && step.verdict &&
               step.verdict->verdict == Verdict::bad && !step.is_proof();
    });
}

std::optional<Decision> look_ahead(Deciding& deciding) {
    const BisectionState& state = deciding.state;
    if (state.estimates.empty()) return Estimate{"start"};
    const bool calibrated = std::ranges::any_of(
        state.estimates, [](const Estimated& e) { return e.when == "calibrated"; });
    if (!calibrated && bad_end_is_bad(state)) return Estimate{"calibrated"};
    if (!state.prior && deciding.recipe.build.kind == BuildKind::kernel)
        for (const StepState& step : state.steps)
            if (step.commit == state.range->bad && !step.attempts.empty() &&
                step.attempts.back().built)
                return WeighPrior{};
    return std::nullopt;
}

/// What was said to be expected has become old, and saying it anew costs next to nothing.
bool estimate_is_old(Deciding& deciding) {
    const BisectionState& state = deciding.state;
    if (deciding.hands.estimating || state.estimates.empty() || state.closed_steps() == 0)
        return false;
    const Estimated& last = state.estimates.back();
    const double age_s = static_cast<double>(state.last_ms_utc - state.estimated_ms_utc) / 1000;
    if (age_s < std::max(estimate_pause_s, estimate_share * last.took_s)) return false;
    return state.closed_steps() > state.closed_at_estimate || age_s > estimate_part * last.seconds;
}

/// Nobody runs on: what was shown is kept, and the boards go home. An attempt that were left open
/// would take its board, when its bisection goes on, from whoever has it by then.
std::vector<Decision> free_the_boards(const BisectionState& state, const Recipe& recipe,
                                      const Hands& hands) {
    std::vector<Decision> out;
    if (state.activity != Activity::paused && state.activity != Activity::parked) return out;
    for (const StepState* step : state.open_steps()) {
        if (step->attempts.empty()) continue;
        const AttemptState& attempt = step->attempts.back();
        if (!at_rest(attempt, recipe) && !stands_on_board(attempt)) continue;
        if (hands.busy.contains({step->number, attempt.number})) continue;
        // The daemon was away: what the board ran meanwhile is fetched first.
        if (attempt.open_batch() != nullptr && state.activity == Activity::paused) {
            out.push_back(ClimbOn{step->number, attempt.number});
        } else if (attempt.runs() > 0) {
            out.push_back(EndAttempt{judge_attempt(*step, attempt, recipe)});
        } else {
            AttemptEnded ended;
            ended.step = step->number;
            ended.attempt = attempt.number;
            ended.rung = Rung::run;
            ended.cause = "the bisection rests: the board was freed before anything had run";
            out.push_back(EndAttempt{ended});
        }
    }
    return out;
}

}  // namespace

std::vector<Decision> decide(const BisectionState& state, const Knowledge& knowledge,
                             const Recipe& recipe, const Hands& hands) {
    BISECTD_ASSERT(!recipe.symptoms.empty());
    if (state.activity != Activity::running) return free_the_boards(state, recipe, hands);
    if (!state.range) return hands.no_space ? std::vector<Decision>{} : alone(ResolveRange{});
    Deciding deciding(state, knowledge, recipe, hands);
    if (auto closed = close_steps(deciding)) return alone(*closed);
    if (auto second = second_at_bad_end(deciding)) return alone(*second);
    if (auto again = try_again(deciding)) return alone(*again);
    if (auto ahead = look_ahead(deciding)) return alone(*ahead);
    if (deciding.open_symptoms().empty()) return alone(conclude_all(state, recipe));
    if (auto end = conclude_search(deciding)) return alone(*end);

    if (auto blind = blind_at_bad_end(deciding)) return alone(*blind);
    if (auto stops = decide_stops(deciding); !stops.empty()) return stops;

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
    if (!deciding.open_symptoms().empty() && estimate_is_old(deciding))
        out.emplace_back(Estimate{"renewed"});
    return out;
}

}  // namespace bisectd
