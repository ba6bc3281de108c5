#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.hpp"

namespace bisectd::board {

/// An open file descriptor; closed with the object.
class Handle {
  public:
    Handle() = default;
    explicit Handle(int fd) : fd_(fd) {}
    Handle(Handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Handle();
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }
    explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_ = -1;
};

/// The first `limit` bytes of a file; nothing when it cannot be read. Also for files of /proc.
std::optional<std::string> read_small(const std::string& path, std::size_t limit = 65'536);

/// Replaces a file so that every reader sees the old or the new text, never a part.
/// Errors: infrastructure.
Result<void> write_atomically(const std::string& path, std::string_view text);

/// What a failed system call said: "No space left on device".
std::string reason(int error_number);

/// Text from outside, fit for an error message: at most the last `limit` bytes, one line,
/// control characters replaced.
std::string quoted_tail(std::string_view text, std::size_t limit = 400);

}  // namespace bisectd::board
