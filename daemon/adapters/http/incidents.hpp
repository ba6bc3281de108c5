#pragma once
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "core/asides.hpp"
#include "core/error.hpp"
#include "ports/control.hpp"

namespace bisectd::http {

/// Follows the journal: the number of its last event, and the incidents (recoveries, parked
/// boards, pauses, judgements, doubts, notes) that the state of a bisection does not keep but a
/// page shows. Thread: the orchestration thread.
class Incidents {
  public:
    /// Reads the journal once, then listens.
    /// Errors: as of `Control::events_after`.
    Result<void> follow(Control& control);

    std::uint64_t last_seq() const { return last_seq_; }
    /// Those of this bisection, and those of its board while it went on; oldest first.
    std::vector<EventRecord> of(const BisectionState& state) const;
    /// What the journal tells of a bisection beside its steps.
    Asides asides(BisectionId id) const;

  private:
    void take(const EventRecord& record);

    std::uint64_t last_seq_ = 0;
    std::deque<EventRecord> kept_;
    std::map<BisectionId, Asides> asides_;
    std::shared_ptr<void> listening_;
};

/// The board that an event is about; empty when it is about none.
std::string board_of(const Event& event);

}  // namespace bisectd::http
