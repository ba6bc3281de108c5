#include "orchestration/log_keeper.hpp"

#include <algorithm>

#include "core/log_limits.hpp"
#include "orchestration/evidence.hpp"

namespace bisectd {

void LogKeeper::add(Due due) {
    due_.insert(std::ranges::upper_bound(due_, due.at, {}, &Due::at), due);
}

void LogKeeper::hear(const EventRecord& record) {
    const std::chrono::milliseconds at = clock_.steady() + log_rest;
    if (const auto* ended = std::get_if<AttemptEnded>(&record.event))
        add({at, record.bisection, ended->step, ended->attempt});
    if (const auto* built = std::get_if<BuildAheadEnded>(&record.event))
        add({at, record.bisection, 0, built->build});
    if (std::holds_alternative<BisectionEnded>(record.event)) add({at, record.bisection, 0, 0});
}

void LogKeeper::remember(const BisectionState& state) {
    if (state.logs_evicted) return;
    const std::chrono::milliseconds now = clock_.steady();
    for (const StepState& step : state.steps)
        for (const AttemptState& attempt : step.attempts)
            if (attempt.ended) add({now, state.id, step.number, attempt.number});
    for (const BuildAheadState& build : state.builds_ahead)
        if (build.ended) add({now, state.id, 0, build.number});
    if (state.ended) add({now, state.id, 0, 0});
}

std::string LogKeeper::folder_of(BisectionId id) const {
    const std::string any = workshop_.log_path(id, 0, 0);
    return any.substr(0, any.rfind('/'));
}

std::vector<std::string> LogKeeper::files_of(const Due& due) const {
    if (due.step == 0 && due.attempt == 0) return {folder_of(due.bisection) + "/reproducer.log"};
    std::vector<std::string> files;
    for (const char* which : {"build", "console", "runs"})
        files.push_back(evidence_file(workshop_, due.bisection, due.step, due.attempt, which));
    return files;
}

Task<void> LogKeeper::close_due(const Owner& owner) {
    while (!due_.empty() && due_.front().at <= clock_.steady()) {
        Due due = due_.front();
        due_.pop_front();
        bool failed = false;
        for (std::string& file : files_of(due)) {
            auto closed = co_await logs_.close(std::move(file));
            if (closed) continue;
            owner.log("warning", "a log stays as it is: " + describe(closed.error()));
            failed = true;
        }
        if (!failed) continue;
        due.at = clock_.steady() + log_limits_pause;
        add(due);
    }
}

void LogKeeper::keep_limits(const Owner& owner) {
    std::vector<KeptLogs> kept;
    for (const BisectionState* state : owner.bisections()) {
        if (!state->ended) continue;
        // Journalled, and the daemon died before it was done.
        if (state->logs_evicted) {
            if (auto removed = logs_.remove(folder_of(state->id)); !removed)
                owner.log("warning", describe(removed.error()));
            continue;
        }
        kept.push_back({state->id, state->last_ms_utc, logs_.bytes_in(folder_of(state->id))});
    }
    for (const LogsToEvict& evict : logs_to_evict(std::move(kept), limits_, clock_.now_ms_utc())) {
        const BisectionId id = evict.logs.bisection;
        auto told = owner.evicts(id, LogsEvicted{evict.logs.bytes, evict.why});
        auto removed = told ? logs_.remove(folder_of(id)) : told;
        if (!removed) owner.log("warning", describe(removed.error()));
    }
}

Task<void> LogKeeper::run(Owner owner) {
    for (const BisectionState* state : owner.bisections()) remember(*state);
    std::chrono::milliseconds limits_at = clock_.steady();
    while (true) {
        co_await close_due(owner);
        if (clock_.steady() >= limits_at) {
            keep_limits(owner);
            limits_at = clock_.steady() + log_limits_pause;
        }
        co_await clock_.sleep_for(log_look_pause);
    }
}

}  // namespace bisectd
