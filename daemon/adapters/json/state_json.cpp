#include "adapters/json/state_json.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/json/fields.hpp"

namespace bisectd {
namespace {

namespace json = boost::json;

template <class T>
json::value optional_json(const std::optional<T>& value) {
    return value ? to_json(*value) : json::value(nullptr);
}

/// All batches together; nothing before the first.
json::value runs_json(const AttemptState& attempt) {
    if (attempt.batches.empty()) return nullptr;
    json::object out;
    out["batch"] = to_json(attempt.batches.back().name);
    out["batches"] = attempt.batches.size();
    out["symptom"] = to_json(attempt.batches.back().symptom);
    std::uint64_t planned = 0;
    for (const BatchState& batch : attempt.batches)
        planned += batch.ended ? batch.last_run : std::max(batch.planned, batch.last_run);
    out["planned"] = planned;
    return out;
}

json::object attempt_json(const AttemptState& attempt) {
    json::object out;
    out["number"] = attempt.number;
    out["board"] = to_json(attempt.board);
    out["started_ms_utc"] = attempt.started_ms_utc;
    out["ended_ms_utc"] = attempt.ended_ms_utc;
    out["tree"] = optional_json(attempt.tree);
    out["built"] = optional_json(attempt.built);
    out["deployed"] = optional_json(attempt.deployed);
    out["boot"] = optional_json(attempt.boot_started);
    out["proven"] = optional_json(attempt.proven);
    out["runs"] = runs_json(attempt);
    out["last_run"] = attempt.runs();
    json::object looks;
    for (const auto& [look, count] : attempt.looks) looks[word(look)] = count;
    out["looks"] = std::move(looks);
    out["ended"] = optional_json(attempt.ended);
    return out;
}

json::object step_json(const StepState& step) {
    json::object out;
    out["number"] = step.number;
    out["commit"] = step.commit.hex();
    out["subject"] = to_json(step.subject);
    out["purpose"] = word(step.purpose);
    out["suspects"] = step.suspects;
    out["started_ms_utc"] = step.started_ms_utc;
    out["ended_ms_utc"] = step.ended_ms_utc;
    out["verdict"] = optional_json(step.verdict);
    json::array attempts;
    for (const AttemptState& attempt : step.attempts) attempts.push_back(attempt_json(attempt));
    out["attempts"] = std::move(attempts);
    return out;
}

json::object proof_json(const StepState& step) {
    json::object out;
    out["step"] = step.number;
    out["purpose"] = word(step.purpose);
    out["commit"] = step.commit.hex();
    out["subject"] = to_json(step.subject);
    out["verdict"] = step.verdict ? json::value(word(step.verdict->verdict)) : json::value(nullptr);
    std::string rebuild;
    for (const AttemptState& attempt : step.attempts)
        if (attempt.built) rebuild = attempt.built->rebuild;
    out["rebuild"] = to_json(rebuild);
    return out;
}

}  // namespace

std::vector<const StepState*> proof_steps(const BisectionState& state) {
    std::vector<const StepState*> steps;
    for (const StepState& step : state.steps)
        if (step.purpose == Purpose::proof_culprit || step.purpose == Purpose::proof_parent)
            steps.push_back(&step);
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

json::object summary_json(const BisectionState& state) {
    json::object out;
    out["id"] = state.id;
    out["activity"] = word(state.activity);
    const StartRequest request = state.requested ? state.requested->request : StartRequest{};
    for (const auto& [name, text] :
         {std::pair{"title", &request.title}, std::pair{"repository", &request.repository},
          std::pair{"bad", &request.bad}, std::pair{"recipe", &request.recipe},
          std::pair{"board", &request.board}})
        out[name] = to_json(*text);
    out["good"] = to_json(request.good);
    out["boards"] = to_json(state.requested ? request.boards() : std::vector<std::string>{});
    out["suspects_at_start"] = state.range ? state.range->suspects : 0;
    out["suspects"] = suspects_left(state);
    out["steps_done"] = steps_done(state);
    out["requested_ms_utc"] = state.requested_ms_utc;
    out["last_ms_utc"] = state.last_ms_utc;
    out["ended"] = optional_json(state.ended);
    return out;
}

json::object state_json(const BisectionState& state) {
    json::object out = summary_json(state);
    out["requested"] = optional_json(state.requested);
    out["range"] = optional_json(state.range);
    out["parked_ask"] = to_json(state.parked_ask);
    out["paused_why"] = to_json(state.paused_why);
    out["suspect"] = optional_json(state.suspect);
    json::array steps;
    for (const StepState& step : state.steps) steps.push_back(step_json(step));
    out["steps"] = std::move(steps);
    json::array proof;
    for (const StepState* step : proof_steps(state)) proof.push_back(proof_json(*step));
    out["proof"] = std::move(proof);
    return out;
}

json::object asides_json(const Asides& asides) {
    json::object out;
    out["judged"] = to_json(asides.judged);
    out["estimate"] = optional_json(asides.estimate);
    out["building_ahead"] = to_json(asides.building_ahead);
    out["built_ahead"] = asides.built_ahead;
    out["quarantined"] = to_json(asides.quarantined);
    out["contradictions"] = to_json(asides.contradictions);
    out["prior"] = optional_json(asides.prior);
    return out;
}

json::object progress_json(const Progress& progress) {
    json::object out;
    out["what"] = to_json(progress.what);
    out["done"] = progress.done;
    out["total"] = progress.total;
    out["text"] = to_json(progress.text);
    out["board"] = to_json(progress.board);
    return out;
}

json::object board_json(const BoardStatus& board) {
    json::object out;
    out["name"] = to_json(board.name);
    out["kind"] = to_json(board.kind);
    out["state"] = to_json(board.state);
    out["holder"] = board.holder;
    out["waiting"] = to_json(board.waiting);
    out["ask"] = to_json(board.ask);
    return out;
}

}  // namespace bisectd
