#include "orchestration/attempt.hpp"

#include "orchestration/recovery.hpp"

namespace bisectd {
namespace {

/// Whether a newly built binary is looked at before it is booted: it may be known already.
bool may_be_known(const Attempt& attempt) {
    return attempt.step_state().purpose == Purpose::search && attempt.state().built &&
           !attempt.state().built->content_sha256.empty();
}

Task<Climbed<>> story(const Attempt& attempt) {
    const bool was_built = attempt.state().built.has_value();
    Climbed<Artefact> artefact = co_await build_rungs(attempt);
    if (!artefact) co_return std::unexpected(artefact.error());
    if (!was_built && may_be_known(attempt)) co_return Climbed<>();
    if (attempt.boots()) {
        Climbed<> booted = co_await boot_rungs(attempt, *artefact);
        if (!booted) co_return std::unexpected(booted.error());
    }
    const BatchState* const batch = attempt.state().open_batch();
    if (batch == nullptr) co_return Climbed<>();
    RunOn order{attempt.step, attempt.number, batch->symptom, batch->planned};
    co_return co_await run_batch(attempt, std::move(order));
}

AttemptEnded ended_by(const Attempt& attempt, const Fall& fall) {
    AttemptEnded ended;
    ended.step = attempt.step;
    ended.attempt = attempt.number;
    ended.rung = fall.rung;
    ended.outcome = fall.outcome;
    ended.cause = fall.cause;
    ended.board_needs_recovery = fall.board_needs_recovery;
    ended.ends_bisection = fall.ends_bisection;
    return ended;
}

}  // namespace

Climbed<> Attempt::record(Rung rung, const Event& event) const {
    Result<void> recorded = cancelled("attempt", "it was stopped");
    if (!state().ended) recorded = chronicle.record(event);
    if (recorded) return {};
    Fall fall = blame(rung, recorded.error());
    fall.left_open = true;  // what the journal does not hold has not happened
    return std::unexpected(fall);
}

const Symptom& Attempt::symptom(const std::string& name) const {
    for (const Symptom& one : recipe.symptoms)
        if (one.name == name) return one;
    BISECTD_ASSERT(false);
    return recipe.symptoms.front();
}

namespace {

Task<Result<void>> fell_or_stands(const Attempt& attempt, Climbed<> climbed) {
    if (climbed) co_return Result<void>();
    if (climbed.error().left_open) co_return infrastructure("attempt", climbed.error().cause);
    co_return co_await end_attempt(attempt, ended_by(attempt, climbed.error()));
}

}  // namespace

Task<Result<void>> climb(const Attempt& attempt) {
    Climbed<> climbed = co_await story(attempt);
    co_return co_await fell_or_stands(attempt, std::move(climbed));
}

Task<Result<void>> run_on(const Attempt& attempt, RunOn order) {
    Climbed<> ran = co_await run_batch(attempt, std::move(order));
    co_return co_await fell_or_stands(attempt, std::move(ran));
}

namespace {

/// Between two tries to end a reproducer.
constexpr std::chrono::milliseconds stop_pause{5'000};
constexpr unsigned stop_tries = 3;

/// Whether a reproducer may still run that no reboot ends.
bool may_run_on(const Attempt& attempt) {
    const AttemptState& state = attempt.state();
    return !attempt.boots() && !state.batches.empty() && !state.batches.back().ended;
}

Task<Result<void>> stop_job_of(const Attempt& attempt) {
    auto agent = co_await BoardAgent::meet(attempt.lab, attempt.board.spec, meeting_limit);
    if (!agent) co_return std::unexpected(agent.error());
    auto folder = co_await agent->job_folder(attempt.state().batches.back().name);
    if (!folder) co_return std::unexpected(folder.error());
    co_return co_await agent->stop_job(*folder);
}

Task<Result<void>> stop_reproducer(const Attempt& attempt) {
    Result<void> stopped = co_await stop_job_of(attempt);
    for (unsigned tries = 1; tries < stop_tries && !stopped; ++tries) {
        co_await attempt.lab.clock.sleep_for(stop_pause);
        stopped = co_await stop_job_of(attempt);
    }
    co_return stopped;
}

}  // namespace

Task<Result<void>> leave_board(const Attempt& attempt) {
    const AttemptState& state = attempt.state();
    if (may_run_on(attempt)) co_return co_await stop_reproducer(attempt);
    if (!attempt.boots() || !state.boot_started) co_return Result<void>();
    // A board on its way up is let come up: it is not silent because it is ill.
    const auto anything = [](const BoardFacts&) { return true; };
    const auto limit = attempt.recipe.boot.deadline;
    const auto facts = co_await wait_for_board(attempt.lab, attempt.board.spec, limit, anything);
    if (facts) {
        co_await send_home(attempt.lab, attempt.board);
        co_return Result<void>();
    }
    auto home = co_await bring_home(attempt.lab, attempt.chronicle, attempt.board);
    if (!home) co_return std::unexpected(home.error());
    co_return Result<void>();
}

Task<Result<void>> end_attempt(const Attempt& attempt, AttemptEnded ended) {
    // Before its end is journalled: a daemon that is killed here comes back to it. Best effort: a
    // board that is out of reach is so for the next attempt as well.
    if (may_run_on(attempt)) (void)co_await stop_reproducer(attempt);
    auto recorded = attempt.chronicle.record(ended);
    if (!recorded) co_return recorded;
    if (!attempt.boots() || ended.rung < Rung::boot) co_return Result<void>();
    if (ended.board_needs_recovery) {
        auto home = co_await bring_home(attempt.lab, attempt.chronicle, attempt.board);
        if (!home) co_return std::unexpected(home.error());
    } else {
        co_await send_home(attempt.lab, attempt.board);
    }
    co_return Result<void>();
}

}  // namespace bisectd
