#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <limits>
#include <map>

#include "orchestration/supervisor.hpp"

// What the supervisor does about boards, over all bisections.

namespace bisectd {
namespace {

/// The board that this event shows to be in order: somebody works on its known-good kernel, or it
/// runs what it was given. Empty: it shows no such thing.
std::string board_in_order(const EventRecord& record, const BisectionState& state) {
    if (const auto* recovered = std::get_if<BoardRecovered>(&record.event)) return recovered->board;
    const auto of_attempt = [&state](const auto& event) {
        return state.steps[event.step - 1].attempts[event.attempt - 1].board;
    };
    if (const auto* deployed = std::get_if<Deployed>(&record.event)) return of_attempt(*deployed);
    if (const auto* runs = std::get_if<RunsStarted>(&record.event)) return of_attempt(*runs);
    return "";
}

/// A quarantine ends with its bisection; a board that was parked stays so.
bool is_quarantined(const BisectionState& state, const std::string& board) {
    return !state.ended && state.quarantined.contains(board);
}

bool waits_for(const BisectionState& state, const std::string& board) {
    return state.parked.contains(board) && !is_quarantined(state, board);
}

/// The last use of a board.
struct Use {
    std::int64_t until_ms_utc = 0;
    BisectionId by = 0;
    bool left = false;  ///< at the bisection's end, and not known to be home since
};

/// The boards on which attempts stood when their bisections ended, where nobody has used them since
/// and no event tells that they went home; with the bisection.
std::map<std::string, BisectionId> left_boards(const std::vector<const BisectionState*>& states) {
    constexpr auto still = std::numeric_limits<std::int64_t>::max();
    std::map<std::string, Use> last;
    const auto look = [&last](const BisectionState& state, const AttemptState& attempt) {
        if (!attempt.deployed && attempt.batches.empty()) return;  // it changed nothing there
        const std::string& board = attempt.board;
        Use use{attempt.ended_ms_utc, state.id, false};
        if (!attempt.ended) {
            use.until_ms_utc = state.ended ? state.last_ms_utc : still;
            use.left =
                state.ended && !state.parked.contains(board) && !state.brought_home.contains(board);
        }
        if (use.until_ms_utc >= last[board].until_ms_utc) last[board] = use;
    };
    for (const BisectionState* state : states)
        for (const StepState& step : state->steps)
            for (const AttemptState& attempt : step.attempts) look(*state, attempt);
    std::map<std::string, BisectionId> left;
    for (const auto& [board, use] : last)
        if (use.left) left[board] = use.by;
    return left;
}

}  // namespace

void Supervisor::settle_boards_of(BisectionId id) {
    Bisection& bisection = *bisections_.at(id);
    for (const std::string& board : bisection.state().requested->request.boards())
        if (auto lease = bisection.give_away(board))
            settle_in_background(board, id, std::move(*lease));
}

void Supervisor::settle_left_boards() {
    for (const auto& [board, id] : left_boards(bisections())) {
        auto station = stations_.get(board);
        if (!station) {
            log_("warning", describe(station.error()));
            continue;
        }
        // Whoever has it already brings it home before he uses it.
        if (auto lease = (*station)->gate.try_enter())
            settle_in_background(board, id, std::move(*lease));
    }
}

void Supervisor::settle_in_background(const std::string& board, BisectionId id, Gate::Pass lease) {
    in_background(settle_board(board, id, std::move(lease)), "bisection " + std::to_string(id) +
                                                                 ": interrupted while board " +
                                                                 board + " was brought home");
}

/// Who waits for the board gets it after that.
Task<void> Supervisor::settle_board(std::string board, BisectionId id, Gate::Pass lease) {
    const Gate::Pass kept = std::move(lease);
    Bisection& bisection = *bisections_.at(id);
    co_await bisection.settled(lab_.clock);
    auto station = stations_.get(board);
    if (!station) co_return;
    (*station)->holder = 0;
    if (stopping_) co_return;
    auto home = co_await bisection.bring_home(board);
    if (!home) log_("warning", describe(home.error()));
}

Result<void> Supervisor::return_board(const std::string& board) {
    bool known = false;
    for (auto& [id, bisection] : bisections_) {
        const BisectionState& state = bisection->state();
        if (!state.parked.contains(board) && !is_quarantined(state, board)) continue;
        known = true;
        auto recorded = bisection->chronicle().record(BoardReturned{board});
        if (!recorded) return recorded;
        if (!state.ended) bisection->go();
    }
    if (!known) return wrong_request("board " + board, "it is neither parked nor quarantined");
    return {};
}

void Supervisor::look_for_parked(const EventRecord& record) {
    const std::string board = board_in_order(record, bisections_.at(record.bisection)->state());
    if (board.empty()) return;
    for (const auto& [id, bisection] : bisections_)
        if (id != record.bisection && waits_for(bisection->state(), board))
            return in_background(take_back(board, record.bisection),
                                 "interrupted while board " + board + " was taken back");
}

/// What parked a board for one bisection was mended for another: nobody is asked to look after a
/// board that is at work.
Task<void> Supervisor::take_back(std::string board, BisectionId shown_by) {
    co_await boost::asio::post(executor_, boost::asio::use_awaitable);  // after the event was told
    for (auto& [id, bisection] : bisections_) {
        if (id == shown_by || !waits_for(bisection->state(), board)) continue;
        auto recorded = bisection->chronicle().record(
            Noted{"board " + board + " is in order again: bisection " + std::to_string(shown_by) +
                  " works on it"});
        if (recorded) recorded = bisection->chronicle().record(BoardReturned{board});
        if (!recorded) {
            log_("error", describe(recorded.error()));
            continue;
        }
        if (!bisection->state().ended) bisection->go();
    }
}

Result<std::vector<BoardStatus>> Supervisor::boards() {
    std::vector<BoardStatus> boards;
    for (const std::string& name : lab_.catalogue.boards()) {
        BoardStatus status;
        status.name = name;
        status.state = "free";
        auto spec = lab_.catalogue.board(name);
        if (!spec) {
            status.state = "misconfigured";
            status.ask = describe(spec.error());
        } else {
            status.kind = spec->kind;
        }
        if (const Station* station = stations_.find(name)) {
            status.holder = station->holder;
            if (station->holder != 0) status.state = "leased";
            status.waiting = station->gate.waiting();
            if (station->console->available()) status.console_file = station->console->file();
        }
        for (const auto& [id, bisection] : bisections_) {
            const BisectionState& state = bisection->state();
            if (is_quarantined(state, name)) {
                status.state = "quarantined";
                status.ask = state.quarantined.at(name);
            }
            if (const auto ask = state.parked.find(name); ask != state.parked.end()) {
                status.state = "parked";
                status.ask = ask->second;
            }
        }
        boards.push_back(std::move(status));
    }
    return boards;
}

}  // namespace bisectd
