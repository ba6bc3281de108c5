#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/event.hpp"

namespace bisectd {

/// Which events are wanted: of these kinds, and of what else is named.
struct EventFilter {
    std::vector<std::string> kinds;                                 ///< at least one
    std::optional<BisectionId> bisection;                           ///< nothing: of any
    std::uint64_t step = 0, attempt = 0;                            ///< 0: of any
    std::size_t limit = std::numeric_limits<std::uint32_t>::max();  ///< the newest ones
};

/// The append-only log of events; the truth. One writer; calls are synchronous (milliseconds).
/// Thread: the orchestration thread.
class Journal {
  public:
    virtual ~Journal() = default;
    /// The number of the next bisection that is requested.
    virtual Result<BisectionId> next_bisection() = 0;
    /// Durable when it returns. `bisection` 0: an event of the farm, such as a parked board.
    virtual Result<EventRecord> append(BisectionId bisection, std::int64_t at_ms_utc,
                                       const Event& event) = 0;
    /// All events of one bisection, in order.
    virtual Result<std::vector<EventRecord>> read(BisectionId bisection) = 0;
    /// All bisections, oldest first.
    virtual Result<std::vector<BisectionId>> bisections() = 0;
    /// Events after `seq`, at most `limit`; for live viewers that come back. `of`: only of this
    /// bisection and of the farm; nothing: of all.
    virtual Result<std::vector<EventRecord>> read_after(std::uint64_t seq, std::size_t limit,
                                                        std::optional<BisectionId> of) = 0;
    /// The events that fit, in order, found by index: what is not wanted is not read.
    virtual Result<std::vector<EventRecord>> find(EventFilter filter) = 0;
    /// Of the last event; 0 when there is none.
    virtual Result<std::uint64_t> last_seq() = 0;
};

}  // namespace bisectd
