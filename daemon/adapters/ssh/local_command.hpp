#pragma once
#include <string>

#include "adapters/ssh/waiting.hpp"
#include "ports/board_shell.hpp"

namespace bisectd::ssh {

/// Runs `sh -c command` here; see LocalShells.
Task<Result<CommandEnd>> run_local(std::string command, LineSink sink, milliseconds silence_limit,
                                   std::string where);

/// Collects ended processes that are children of this process but not of its session: those a
/// command detached, which came to us when their parent ended.
void reap_detached();

}  // namespace bisectd::ssh
