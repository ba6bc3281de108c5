#pragma once
#include <string>
#include <utility>

#include "core/error.hpp"

namespace bisectd::notify {

/// A small file for one telling, which only the daemon's user may read; gone with the object.
class NoticeFile {
  public:
    /// Errors: infrastructure when it cannot be written.
    static Result<NoticeFile> write(const std::string& folder, const std::string& name,
                                    const std::string& text);
    NoticeFile(NoticeFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    NoticeFile& operator=(NoticeFile&&) = delete;
    ~NoticeFile();
    const std::string& path() const { return path_; }

  private:
    explicit NoticeFile(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

}  // namespace bisectd::notify
