#include "core/notice.hpp"

namespace bisectd {
namespace {

Notice notice_about(const BisectionState& state, const EventRecord& record, NoticeKind kind) {
    Notice notice;
    notice.kind = kind;
    notice.bisection = record.bisection;
    notice.about = record.seq;
    notice.at_ms_utc = record.at_ms_utc;
    if (!state.requested) return notice;
    const StartRequest& request = state.requested->request;
    notice.title = request.title.empty() ? request.recipe : request.title;
    notice.repository = request.repository;
    notice.recipe = request.recipe;
    notice.boards = request.boards();
    return notice;
}

std::optional<Notice> ended(const BisectionState& state, const EventRecord& record,
                            const BisectionEnded& event) {
    // Whoever cancels it knows.
    if (event.ending == Ending::cancelled) return std::nullopt;
    const bool found = event.ending == Ending::culprit;
    Notice notice = notice_about(state, record, found ? NoticeKind::found : NoticeKind::failed);
    notice.outcome = word(event.ending);
    notice.text = event.cause;
    if (!found || event.commits.empty()) return notice;
    notice.commit = event.commits.front();
    notice.subject = state.subject_of(notice.commit);
    return notice;
}

Notice waits(const BisectionState& state, const EventRecord& record, const std::string& board,
             const std::string& text) {
    Notice notice = notice_about(state, record, NoticeKind::needs_person);
    notice.board = board;
    notice.outcome = board.empty() ? "paused" : "parked";
    notice.text = text;
    return notice;
}

}  // namespace

std::optional<Notice> notice_of(const BisectionState& state, const EventRecord& record) {
    if (const auto* end = std::get_if<BisectionEnded>(&record.event))
        return ended(state, record, *end);
    if (const auto* parked = std::get_if<BoardParked>(&record.event))
        return waits(state, record, parked->board, parked->ask);
    if (const auto* paused = std::get_if<BisectionPaused>(&record.event))
        if (paused->why != paused_by_person) return waits(state, record, "", paused->why);
    if (const auto* space = std::get_if<SpaceRanOut>(&record.event); space && space->first) {
        Notice notice = waits(state, record, "", space->ask);
        notice.outcome = "no-space";
        return notice;
    }
    // With the last board the bisection comes to rest.
    if (const auto* board = std::get_if<BoardQuarantined>(&record.event))
        if (state.activity == Activity::paused)
            return waits(state, record, board->board, state.paused_why);
    return std::nullopt;
}

bool is_overtaken(const Notice& notice, const BisectionState& state) {
    if (notice.kind != NoticeKind::needs_person) return false;
    if (state.parked.contains(notice.board)) return false;
    const bool waits = state.activity == Activity::paused ||
                       state.quarantined.contains(notice.board) || !state.awaits_space.empty();
    return state.ended.has_value() || !waits;
}

}  // namespace bisectd
