#pragma once
#include <functional>
#include <memory>
#include <string>

#include "adapters/http/event_tail.hpp"
#include "adapters/http/message.hpp"
#include "core/error.hpp"
#include "ports/control.hpp"

namespace bisectd::http {

/// What one event stream sends, in frames of the server-sent events format. It keeps only a
/// place in the journal: a slow reader costs no memory and misses nothing.
/// Thread: the orchestration thread.
class EventFeed {
  public:
    /// `wake` is called when a new event may be there.
    EventFeed(Control& control, const EventTail& tail, const EventSubscription& subscription,
              std::function<void()> wake);

    /// The first frame: how soon to come back, and the place to come back to.
    std::string greeting() const;
    /// Frames of the next events, a bounded number; empty when there are none now.
    /// Errors: as of `Control::events_after`.
    Result<std::string> events();
    /// A frame for each bisection where something goes on; empty when nothing does.
    std::string progress();
    /// True when `events` left some for the next call.
    bool more() const { return more_; }
    /// True when the next call reads the journal.
    bool is_far_behind() const { return !tail_.reaches_back_to(after_); }

  private:
    bool wanted(const EventFrame& frame) const;
    Result<std::string> events_of_journal();

    Control& control_;
    const EventTail& tail_;
    BisectionId bisection_;
    std::uint64_t after_;
    bool more_ = true;
    std::shared_ptr<void> listening_;
};

}  // namespace bisectd::http
