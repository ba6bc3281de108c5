#pragma once
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/control.hpp"
#include "ports/task.hpp"

namespace bisectd::http {

/// Lines longer than this are cut when they are shown. Unit: bytes.
constexpr std::size_t longest_line_bytes = 4096;

/// A log that is or was written, by its lines. It knows where each thousandth one begins, so any
/// window of a long log is found at once; what was appended is looked at when it is needed.
/// Thread: one at a time. Reading yields to others, so a long log holds nobody up.
class LogFile {
  public:
    LogFile(std::string path, std::shared_ptr<const LogText> log)
        : path_(std::move(path)), log_(std::move(log)) {}

    /// Looks at all that is there now. Must be awaited before the others are called.
    Task<void> catch_up();
    std::uint64_t lines() const { return lines_ + (unended() ? 1 : 0); }
    std::uint64_t size_bytes() const { return scanned_; }
    /// Lines from number `from` (1 is the first), at most `count`, without their ends.
    std::vector<std::string> window(std::uint64_t from, std::size_t count) const;

    struct Hit {
        std::uint64_t line = 0;
        std::string text;
    };
    struct Hits {
        std::vector<Hit> hits;
        std::uint64_t next_line = 0;  ///< where to go on; 0: that was all
    };
    /// Lines from `from` on that hold `text`, capitals and small letters alike; at most `limit`.
    Task<Hits> search(std::string text, std::uint64_t from, std::size_t limit) const;

    /// The same file still stands at the path.
    bool is_current() const;
    const std::string& path() const { return path_; }

  private:
    bool unended() const { return scanned_ > 0 && !ends_with_line_end_; }
    std::uint64_t offset_of(std::uint64_t line) const;
    /// Up to `size` bytes; empty at the end, or when the file cannot be read any more.
    std::string_view piece(std::string& buffer, std::uint64_t offset, std::size_t size) const;

    std::string path_;
    std::shared_ptr<const LogText> log_;
    std::vector<std::uint64_t> marks_{0};  ///< where line 1, 1001, 2001, ... begin
    std::uint64_t scanned_ = 0;
    std::uint64_t lines_ = 0;  ///< that have ended
    bool ends_with_line_end_ = false;
    std::string head_;  ///< its first bytes: another text at the same place begins otherwise
};

/// The logs that were looked at last, so that the next window costs nothing.
class LogFiles {
  public:
    explicit LogFiles(Control& control) : control_(control) {}
    /// Errors: nothing when there is no such log.
    std::shared_ptr<LogFile> get(const std::string& path);

  private:
    Control& control_;
    std::list<std::shared_ptr<LogFile>> recent_;
};

}  // namespace bisectd::http
