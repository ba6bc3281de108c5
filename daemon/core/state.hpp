#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/event.hpp"

namespace bisectd {

/// One job of runs on a board.
struct BatchState {
    std::string name;
    std::string symptom;
    std::uint64_t planned = 0;
    std::uint64_t last_run = 0;  ///< highest number recorded
    std::map<Look, std::uint64_t> looks;
    std::uint64_t ms = 0;  ///< all runs together
    bool ended = false;
};

/// One climb of the ladder, as the journal tells it.
struct AttemptState {
    std::uint64_t number = 0;
    std::string board;
    std::int64_t started_ms_utc = 0;
    std::int64_t ended_ms_utc = 0;  ///< 0: not ended
    std::optional<TreePrepared> tree;
    std::string build_log;
    std::optional<Built> built;
    std::optional<Deployed> deployed;
    std::optional<BootStarted> boot_started;
    std::optional<KernelProven> proven;
    std::vector<BatchState> batches;
    std::map<Look, std::uint64_t> looks;  ///< of all batches
    std::optional<AttemptEnded> ended;
    bool withdrawn = false;  ///< what it showed is not believed any more

    /// The batch that goes on, if any.
    const BatchState* open_batch() const;
    /// Runs recorded for a symptom, by what they showed.
    std::uint64_t count(Look look, const std::string& symptom) const;
    std::uint64_t runs() const;  ///< recorded, of all symptoms
};

/// Its commit could not be tested. Uncertain without a probability: the board was lost again and
/// again; with one more runs are wanted.
bool is_untestable(const VerdictGiven& given);

/// From choosing a candidate to its verdict.
struct StepState {
    std::uint64_t number = 0;
    CommitId commit;
    std::string subject;  ///< hostile text
    Purpose purpose = Purpose::search;
    CommitId reverted;  ///< the change that is taken back on it; null: none
    std::uint64_t suspects = 0;
    std::int64_t started_ms_utc = 0;
    std::int64_t ended_ms_utc = 0;
    std::vector<AttemptState> attempts;
    std::optional<VerdictGiven> verdict;           ///< of the recipe's first symptom that got one
    std::map<std::string, VerdictGiven> verdicts;  ///< by symptom
    bool closed = false;

    bool is_proof() const;
};

/// Closed, and its commit could not be tested for any symptom.
bool is_untestable(const StepState& step);

/// A commit that is or was built before a board needed it.
struct BuildAheadState {
    std::uint64_t number = 0;
    CommitId commit;
    std::string subject;  ///< hostile text
    std::int64_t started_ms_utc = 0;
    std::optional<BuildAheadEnded> ended;
};

enum class Activity { unknown, running, paused, parked, ended };
template <>
struct Words<Activity> {
    static constexpr auto all = word_table<Activity>({{Activity::unknown, "unknown"},
                                                      {Activity::running, "running"},
                                                      {Activity::paused, "paused"},
                                                      {Activity::parked, "parked"},
                                                      {Activity::ended, "ended"}});
};

/// Evidence of a board that was withdrawn, and how many steps there were then.
struct Withdrawal {
    std::string board;
    std::uint64_t steps_before = 0;
};

/// A contradiction, and how many steps there were when it was found.
struct ContradictionState {
    ContradictionFound found;
    std::uint64_t steps_before = 0;
};

/// A suspect that is being proven; only proofs that were started after it was named count for it.
struct SuspectState {
    SuspectNamed named;
    std::uint64_t steps_before = 0;
};

/// A bisection: a fold over its events.
struct BisectionState {
    BisectionId id = 0;
    Activity activity = Activity::unknown;
    std::optional<BisectionRequested> requested;
    std::optional<RangeResolved> range;
    std::vector<StepState> steps;
    std::optional<SuspectNamed> suspect;              ///< the one that was named first
    std::map<std::string, SuspectState> suspects;     ///< by symptom; named for proof
    std::map<std::string, SymptomEnded> conclusions;  ///< by symptom
    std::vector<BuildAheadState> builds_ahead;
    /// What people said, by commit and symptom; the latest.
    std::map<std::pair<CommitId, std::string>, CommitJudged> judged;
    std::optional<PriorWeighed> prior;
    std::vector<Estimated> estimates;
    std::int64_t estimated_ms_utc = 0;     ///< when the latest one was made
    std::uint64_t closed_at_estimate = 0;  ///< steps that had been closed by then
    std::vector<ContradictionState> contradictions;
    std::vector<Withdrawal> withdrawals;
    std::map<std::string, std::string> quarantined;  ///< board: why
    /// Board: what a person is asked; also after the end, until the board is returned.
    std::map<std::string, std::string> parked;
    std::set<std::string> brought_home;  ///< boards that were proven to be so after the end
    /// Attempts that the lab spoiled, in a row, since the last verdict or a person's look after it.
    std::uint64_t infrastructure_streak = 0;
    std::string paused_why;
    std::string parked_ask;
    std::string awaits_space;  ///< too little of it: what a person is asked; empty: there is enough
    bool logs_evicted = false;
    std::optional<BisectionEnded> ended;
    std::int64_t requested_ms_utc = 0;
    std::int64_t last_ms_utc = 0;

    std::vector<const StepState*> open_steps() const;  ///< oldest first
    const StepState* open_step() const;                ///< the newest that is open, if any
    /// The open step whose last attempt is on this board and has not ended; null: none.
    const StepState* step_on(const std::string& board) const;
    std::uint64_t closed_steps() const;
    /// What a person said of a commit for a symptom, if it stands; null otherwise.
    const CommitJudged* judgement(const CommitId& commit, const std::string& symptom) const;
    /// First line of a commit's message, as far as the journal tells it; hostile text.
    std::string subject_of(const CommitId& commit) const;
};

/// What is true after `record`. Pure and total: an event that does not fit is ignored where it
/// can do no harm, and asserted where it would mean a broken journal.
void evolve(BisectionState& state, const EventRecord& record);

BisectionState fold(const std::vector<EventRecord>& records);

}  // namespace bisectd
