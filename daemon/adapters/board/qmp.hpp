#pragma once
#include <chrono>
#include <string>

#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd::board {

/// Asks a QEMU one question of its human monitor, over the QMP socket `socket`, and returns the
/// answer. A QEMU that is stopped accepts the connection and says nothing: hence the limit.
/// Errors: infrastructure.
Task<Result<std::string>> ask_qemu(std::string socket, std::string question,
                                   std::chrono::milliseconds limit);

}  // namespace bisectd::board
