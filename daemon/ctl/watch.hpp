#pragma once
#include <chrono>
#include <optional>

#include "core/request.hpp"
#include "ctl/client.hpp"
#include "ctl/terminal.hpp"

namespace bisectd::ctl {

struct WatchOptions {
    bool json = false;  ///< the events as they come, one JSON object a line
    /// How long a lost daemon is waited for. Source: a long upgrade of the controller.
    std::chrono::milliseconds lost_limit{3'600'000};
    std::chrono::milliseconds retry_period{1'000};
};

/// Shows a bisection until it ends: on a terminal as one screen that follows its size, else one
/// line an event. Outlives a restart of the daemon.
/// `id` 0: the newest that has not ended, else the newest.
/// Returns the exit code (exit_code.hpp).
int watch(const Client& client, BisectionId id, const WatchOptions& options,
          const Terminal& terminal);

/// All events of all bisections from now on, one line each, until Ctrl-C or until the daemon
/// stays away. Returns the exit code.
int follow_events(const Client& client, const WatchOptions& options, const Terminal& terminal);

}  // namespace bisectd::ctl
