#include "orchestration/chronicle.hpp"

#include <algorithm>

namespace bisectd {
namespace {

/// What may still be written of a bisection that has ended: how its board went home, who was told.
bool about_the_board(const Event& event) {
    return std::holds_alternative<RecoveryTried>(event) ||
           std::holds_alternative<BoardRecovered>(event) ||
           std::holds_alternative<BoardParked>(event) ||
           std::holds_alternative<BoardReturned>(event) || std::holds_alternative<Noted>(event) ||
           std::holds_alternative<LogsEvicted>(event) || is_about_a_notice(event);
}

/// The board that an event is about; empty when it is about none.
std::string told_of(const Event& event) {
    return std::visit(
        [](const auto& one) -> std::string {
            if constexpr (requires { std::string(one.board); })
                return one.board;
            else
                return "";
        },
        event);
}

}  // namespace

std::shared_ptr<void> Listeners::add(Listener listener) {
    auto held = std::make_shared<Listener>(std::move(listener));
    listeners_.push_back(held);
    return held;
}

void Listeners::tell(const EventRecord& record) {
    std::erase_if(listeners_, [](const auto& listener) { return listener.expired(); });
    // A copy: a listener may add or drop listeners.
    const std::vector<std::weak_ptr<Listener>> now = listeners_;
    for (const auto& weak : now)
        if (const auto listener = weak.lock()) (*listener)(record);
}

Chronicle::Chronicle(Journal& journal, Clock& clock, Listeners& listeners, BisectionId id)
    : journal_(journal), clock_(clock), listeners_(listeners), id_(id) {
    state_.id = id;
}

Result<void> Chronicle::reload() {
    auto records = journal_.read(id_);
    if (!records) return std::unexpected(records.error());
    state_ = fold(*records);
    state_.id = id_;
    return {};
}

Result<void> Chronicle::record(const Event& event) {
    if (closed_) return cancelled("bisection " + std::to_string(id_), "it was interrupted");
    if (!hushed_.empty() && hushed_.contains(told_of(event)))
        return cancelled("board " + told_of(event), "what went on there was stopped");
    if (state_.ended && !about_the_board(event))
        return cancelled("bisection " + std::to_string(id_), "it has ended");
    auto stored = journal_.append(id_, clock_.now_ms_utc(), event);
    if (!stored) return std::unexpected(stored.error());
    evolve(state_, *stored);
    listeners_.tell(*stored);
    return {};
}

}  // namespace bisectd
