#include "adapters/json/views.hpp"

#include <algorithm>

namespace bisectd {
namespace {

std::optional<BatchesView> batches_of(const AttemptState& attempt) {
    if (attempt.batches.empty()) return std::nullopt;
    BatchesView out{attempt.batches.back().name, attempt.batches.size(),
                    attempt.batches.back().symptom, 0};
    for (const BatchState& batch : attempt.batches)
        out.planned += batch.ended ? batch.last_run : std::max(batch.planned, batch.last_run);
    return out;
}

AttemptView attempt_of(const AttemptState& attempt) {
    AttemptView out;
    out.number = attempt.number;
    out.board = attempt.board;
    out.started_ms_utc = attempt.started_ms_utc;
    out.ended_ms_utc = attempt.ended_ms_utc;
    out.tree = attempt.tree;
    out.built = attempt.built;
    out.deployed = attempt.deployed;
    out.boot = attempt.boot_started;
    out.proven = attempt.proven;
    out.runs = batches_of(attempt);
    out.last_run = attempt.runs();
    out.looks = attempt.looks;
    out.withdrawn = attempt.withdrawn;
    out.ended = attempt.ended;
    return out;
}

ProofView proof_of(const StepState& step) {
    ProofView out{step.number, step.purpose, step.commit, step.subject, std::nullopt, ""};
    if (step.verdict) out.verdict = step.verdict->verdict;
    for (const AttemptState& attempt : step.attempts)
        if (attempt.built) out.rebuild = attempt.built->rebuild;
    return out;
}

double confidence_of(const BisectionState& state) {
    double confidence = state.suspect ? state.suspect->confidence : 0;
    for (const auto& [symptom, conclusion] : state.conclusions)
        if (conclusion.ending == Ending::culprit)
            confidence = std::max(confidence, conclusion.confidence);
    return confidence;
}

std::int64_t expected_end(const BisectionState& state) {
    if (state.ended || state.estimates.empty() || state.estimated_ms_utc == 0) return 0;
    constexpr double longest_s = 1e9;  // thirty years are as good as never
    const double seconds = std::clamp(state.estimates.back().seconds, 0.0, longest_s);
    return state.estimated_ms_utc + static_cast<std::int64_t>(seconds * 1000);
}

}  // namespace

std::vector<const StepState*> proof_steps(const BisectionState& state) {
    std::vector<const StepState*> steps;
    for (const StepState& step : state.steps)
        if (step.is_proof()) steps.push_back(&step);
    return steps;
}

std::uint64_t suspects_left(const BisectionState& state) {
    if (state.ended && state.ended->ending == Ending::culprit) return state.ended->commits.size();
    if (!state.steps.empty()) return state.steps.back().suspects;
    return state.range ? state.range->suspects : 0;
}

std::uint64_t steps_done(const BisectionState& state) {
    std::uint64_t done = 0;
    for (const StepState& step : state.steps)
        if (step.verdict) ++done;
    return done;
}

SummaryView summary_of(const BisectionState& state) {
    SummaryView out;
    out.id = state.id;
    out.activity = state.activity;
    if (state.requested) {
        const StartRequest& request = state.requested->request;
        out.title = request.title;
        out.repository = request.repository;
        out.bad = request.bad;
        out.recipe = request.recipe;
        out.board = request.board;
        out.good = request.good;
        out.boards = request.boards();
    }
    out.suspects_at_start = state.range ? state.range->suspects : 0;
    out.suspects = suspects_left(state);
    out.steps_done = steps_done(state);
    out.confidence = confidence_of(state);
    out.expected_end_ms_utc = expected_end(state);
    out.requested_ms_utc = state.requested_ms_utc;
    out.last_ms_utc = state.last_ms_utc;
    out.awaits_space = state.awaits_space;
    out.ended = state.ended;
    return out;
}

StepView step_of(const StepState& step) {
    StepView out{step.number,       step.commit,   step.subject,
                 step.purpose,      step.suspects, step.started_ms_utc,
                 step.ended_ms_utc, step.verdict,  {}};
    for (const AttemptState& attempt : step.attempts) out.attempts.push_back(attempt_of(attempt));
    return out;
}

ProgressView progress_of(const Progress& progress) {
    return {progress.what, progress.done, progress.total, progress.text, progress.board};
}

BisectionView bisection_of(const BisectionState& state, const std::vector<Progress>& going_on) {
    BisectionView out{summary_of(state), {}};
    DetailView& detail = out.detail;
    detail.requested = state.requested;
    detail.range = state.range;
    detail.parked_ask = state.parked_ask;
    detail.paused_why = state.paused_why;
    detail.suspect = state.suspect;
    for (const StepState& step : state.steps) detail.steps.push_back(step_of(step));
    for (const StepState* step : proof_steps(state)) detail.proof.push_back(proof_of(*step));
    Asides asides = asides_of(state);
    detail.judged = std::move(asides.judged);
    detail.estimate = std::move(asides.estimate);
    detail.building_ahead = std::move(asides.building_ahead);
    detail.built_ahead = asides.built_ahead;
    detail.quarantined = std::move(asides.quarantined);
    detail.contradictions = std::move(asides.contradictions);
    detail.prior = std::move(asides.prior);
    detail.estimated_ms_utc = state.estimated_ms_utc;
    for (const Progress& progress : going_on) detail.going_on.push_back(progress_of(progress));
    if (!detail.going_on.empty()) detail.progress = detail.going_on.front();
    return out;
}

std::vector<BoardView> boards_of(const std::vector<BoardStatus>& boards,
                                 const std::vector<const BisectionState*>& bisections) {
    std::vector<BoardView> out;
    std::map<std::string, std::size_t> places;
    for (const BoardStatus& board : boards) {
        places[board.name] = out.size();
        BoardView view;
        view.name = board.name;
        view.kind = board.kind;
        view.state = board.state;
        view.holder = board.holder;
        view.waiting = board.waiting;
        view.ask = board.ask;
        view.console = !board.console_file.empty();
        out.push_back(std::move(view));
    }
    for (const BisectionState* state : bisections)
        for (const StepState& step : state->steps)
            for (const AttemptState& attempt : step.attempts) {
                const auto place = places.find(attempt.board);
                if (place == places.end()) continue;
                BoardView& board = out[place->second];
                board.last_ms_utc = std::max(board.last_ms_utc, attempt.started_ms_utc);
                if (!attempt.ended) continue;
                ++board.attempts;
                if (attempt.ended->outcome == Outcome::infrastructure) ++board.infrastructure;
            }
    return out;
}

}  // namespace bisectd
