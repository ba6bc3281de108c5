#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/event.hpp"

namespace bisectd {

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
    std::optional<RunsStarted> runs_started;
    std::uint64_t last_run = 0;  ///< highest run number recorded in this batch
    std::map<Look, std::uint64_t> looks;
    std::optional<AttemptEnded> ended;
};

/// From choosing a candidate to its verdict.
struct StepState {
    std::uint64_t number = 0;
    CommitId commit;
    std::string subject;  ///< hostile text
    Purpose purpose = Purpose::search;
    std::uint64_t suspects = 0;
    std::int64_t started_ms_utc = 0;
    std::int64_t ended_ms_utc = 0;
    std::vector<AttemptState> attempts;
    std::optional<VerdictGiven> verdict;
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

/// A bisection: a fold over its events.
struct BisectionState {
    BisectionId id = 0;
    Activity activity = Activity::unknown;
    std::optional<BisectionRequested> requested;
    std::optional<RangeResolved> range;
    std::vector<StepState> steps;
    std::optional<SuspectNamed> suspect;
    /// Attempts that the lab spoiled, in a row, since the last verdict or a person's look after it.
    std::uint64_t infrastructure_streak = 0;
    std::string paused_why;
    std::string parked_ask;
    std::optional<BisectionEnded> ended;
    std::int64_t requested_ms_utc = 0;
    std::int64_t last_ms_utc = 0;

    const StepState* open_step() const;  ///< the one without a verdict, if any
};

/// What is true after `record`. Pure and total: an event that does not fit is ignored where it
/// can do no harm, and asserted where it would mean a broken journal.
void evolve(BisectionState& state, const EventRecord& record);

BisectionState fold(const std::vector<EventRecord>& records);

}  // namespace bisectd
