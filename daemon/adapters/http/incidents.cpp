#include "adapters/http/incidents.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "adapters/http/event_tail.hpp"
#include "core/replay.hpp"

namespace bisectd::http {
namespace {

// More is not read by anybody; the journal has all of them.
constexpr std::size_t most_shown = 300;

template <class... E>
std::vector<std::string> kinds_of() {
    return {std::string(E::kind)...};
}

void append(std::vector<EventRecord>& all, std::vector<EventRecord> more) {
    std::ranges::move(more, std::back_inserter(all));
}

}  // namespace

Result<std::vector<EventRecord>> incidents_of(Control& control, const BisectionState& state) {
    EventFilter own;
    own.kinds = kinds_of<RecoveryTried, BoardRecovered, BoardParked, BoardReturned, BisectionPaused,
                         BisectionResumed, EvidenceWithdrawn, ContradictionFound, BoardQuarantined,
                         PriorWeighed, SymptomEnded, Noted, NoticeEnded, SpaceRanOut, SpaceReturned,
                         LogsEvicted>();
    own.bisection = state.id;
    own.limit = most_shown;
    Result<std::vector<EventRecord>> all = control.find_events(own);
    if (!all) return all;
    // How builds are confined is noted for each of them; here each wording stands once.
    std::set<std::string> told;
    std::erase_if(*all, [&told](const EventRecord& record) {
        const auto* note = std::get_if<Noted>(&record.event);
        return note != nullptr && !told.insert(note->text).second;
    });
    EventFilter judged = own;
    judged.kinds = kinds_of<CommitJudged>();
    Result<std::vector<EventRecord>> said = control.find_events(judged);
    if (!said) return said;
    // A replayed log may bring thousands; they stand among the judgements.
    std::erase_if(*said, [](const EventRecord& record) {
        return std::get<CommitJudged>(record.event).why == replay_why;
    });
    append(*all, std::move(*said));
    EventFilter farm;
    farm.kinds = kinds_of<RecoveryTried, BoardRecovered, BoardParked, BoardReturned>();
    farm.bisection = 0;
    farm.limit = most_shown;
    Result<std::vector<EventRecord>> of_boards = control.find_events(farm);
    if (!of_boards) return of_boards;
    const std::vector<std::string> boards =
        state.requested ? state.requested->request.boards() : std::vector<std::string>{};
    std::erase_if(*of_boards, [&](const EventRecord& record) {
        const bool ours = std::ranges::find(boards, board_named_in(record.event)) != boards.end();
        return !ours || record.at_ms_utc < state.requested_ms_utc ||
               (state.ended && record.at_ms_utc > state.last_ms_utc);
    });
    append(*all, std::move(*of_boards));
    std::ranges::sort(*all, {}, &EventRecord::seq);
    return all;
}

Result<std::vector<EventRecord>> incidents_of_board(Control& control, const std::string& board,
                                                    std::size_t limit) {
    EventFilter filter;
    filter.kinds =
        kinds_of<RecoveryTried, BoardRecovered, BoardParked, BoardReturned, BoardQuarantined>();
    Result<std::vector<EventRecord>> all = control.find_events(filter);
    if (!all) return all;
    std::erase_if(*all, [&board](const EventRecord& record) {
        return board_named_in(record.event) != board;
    });
    if (all->size() > limit)
        all->erase(all->begin(), all->end() - static_cast<std::ptrdiff_t>(limit));
    return all;
}

Result<std::vector<EventRecord>> moments_of(Control& control, BisectionId id, std::uint64_t step,
                                            std::uint64_t attempt) {
    EventFilter filter;
    filter.kinds =
        kinds_of<AttemptStarted, TreePrepared, BuildStarted, Built, Deployed, BootStarted,
                 KernelProven, RunsStarted, RunsEnded, AttemptEnded, EvidenceWithdrawn>();
    filter.bisection = id;
    filter.step = step;
    filter.attempt = attempt;
    return control.find_events(filter);
}

}  // namespace bisectd::http
