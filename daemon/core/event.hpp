#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "core/event_attempt.hpp"
#include "core/event_board.hpp"
#include "core/event_notice.hpp"
#include "core/event_search.hpp"
#include "core/event_storage.hpp"

namespace bisectd {

// The journal's words. Each event is past tense, has a `kind` that is never renamed, a `version`,
// and `fields`, which names its parts for whoever stores or shows them (one list, both directions).
// Numbers of steps and attempts start at 1 within their bisection and their step.

using Event =
    std::variant<BisectionRequested, RangeResolved, StepStarted, AttemptStarted, TreePrepared,
                 BuildStarted, Built, Deployed, BootStarted, KernelProven, RunsStarted,
                 RunsRecorded, RunsEnded, AttemptEnded, VerdictGiven, CommitJudged,
                 EvidenceWithdrawn, ContradictionFound, BoardQuarantined, BuildAheadStarted,
                 BuildAheadEnded, PriorWeighed, Estimated, SymptomEnded, SuspectNamed,
                 RecoveryTried, BoardRecovered, BoardParked, BoardReturned, BisectionPaused,
                 BisectionResumed, BisectionEnded, Noted, NoticeBegun, NoticeEnded, SpaceRanOut,
                 SpaceReturned, ArtefactEvicted, LogsEvicted>;

std::string_view kind(const Event& event);

/// Whom something was told; changes nothing about the bisection.
bool is_about_a_notice(const Event& event);

/// An event with its place in the journal.
struct EventRecord {
    std::uint64_t seq = 0;  ///< over all bisections, rising
    BisectionId bisection = 0;
    std::int64_t at_ms_utc = 0;
    Event event;
    std::string body;  ///< the event's fields as JSON, as stored
};

}  // namespace bisectd
