#pragma once
#include <chrono>
#include <string>

#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd::git {

/// Exclusive right to change one mirror. Children inherit the descriptor, so that a git program
/// that outlives a killed daemon keeps the next daemon out until it has ended.
class FolderLock {
  public:
    FolderLock() = default;
    FolderLock(FolderLock&& other) noexcept : descriptor_(other.descriptor_) {
        other.descriptor_ = -1;
    }
    FolderLock& operator=(FolderLock&&) = delete;
    ~FolderLock();

    /// Waits until `file` (made when missing) is ours.
    /// Errors: infrastructure when it is not within `limit`, or cannot be made.
    static Task<Result<FolderLock>> take(std::string file, std::chrono::milliseconds limit);

    int descriptor() const { return descriptor_; }

  private:
    explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_ = -1;
};

}  // namespace bisectd::git
