#include "core/state.hpp"

#include <algorithm>

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
        step.reverted = event.reverted;
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
    void operator()(const RunsStarted& event) {
        AttemptState* const attempt = attempt_of(event);
        if (attempt == nullptr) return;
        if (!attempt->batches.empty() && attempt->batches.back().name == event.batch) return;
        BatchState batch;
        batch.name = event.batch;
        batch.symptom = event.symptom;
        batch.planned = event.planned;
        attempt->batches.push_back(std::move(batch));
    }
    void operator()(const RunsRecorded& event) {
        AttemptState* const attempt = attempt_of(event);
        if (attempt == nullptr || attempt->batches.empty()) return;
        BatchState& batch = attempt->batches.back();
        for (const Run& run : event.runs) {
            if (run.run <= batch.last_run) continue;  // told twice
            batch.last_run = run.run;
            batch.ms += run.ms;
            ++batch.looks[run.look];
            ++attempt->looks[run.look];
        }
    }
    void operator()(const RunsEnded& event) {
        AttemptState* const attempt = attempt_of(event);
        if (attempt != nullptr && !attempt->batches.empty()) attempt->batches.back().ended = true;
    }
    void operator()(const AttemptEnded& event) {
        AttemptState* const attempt = attempt_of(event);
        if (attempt == nullptr) return;
        attempt->ended = event;
        attempt->ended_ms_utc = at_;
        if (event.stopped) return;
        if (event.outcome == Outcome::infrastructure)
            ++state_.infrastructure_streak;
        else
            state_.infrastructure_streak = 0;
    }
    void operator()(const VerdictGiven& event) {
        StepState* const step = find_step(state_, event.step);
        if (step == nullptr) return;
        step->verdicts[event.symptom] = event;
        if (!step->verdict || step->verdict->symptom == event.symptom) step->verdict = event;
        if (!event.closes || step->closed) return;  // an early one, or a later look back
        step->closed = true;
        step->ended_ms_utc = at_;
        // Boards that this commit took down are told by its verdict, not held against the next.
        state_.infrastructure_streak = 0;
    }
    void operator()(const CommitJudged& event) {
        // The latest word counts: one for all symptoms takes the place of those for each.
        if (event.symptom.empty())
            std::erase_if(state_.judged, [&event](const auto& entry) {
                return entry.first.first == event.commit;
            });
        state_.judged[{event.commit, event.symptom}] = event;
        std::erase_if(state_.suspects, [this](const auto& entry) {
            if (!contradicted(entry.first, entry.second.named)) return false;
            if (state_.suspect && state_.suspect->symptom == entry.first) state_.suspect.reset();
            return true;
        });
        if (!event.withdrawn) return;
        // Taken back: what was shown there until now counts no more, and it is tested again.
        for (StepState& step : state_.steps)
            if (step.commit == event.commit)
                for (AttemptState& attempt : step.attempts) attempt.withdrawn = true;
    }
    void operator()(const EvidenceWithdrawn& event) {
        AttemptState* const attempt = attempt_of(event);
        if (attempt == nullptr) return;
        attempt->withdrawn = true;
        // A suspect was named by all evidence: it is named anew where it is one still.
        state_.suspects.clear();
        state_.suspect.reset();
        state_.withdrawals.push_back(Withdrawal{attempt->board, state_.steps.size()});
    }
    void operator()(const ContradictionFound& event) {
        state_.contradictions.push_back(ContradictionState{event, state_.steps.size()});
        // A suspect whose proof contradicts the search is none any more.
        const auto suspect = state_.suspects.find(event.symptom);
        if (suspect == state_.suspects.end()) return;
        if (state_.suspect && state_.suspect->symptom == event.symptom) state_.suspect.reset();
        state_.suspects.erase(suspect);
    }
    void operator()(const BoardQuarantined& event) {
        if (state_.activity == Activity::ended) return;
        state_.quarantined[event.board] = event.why;
        if (some_board_left()) return;
        state_.activity = Activity::paused;
        state_.paused_why = "no board is left that can tell good from bad; the last one, " +
                            event.board + ": " + event.why +
                            "; look after it, then: bisectctl resume " + std::to_string(state_.id);
    }
    void operator()(const BuildAheadStarted& event) {
        if (event.build != state_.builds_ahead.size() + 1) return;
        state_.builds_ahead.push_back(
            BuildAheadState{event.build, event.commit, event.subject, at_, std::nullopt});
    }
    void operator()(const BuildAheadEnded& event) {
        if (event.build == 0 || event.build > state_.builds_ahead.size()) return;
        state_.builds_ahead[event.build - 1].ended = event;
    }
    void operator()(const PriorWeighed& event) { state_.prior = event; }
    void operator()(const Estimated& event) {
        state_.estimates.push_back(event);
        state_.estimated_ms_utc = at_;
        state_.closed_at_estimate = state_.closed_steps();
    }
    void operator()(const SymptomEnded& event) { state_.conclusions[event.symptom] = event; }
    void operator()(const SuspectNamed& event) {
        if (!state_.suspect || state_.suspect->symptom == event.symptom) state_.suspect = event;
        state_.suspects[event.symptom] = SuspectState{event, state_.steps.size()};
    }
    void operator()(const RecoveryTried&) {}
    void operator()(const BoardRecovered& event) {
        if (state_.ended) state_.brought_home.insert(event.board);
    }
    void operator()(const BoardParked& event) {
        state_.parked[event.board] = event.ask;
        if (state_.activity == Activity::ended || some_board_left()) return;
        state_.activity = Activity::parked;
        state_.parked_ask = event.ask;
    }
    void operator()(const BoardReturned& event) {
        state_.parked.erase(event.board);
        state_.quarantined.erase(event.board);
        const bool wanted_so =
            state_.activity == Activity::paused && state_.paused_why == paused_by_person;
        if (!wanted_so) go_on();
    }
    void operator()(const BisectionPaused& event) {
        if (state_.activity == Activity::ended) return;
        state_.activity = Activity::paused;
        state_.paused_why = event.why;
    }
    void operator()(const BisectionResumed&) {
        state_.parked.clear();
        state_.quarantined.clear();
        go_on();
    }
    void operator()(const BisectionEnded& event) {
        state_.ended = event;
        state_.activity = Activity::ended;
        state_.awaits_space.clear();
    }
    void operator()(const Noted&) {}
    void operator()(const NoticeBegun&) {}
    void operator()(const NoticeEnded&) {}
    void operator()(const SpaceRanOut& event) {
        if (state_.activity != Activity::ended) state_.awaits_space = event.ask;
    }
    void operator()(const SpaceReturned&) { state_.awaits_space.clear(); }
    void operator()(const ArtefactEvicted&) {}
    void operator()(const LogsEvicted&) { state_.logs_evicted = true; }

  private:
    bool some_board_left() const {
        if (!state_.requested) return false;
        for (const std::string& board : state_.requested->request.boards())
            if (!state_.parked.contains(board) && !state_.quarantined.contains(board)) return true;
        return false;
    }
    /// People say that the suspect, or a parent of it, is not what its proof is to show.
    bool contradicted(const std::string& symptom, const SuspectNamed& named) const {
        const auto says = [&](const CommitId& commit, Verdict other_than) {
            const CommitJudged* const judged = state_.judgement(commit, symptom);
            return judged != nullptr && judged->verdict != other_than;
        };
        if (says(named.commit, Verdict::bad)) return true;
        for (const CommitId& parent : named.parents)
            if (says(parent, Verdict::good)) return true;
        return false;
    }
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

