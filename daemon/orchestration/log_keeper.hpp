#pragma once
#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "core/state.hpp"
#include "core/storage_spec.hpp"
#include "ports/clock.hpp"
#include "ports/logs.hpp"
#include "ports/workshop.hpp"

namespace bisectd {

/// Between two looks whether a log can be closed.
constexpr std::chrono::milliseconds log_look_pause{60'000};
/// An attempt's logs are closed so long after its end. Source: what was interrupted writes on until
/// it is ended, which takes seconds.
constexpr std::chrono::milliseconds log_rest{600'000};
/// The limits of all logs are looked after so often.
constexpr std::chrono::milliseconds log_limits_pause{3'600'000};

/// Closes the logs of attempts and builds ahead that have ended, and removes those of bisections
/// that ended long ago. What fails is logged, and tried again.
/// Thread: the orchestration thread.
class LogKeeper {
  public:
    struct Owner {
        std::function<std::vector<const BisectionState*>()> bisections;
        std::function<Result<void>(BisectionId, const LogsEvicted&)> evicts;  ///< journals it
        std::function<void(const std::string& level, const std::string& text)> log;
    };

    LogKeeper(Clock& clock, Logs& logs, const Workshop& workshop, StorageSpec limits)
        : clock_(clock), logs_(logs), workshop_(workshop), limits_(limits) {}

    /// Hears of each event that was journalled: what has ended is closed in a while.
    void hear(const EventRecord& record);
    /// Looks after the logs until it is cancelled; those of earlier lives of the daemon first.
    Task<void> run(Owner owner);

  private:
    struct Due {
        std::chrono::milliseconds at{0};
        BisectionId bisection = 0;
        std::uint64_t step = 0, attempt = 0;  ///< step 0: a build ahead; both 0: all of it
    };
    void add(Due due);
    void remember(const BisectionState& state);
    std::vector<std::string> files_of(const Due& due) const;
    std::string folder_of(BisectionId id) const;
    Task<void> close_due(const Owner& owner);
    void keep_limits(const Owner& owner);

    Clock& clock_;
    Logs& logs_;
    const Workshop& workshop_;
    StorageSpec limits_;
    std::deque<Due> due_;
};

}  // namespace bisectd
