#include "adapters/http/incidents.hpp"

#include <algorithm>
#include <type_traits>

#include "core/replay.hpp"

namespace bisectd::http {
namespace {

// A bad week of a whole farm; older ones stay in the journal.
constexpr std::size_t most_kept = 5000;
constexpr std::size_t read_at_once = 1000;

template <class E>
constexpr bool is_incident =
    std::is_same_v<E, RecoveryTried> || std::is_same_v<E, BoardRecovered> ||
    std::is_same_v<E, BoardParked> || std::is_same_v<E, BoardReturned> ||
    std::is_same_v<E, BisectionPaused> || std::is_same_v<E, BisectionResumed> ||
    std::is_same_v<E, CommitJudged> || std::is_same_v<E, EvidenceWithdrawn> ||
    std::is_same_v<E, ContradictionFound> || std::is_same_v<E, BoardQuarantined> ||
    std::is_same_v<E, PriorWeighed> || std::is_same_v<E, SymptomEnded> ||
    std::is_same_v<E, Noted> || std::is_same_v<E, NoticeEnded>;

}  // namespace

std::string board_of(const Event& event) {
    return std::visit(
        [](const auto& e) -> std::string {
            if constexpr (requires { std::string(e.board); })
                return e.board;
            else
                return "";
        },
        event);
}

Result<void> Incidents::follow(Control& control) {
    // Listening before reading: an event in between is seen twice by `take`, which takes it once.
    listening_ = control.listen([this](const EventRecord& record) { take(record); });
    for (;;) {
        Result<std::vector<EventRecord>> records = control.events_after(last_seq_, read_at_once);
        if (!records) return std::unexpected(records.error());
        for (const EventRecord& record : *records) take(record);
        if (records->size() < read_at_once) return {};
    }
}

void Incidents::take(const EventRecord& record) {
    if (record.seq <= last_seq_) return;
    last_seq_ = record.seq;
    if (record.bisection != 0) asides_[record.bisection].take(record.event);
    const bool incident = std::visit(
        [](const auto& e) { return is_incident<std::decay_t<decltype(e)>>; }, record.event);
    // A replayed log may bring thousands; they stand among the asides.
    const auto* judged = std::get_if<CommitJudged>(&record.event);
    if (!incident || (judged != nullptr && judged->why == replay_why)) return;
    kept_.push_back(record);
    if (kept_.size() > most_kept) kept_.pop_front();
}

Asides Incidents::asides(BisectionId id) const {
    const auto found = asides_.find(id);
    return found == asides_.end() ? Asides{} : found->second;
}

std::vector<EventRecord> Incidents::of(const BisectionState& state) const {
    std::vector<EventRecord> out;
    const std::vector<std::string> boards =
        state.requested ? state.requested->request.boards() : std::vector<std::string>{};
    for (const EventRecord& record : kept_) {
        const std::string board = board_of(record.event);
        const bool meanwhile = record.bisection == 0 && !board.empty() &&
                               std::ranges::find(boards, board) != boards.end() &&
                               record.at_ms_utc >= state.requested_ms_utc &&
                               (!state.ended || record.at_ms_utc <= state.last_ms_utc);
        if (record.bisection == state.id || meanwhile) out.push_back(record);
    }
    return out;
}

}  // namespace bisectd::http