const BatchState* AttemptState::open_batch() const {
    if (ended || batches.empty() || batches.back().ended) return nullptr;
    return &batches.back();
}

std::uint64_t AttemptState::count(Look look, const std::string& symptom) const {
    std::uint64_t sum = 0;
    for (const BatchState& batch : batches) {
        if (batch.symptom != symptom) continue;
        const auto found = batch.looks.find(look);
        if (found != batch.looks.end()) sum += found->second;
    }
    return sum;
}

std::uint64_t AttemptState::runs() const {
    std::uint64_t sum = 0;
    for (const BatchState& batch : batches) sum += batch.last_run;
    return sum;
}

bool StepState::is_proof() const {
    return purpose == Purpose::proof_culprit || purpose == Purpose::proof_parent ||
           purpose == Purpose::proof_revert;
}

std::vector<const StepState*> BisectionState::open_steps() const {
    std::vector<const StepState*> open;
    for (const StepState& step : steps)
        if (!step.closed) open.push_back(&step);
    return open;
}

const StepState* BisectionState::step_on(const std::string& board) const {
    for (const StepState* step : open_steps())
        if (!step->attempts.empty() && !step->attempts.back().ended &&
            step->attempts.back().board == board)
            return step;
    return nullptr;
}

bool is_untestable(const VerdictGiven& given) {
    return given.verdict == Verdict::skip ||
           (given.verdict == Verdict::uncertain && given.bad_probability < 0);
}

bool is_untestable(const StepState& step) {
    return step.closed && !step.verdicts.empty() &&
           std::ranges::all_of(step.verdicts,
                               [](const auto& given) { return is_untestable(given.second); });
}

const StepState* BisectionState::open_step() const {
    const auto open = open_steps();
    return open.empty() ? nullptr : open.back();
}

std::uint64_t BisectionState::closed_steps() const {
    std::uint64_t closed = 0;
    for (const StepState& step : steps) closed += step.closed ? 1 : 0;
    return closed;
}

const CommitJudged* BisectionState::judgement(const CommitId& commit,
                                              const std::string& symptom) const {
    for (const std::string& of : {symptom, std::string()}) {
        const auto found = judged.find({commit, of});
        if (found != judged.end() && !found->second.withdrawn) return &found->second;
    }
    return nullptr;
}

std::string BisectionState::subject_of(const CommitId& commit) const {
    for (const auto& [symptom, proven] : suspects)
        if (proven.named.commit == commit) return proven.named.subject;
    for (const StepState& step : steps)
        if (step.commit == commit) return step.subject;
    for (const BuildAheadState& build : builds_ahead)
        if (build.commit == commit) return build.subject;
    return suspect && suspect->commit == commit ? suspect->subject : std::string();
}

void evolve(BisectionState& state, const EventRecord& record) {
    state.id = record.bisection;
    // Whom it was told, and what became of its boards and its logs after its end, is no part of how
    // long it took.
    if (!is_about_a_notice(record.event) && !state.ended) state.last_ms_utc = record.at_ms_utc;
    std::visit(Evolution(state, record.at_ms_utc), record.event);
}

BisectionState fold(const std::vector<EventRecord>& records) {
    BisectionState state;
    for (const EventRecord& record : records) evolve(state, record);
    return state;
}

}  // namespace bisectd
