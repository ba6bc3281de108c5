#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/notice.hpp"
#include "ports/task.hpp"

namespace bisectd {

/// Tells people what they wanted to be told, in the ways that are configured.
/// Thread: the orchestration thread.
class Herald {
  public:
    virtual ~Herald() = default;
    /// The ways for this kind: "command", "mail", "webhook". None: nobody wants to be told.
    virtual std::vector<std::string> ways(NoticeKind kind) const = 0;
    /// Longest time for one telling.
    virtual std::chrono::milliseconds limit() const = 0;
    /// Returns when the command has ended, the mail system or the web server has taken it.
    /// Errors: infrastructure, `what` without addresses and secrets; cancelled.
    virtual Task<Result<void>> tell(std::string way, Notice notice) = 0;
};

}  // namespace bisectd
