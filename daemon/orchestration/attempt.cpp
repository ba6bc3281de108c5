#include "orchestration/attempt.hpp"

#include "orchestration/recovery.hpp"

namespace bisectd {
namespace {

Task<Climbed<AttemptEnded>> story(const Attempt& attempt) {
    Climbed<Artefact> artefact = co_await build_rungs(attempt);
    if (!artefact) co_return std::unexpected(artefact.error());
    if (attempt.boots()) {
        Climbed<> booted = co_await boot_rungs(attempt, *artefact);
        if (!booted) co_return std::unexpected(booted.error());
    }
    co_return co_await run_rung(attempt, *artefact);
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
    auto recorded = chronicle.record(event);
    if (recorded) return {};
    Fall fall = blame(rung, recorded.error());
    fall.left_open = true;  // what the journal does not hold has not happened
    return std::unexpected(fall);
}

Task<Result<void>> climb(const Attempt& attempt) {
    Climbed<AttemptEnded> end = co_await story(attempt);
    if (!end && end.error().left_open) co_return infrastructure("attempt", end.error().cause);
    const AttemptEnded ended = end ? *end : ended_by(attempt, end.error());
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
