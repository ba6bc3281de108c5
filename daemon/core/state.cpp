#include "core/state.hpp"

#include "core/error.hpp"

namespace bisectd {
namespace {

StepState* find_step(BisectionState& state, std::uint64_t number) {
    if (number == 0 || number > state.steps.size()) return nullptr;
    return &state.steps[number - 1];
}

AttemptState* find_attempt(BisectionState& state, std::uint64_t step, std::uint64_t attempt) {
    StepState* const found = find_step(state, step);
    if (found == nullptr || attempt == 0 || attempt > found->attempts.size()) return nullptr;
    return &found->attempts[attempt - 1];
}

/// Applies one event. Events of an unknown step or attempt are ignored: they change nothing.
class Evolution {
  public:
    Evolution(BisectionState& state, std::int64_t at) : state_(state), at_(at) {}

    void operator()(const BisectionRequested& event) {
        state_.requested = event;
        state_.requested_ms_utc = at_;
        state_.activity = Activity::running;
    }
    void operator()(const RangeResolved& event) { state_.range = event; }
    void operator()(const StepStarted& event) {
        if (event.step != state_.steps.size() + 1) return;
        StepState step;
        step.number = event.step;
        step.commit = event.commit;
        step.subject = event.subject;
        step.purpose = event.purpose;
        step.suspects = event.suspects;
        step.started_ms_utc = at_;
        state_.steps.push_back(std::move(step));
    }
    void operator()(const AttemptStarted& event) {
        StepState* const step = find_step(state_, event.step);
        if (step == nullptr || event.attempt != step->attempts.size() + 1) return;
        AttemptState attempt;
        attempt.number = event.attempt;
        attempt.board = event.board;
        attempt.started_ms_utc = at_;
        step->attempts.push_back(std::move(attempt));
    }
    void operator()(const TreePrepared& event) { with(event, &AttemptState::tree); }
    void operator()(const BuildStarted& event) {
        if (AttemptState* attempt = attempt_of(event)) attempt->build_log = event.log;
    }
    void operator()(const Built& event) { with(event, &AttemptState::built); }
    void operator()(const Deployed& event) { with(event, &AttemptState::deployed); }
    void operator()(const BootStarted& event) { with(event, &AttemptState::boot_started); }
    void operator()(const KernelProven& event) { with(event, &AttemptState::proven); }
    void operator()(const RunsStarted& event) { with(event, &AttemptState::runs_started); }
    void operator()(const RunsRecorded& event) {
        AttemptState* const attempt = attempt_of(event);
        if (attempt == nullptr) return;
        for (const Run& run : event.runs) {
            if (run.run <= attempt->last_run) continue;  // told twice
            attempt->last_run = run.run;
            ++attempt->looks[run.look];
        }
    }
    void operator()(const AttemptEnded& event) {
        AttemptState* const attempt = attempt_of(event);
        if (attempt == nullptr) return;
        attempt->ended = event;
        attempt->ended_ms_utc = at_;
        if (event.outcome == Outcome::infrastructure)
            ++state_.infrastructure_streak;
        else
            state_.infrastructure_streak = 0;
    }
    void operator()(const VerdictGiven& event) {
        StepState* const step = find_step(state_, event.step);
        if (step == nullptr) return;
        step->verdict = event;
        step->ended_ms_utc = at_;
        // Boards that this commit took down are told by its verdict, not held against the next.
        state_.infrastructure_streak = 0;
    }
    void operator()(const CommitJudged&) {}
    void operator()(const EvidenceWithdrawn&) {}
    void operator()(const ContradictionFound&) {}
    void operator()(const BoardQuarantined&) {}
    void operator()(const BuildAheadStarted&) {}
    void operator()(const BuildAheadEnded&) {}
    void operator()(const PriorWeighed&) {}
    void operator()(const Estimated&) {}
    void operator()(const SymptomEnded&) {}
    void operator()(const SuspectNamed& event) { state_.suspect = event; }
    void operator()(const RecoveryTried&) {}
    void operator()(const BoardRecovered&) {}
    void operator()(const BoardParked& event) {
        if (state_.activity == Activity::ended) return;
        state_.activity = Activity::parked;
        state_.parked_ask = event.ask;
    }
    void operator()(const BoardReturned&) { go_on(); }
    void operator()(const BisectionPaused& event) {
        if (state_.activity == Activity::ended) return;
        state_.activity = Activity::paused;
        state_.paused_why = event.why;
    }
    void operator()(const BisectionResumed&) { go_on(); }
    void operator()(const BisectionEnded& event) {
        state_.ended = event;
        state_.activity = Activity::ended;
    }
    void operator()(const Noted&) {}

  private:
    template <class E>
    AttemptState* attempt_of(const E& event) {
        return find_attempt(state_, event.step, event.attempt);
    }
    template <class E>
    void with(const E& event, std::optional<E> AttemptState::* member) {
        if (AttemptState* attempt = attempt_of(event)) attempt->*member = event;
    }
    void go_on() {
        if (state_.activity == Activity::ended) return;
        state_.activity = Activity::running;
        state_.parked_ask.clear();
        state_.paused_why.clear();
        state_.infrastructure_streak = 0;
    }

    BisectionState& state_;
    std::int64_t at_;
};

}  // namespace

const StepState* BisectionState::open_step() const {
    if (steps.empty() || steps.back().verdict) return nullptr;
    return &steps.back();
}

void evolve(BisectionState& state, const EventRecord& record) {
    state.id = record.bisection;
    state.last_ms_utc = record.at_ms_utc;
    std::visit(Evolution(state, record.at_ms_utc), record.event);
}

BisectionState fold(const std::vector<EventRecord>& records) {
    BisectionState state;
    for (const EventRecord& record : records) evolve(state, record);
    return state;
}

}  // namespace bisectd
