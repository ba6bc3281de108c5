#pragma once
#include <string>

#include "core/error.hpp"

namespace bisectd::store {

/// The right to write in a data folder, held until destruction. The kernel gives it back when the
/// process ends, however it ends; a lock file that lies about is harmless.
class DataLock {
  public:
    /// Errors: request when another process has it (its pid is in the message), infrastructure.
    static Result<DataLock> take(const std::string& path);
    DataLock(DataLock&& other) noexcept : file_(other.file_) { other.file_ = -1; }
    DataLock& operator=(DataLock&&) = delete;
    ~DataLock();

  private:
    explicit DataLock(int file) : file_(file) {}
    int file_;
};

}  // namespace bisectd::store
