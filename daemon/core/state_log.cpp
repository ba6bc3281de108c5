#include "core/state_log.hpp"

namespace bisectd {
namespace {

std::string subject_of(const BisectionState& state, const CommitId& commit) {
    for (const StepState& step : state.steps)
        if (step.commit == commit) return step.subject;
    return {};
}

}  // namespace

BisectLog log_of(const BisectionState& state) {
    BisectLog log;
    if (!state.range) return log;
    log.bad = LoggedCommit{state.range->bad, subject_of(state, state.range->bad)};
    for (const CommitId& good : state.range->good)
        log.good.push_back(LoggedCommit{good, subject_of(state, good)});
    log.first_parent = state.requested->request.first_parent;
    log.paths = state.requested->request.paths;
    for (const StepState& step : state.steps) {
        if (!step.verdict) continue;
        if (step.purpose != Purpose::search && step.purpose != Purpose::merge_base) continue;
        log.verdicts.push_back(
            LoggedVerdict{step.verdict->verdict, LoggedCommit{step.commit, step.subject}});
    }
    if (state.ended && state.ended->ending == Ending::culprit)
        log.culprit = LoggedCommit{state.suspect->commit, state.suspect->subject};
    return log;
}

}  // namespace bisectd
