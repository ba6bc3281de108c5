#include "adapters/http/event_tail.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/json/event_json.hpp"

namespace bisectd::http {
namespace {

// Whoever is further behind reads the journal. Most frames have some 500 bytes; a judged log of
// git or a survey of packages may have many thousand.
constexpr std::size_t most_frames = 2000, most_frame_bytes = 4UL * 1024 * 1024;

}  // namespace

std::string board_named_in(const Event& event) {
    return std::visit(
        [](const auto& e) -> std::string {
            if constexpr (requires { std::string(e.board); })
                return e.board;
            else
                return "";
        },
        event);
}

EventFrame frame_of(const EventRecord& record) {
    // JSON on one line: no text from outside can end a frame and begin another.
    return {record.seq, record.bisection, record.at_ms_utc, board_named_in(record.event),
            fmt::format("id: {}\nevent: {}\ndata: {}\n\n", record.seq, kind(record.event),
                        record_json(record))};
}

Result<void> EventTail::follow() {
    Result<std::uint64_t> last = control_.last_seq();
    if (!last) return std::unexpected(last.error());
    last_seq_ = forgotten_ = *last;
    listening_ = control_.listen([this](const EventRecord& record) { take(record); });
    return {};
}

void EventTail::take(const EventRecord& record) {
    if (record.seq <= last_seq_) return;
    last_seq_ = record.seq;
    frames_.push_back(frame_of(record));
    bytes_ += frames_.back().text.size();
    while (frames_.size() > most_frames || bytes_ > most_frame_bytes) {
        forgotten_ = frames_.front().seq;
        bytes_ -= frames_.front().text.size();
        frames_.pop_front();
    }
}

const EventFrame* EventTail::after(std::uint64_t seq) const {
    const auto found = std::ranges::upper_bound(frames_, seq, {}, &EventFrame::seq);
    return found == frames_.end() ? nullptr : &*found;
}

}  // namespace bisectd::http
