#pragma once
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "adapters/board/qemu_command.hpp"
#include "adapters/board/small_file.hpp"
#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd::board {

/// A running QEMU of a board's folder. It lives in a session of its own and does not end with
/// us, as a real board does not; it is found again by FOLDER/qemu.pid.
class QemuProcess {
  public:
    /// The recorded one, when it runs still: process id, start time, program and working folder
    /// must all fit, so that no stranger with a recycled id is ever taken for it.
    static std::optional<QemuProcess> find(const std::string& folder);

    /// Starts it, recorded before its first instruction. Its messages go to FOLDER/qemu.err.
    /// Errors: infrastructure.
    static Result<QemuProcess> start(const std::string& folder, QemuCommand command);

    pid_t id() const { return pid_; }
    /// Whether it has ended; if so and it is our child, it is collected.
    bool ended() const;
    /// Ends it at once, stopped or not.
    /// Errors: infrastructure when it is not ours to kill or is not gone within `limit`.
    Task<Result<void>> kill(std::chrono::milliseconds limit);

  private:
    QemuProcess(pid_t pid, Handle pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
    pid_t pid_;
    Handle pidfd_;
};

}  // namespace bisectd::board
