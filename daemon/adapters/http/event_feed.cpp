#include "adapters/http/event_feed.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "adapters/http/incidents.hpp"
#include "adapters/json/event_json.hpp"
#include "adapters/json/state_json.hpp"

namespace bisectd::http {
namespace {

// Events are a few hundred bytes; a page of them is written at once.
constexpr std::size_t events_at_once = 200;
constexpr int come_back_ms = 2000;

}  // namespace

EventFeed::EventFeed(Control& control, const EventSubscription& subscription,
                     std::uint64_t last_seq, std::function<void()> wake)
    : control_(control),
      bisection_(subscription.bisection),
      after_(subscription.after.value_or(last_seq)) {
    listening_ = control_.listen([wake = std::move(wake)](const EventRecord&) { wake(); });
}

std::string EventFeed::greeting() const {
    return fmt::format("retry: {}\nid: {}\nevent: hello\ndata: {{}}\n\n", come_back_ms, after_);
}

bool EventFeed::wanted(const EventRecord& record) const {
    if (bisection_ == 0 || record.bisection == bisection_) return true;
    if (record.bisection != 0) return false;
    // A farm event concerns the bisection when it is about its board.
    const BisectionState* state = control_.bisection(bisection_);
    return state != nullptr && state->requested && record.at_ms_utc >= state->requested_ms_utc &&
           board_of(record.event) == state->requested->request.board;
}

Result<std::string> EventFeed::events() {
    Result<std::vector<EventRecord>> records = control_.events_after(after_, events_at_once);
    if (!records) return std::unexpected(records.error());
    std::string frames;
    for (const EventRecord& record : *records) {
        after_ = record.seq;
        // JSON on one line: no text from outside can end a frame and begin another.
        if (wanted(record))
            frames += fmt::format("id: {}\nevent: {}\ndata: {}\n\n", record.seq, kind(record.event),
                                  record_json(record));
    }
    more_ = records->size() == events_at_once;
    return frames;
}

std::string EventFeed::progress() {
    std::string frames;
    for (const BisectionState* state : control_.bisections()) {
        const bool asked = bisection_ == 0 || state->id == bisection_;
        if (!asked || state->activity == Activity::ended) continue;
        for (const Progress& now : control_.all_progress(state->id)) {
            boost::json::object object = progress_json(now);
            object["bisection"] = state->id;
            frames += fmt::format("event: progress\ndata: {}\n\n", boost::json::serialize(object));
        }
    }
    return frames;
}

}  // namespace bisectd::http
