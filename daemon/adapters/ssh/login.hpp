#pragma once
#include "adapters/ssh/connection.hpp"
#include "core/board.hpp"

namespace bisectd::ssh {

/// From a connected socket to a session that may run commands: greeting and key exchange, the
/// board's key compared with the pinned one, our key shown.
/// Errors: infrastructure, each with what to do; cancelled.
Task<Result<void>> log_in(Connection& connection, SshSpec spec, Limit limit);

}  // namespace bisectd::ssh
