#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "core/error.hpp"
#include "ports/control.hpp"

namespace bisectd::http {

/// The board that an event is about; empty: none.
std::string board_named_in(const Event& event);

/// An event as a frame of a stream, made once for all who listen.
struct EventFrame {
    std::uint64_t seq = 0;
    BisectionId bisection = 0;
    std::int64_t at_ms_utc = 0;
    std::string board;  ///< that it is about; empty: about none
    std::string text;
};
EventFrame frame_of(const EventRecord& record);

/// Follows the journal: the number of its last event, and the frames of the latest ones, so that
/// many listeners cost one look. Thread: the orchestration thread.
class EventTail {
  public:
    explicit EventTail(Control& control) : control_(control) {}

    /// Asks for the last event's number, then listens. Errors: as of `Control::last_seq`.
    Result<void> follow();
    std::uint64_t last_seq() const { return last_seq_; }
    /// The first frame after `seq`; null when there is none.
    const EventFrame* after(std::uint64_t seq) const;
    /// All that came after `seq` is still here.
    bool reaches_back_to(std::uint64_t seq) const { return seq >= forgotten_; }

  private:
    void take(const EventRecord& record);

    Control& control_;
    std::uint64_t last_seq_ = 0;
    std::uint64_t forgotten_ = 0;  ///< the last event that is not kept
    std::deque<EventFrame> frames_;
    std::size_t bytes_ = 0;  ///< of their texts
    std::shared_ptr<void> listening_;
};

}  // namespace bisectd::http
