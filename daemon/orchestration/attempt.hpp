#pragma once
#include "core/artefact.hpp"
#include "core/blame.hpp"
#include "core/decide.hpp"
#include "orchestration/board_agent.hpp"
#include "orchestration/board_on_lease.hpp"
#include "orchestration/chronicle.hpp"
#include "orchestration/lab.hpp"

namespace bisectd {

/// One climb of the ladder: what it works with, and where it stands (in the chronicle's state).
struct Attempt {
    Lab& lab;
    Chronicle& chronicle;
    BoardOnLease board;
    const Recipe& recipe;  ///< the frozen copy
    Gate& preparing;       ///< one board at a time sees to what the recipe's prepare step makes
    std::uint64_t step = 0;
    std::uint64_t number = 0;
    ProgressSink progress;

    const StepState& step_state() const { return chronicle.state().steps[step - 1]; }
    const AttemptState& state() const { return step_state().attempts[number - 1]; }
    const StartRequest& request() const { return chronicle.state().requested->request; }
    /// Requires: the recipe has it (decisions name none else).
    const Symptom& symptom(const std::string& name) const;
    bool boots() const { return recipe.build.kind == BuildKind::kernel; }

    /// Journals an event of this attempt.
    Climbed<> record(Rung rung, const Event& event) const;
};

// The rungs, in order. Each looks in the state first and does only what is left to do, so that an
// attempt goes on after a kill of the daemon where it stood.

/// Check out, patch, build; or the store.
Task<Climbed<Artefact>> build_rungs(const Attempt& attempt);
/// Deploy, boot once, prove that the running kernel is the built one.
/// Requires: the recipe builds a kernel.
Task<Climbed<>> boot_rungs(const Attempt& attempt, Artefact artefact);
/// Orders the batch, unless it goes on already, and follows it to its end.
/// Requires: the attempt has its kernel proven (or, without a boot, its artefact built).
Task<Climbed<>> run_batch(const Attempt& attempt, RunOn order);

/// Climbs from wherever the attempt stands until runs can be ordered, or to the end of the batch
/// that goes on; or stops after the build, where its binary may spare the rest. Journals the
/// attempt's end where it falls.
/// Errors: cancelled (the attempt stays open), infrastructure when the journal fails or the board
/// had to be parked.
Task<Result<void>> climb(const Attempt& attempt);
/// The same for a new batch of runs.
Task<Result<void>> run_on(const Attempt& attempt, RunOn order);
/// After an attempt was stopped wherever it stood: its job is ended and the board goes home.
Task<Result<void>> leave_board(const Attempt& attempt);
/// Journals the end and lets the board go home.
Task<Result<void>> end_attempt(const Attempt& attempt, AttemptEnded ended);

}  // namespace bisectd
