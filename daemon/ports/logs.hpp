#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd {

/// What was written to a log until now, however it is kept.
/// Thread: one at a time.
class LogText {
  public:
    virtual ~LogText() = default;
    /// As it is at this moment; it may be growing.
    virtual std::uint64_t size_bytes() const = 0;
    /// Up to `size` bytes from `offset` on, which may be fewer than there are, in `buffer`; empty
    /// at the end, or when it cannot be read any more.
    virtual std::string_view read(std::string& buffer, std::uint64_t offset,
                                  std::size_t size) const = 0;
    /// What stands at its place is still this one.
    virtual bool is_current() const = 0;
};

/// Logs by the name of the file that they are written to. One that is closed is kept compressed;
/// whoever reads it sees no difference.
/// Thread: the orchestration thread.
class Logs {
  public:
    virtual ~Logs() = default;
    /// Durable when it returns; a log that was closed is opened again.
    /// Errors: infrastructure; a part of the text may have been written.
    virtual Result<void> append(const std::string& file, std::string_view text) = 0;
    /// Errors: null when there is no such log, or it cannot be read.
    virtual std::shared_ptr<LogText> open(const std::string& file) = 0;
    /// Nothing more is written to it: it may be compressed. Repeatable.
    /// Errors: infrastructure; the log is as it was then.
    virtual Task<Result<void>> close(std::string file) = 0;
    /// The size of all that a folder holds, as it is kept.
    virtual std::uint64_t bytes_in(const std::string& folder) = 0;
    /// Removes a folder with its logs. Errors: infrastructure; some may be gone then.
    virtual Result<void> remove(const std::string& folder) = 0;
};

}  // namespace bisectd
