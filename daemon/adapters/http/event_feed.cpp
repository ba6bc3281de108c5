#include "adapters/http/event_feed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/json/fields.hpp"
#include "adapters/json/views.hpp"

namespace bisectd::http {
namespace {

// Events are a few hundred bytes, a few have many thousand; a page of them is written at once, and
// a viewer that does not read holds no more than that.
constexpr std::size_t events_at_once = 200, bytes_at_once = 64UL * 1024;
constexpr int come_back_ms = 2000;

}  // namespace

EventFeed::EventFeed(Control& control, const EventTail& tail, const EventSubscription& subscription,
                     std::function<void()> wake)
    : control_(control),
      tail_(tail),
      bisection_(subscription.bisection),
      after_(subscription.after.value_or(tail.last_seq())) {
    listening_ = control_.listen([wake = std::move(wake)](const EventRecord&) { wake(); });
}

std::string EventFeed::greeting() const {
    return fmt::format("retry: {}\nid: {}\nevent: hello\ndata: {{}}\n\n", come_back_ms, after_);
}

bool EventFeed::wanted(const EventFrame& frame) const {
    if (bisection_ == 0 || frame.bisection == bisection_) return true;
    if (frame.bisection != 0 || frame.board.empty()) return false;
    // A farm event concerns the bisection when it is about one of its boards.
    const BisectionState* state = control_.bisection(bisection_);
    if (state == nullptr || !state->requested || frame.at_ms_utc < state->requested_ms_utc)
        return false;
    const std::vector<std::string> boards = state->requested->request.boards();
    return std::ranges::find(boards, frame.board) != boards.end();
}

Result<std::string> EventFeed::events() {
    if (is_far_behind()) return events_of_journal();
    std::string frames;
    std::size_t sent = 0;
    const EventFrame* frame = tail_.after(after_);
    const auto enough = [&] { return sent >= events_at_once || frames.size() >= bytes_at_once; };
    for (; frame != nullptr && !enough(); frame = tail_.after(after_), ++sent) {
        after_ = frame->seq;
        if (wanted(*frame)) frames += frame->text;
    }
    more_ = frame != nullptr;
    return frames;
}

Result<std::string> EventFeed::events_of_journal() {
    const auto of = bisection_ == 0 ? std::nullopt : std::optional(bisection_);
    Result<std::vector<EventRecord>> records = control_.events_after(after_, events_at_once, of);
    if (!records) return std::unexpected(records.error());
    std::string frames;
    std::size_t taken = 0;
    for (; taken < records->size() && frames.size() < bytes_at_once; ++taken) {
        after_ = (*records)[taken].seq;
        const EventFrame frame = frame_of((*records)[taken]);
        if (wanted(frame)) frames += frame.text;
    }
    more_ = taken < records->size() || taken == events_at_once;
    // What is left up to here is of others.
    if (!more_) after_ = std::max(after_, tail_.last_seq());
    return frames;
}

std::string EventFeed::progress() {
    std::string frames;
    for (const BisectionState* state : control_.bisections()) {
        const bool asked = bisection_ == 0 || state->id == bisection_;
        if (!asked || state->activity == Activity::ended) continue;
        for (const Progress& now : control_.all_progress(state->id)) {
            boost::json::object object = to_json(progress_of(now)).as_object();
            object["bisection"] = state->id;
            frames += fmt::format("event: progress\ndata: {}\n\n", boost::json::serialize(object));
        }
    }
    return frames;
}

}  // namespace bisectd::http
