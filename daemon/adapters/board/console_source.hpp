#pragma once
#include "adapters/board/console_log.hpp"
#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd::board {

/// Where the bytes of a console come from. The log outlives the source's coroutine.
class ConsoleSource {
  public:
    virtual ~ConsoleSource() = default;
    /// Before `run`: what was printed while nobody listened, as far as it is known.
    /// Errors: request when the setting can never work.
    virtual Result<void> begin(ConsoleLog& log) = 0;
    /// Takes what is there already, so that a mark lies behind it.
    virtual void catch_up(ConsoleLog&) {}
    /// Until it is cancelled; any loss of the source is noted, and mended with back-off.
    virtual Task<void> run(ConsoleLog& log) = 0;
};

}  // namespace bisectd::board
