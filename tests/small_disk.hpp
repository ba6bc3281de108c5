#pragma once
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

namespace bisectd::tests {

/// A real file system of a few megabytes in memory, gone with the object. Only root may mount one:
/// where that fails `problem` says so, and the test must say that it was skipped.
class SmallDisk {
  public:
    explicit SmallDisk(const std::string& size) {
        std::string name =
            (std::filesystem::temp_directory_path() / "bisectd-disk-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            problem_ = "no temporary folder";
            return;
        }
        folder_ = name;
        const std::string options = "mode=0700,size=" + size;
        mounted_ =
            ::mount("tmpfs", folder_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) == 0;
        if (!mounted_) problem_ = std::string("mount: ") + std::strerror(errno);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() {
        if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
        std::error_code ignored;
        if (!folder_.empty()) std::filesystem::remove(folder_, ignored);
    }
    /// Why there is none; empty: it is there.
    const std::string& problem() const { return problem_; }
    const std::string& folder() const { return folder_; }
    std::string operator/(const std::string& name) const { return folder_ + "/" + name; }
    std::uint64_t free_bytes() const {
        struct statvfs info{};
        return ::statvfs(folder_.c_str(), &info) == 0 ? std::uint64_t{info.f_bavail} * info.f_frsize
                                                      : 0;
    }

  private:
    std::string folder_, problem_;
    bool mounted_ = false;
};

}  // namespace bisectd::tests
