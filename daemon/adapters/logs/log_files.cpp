#include "adapters/logs/log_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace bisectd::logs {

std::unexpected<Error> failed(const std::string& path, const char* action) {
    return infrastructure(path, std::string("cannot ") + action + ": " + std::strerror(errno));
}

Descriptor open_regular(const std::string& file) {
    Descriptor opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    struct stat info{};
    if (opened && (::fstat(opened.get(), &info) != 0 || !S_ISREG(info.st_mode))) return {};
    return opened;
}

std::uint64_t size_of(const Descriptor& file) {
    struct stat info{};
    return ::fstat(file.get(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

bool stands_at(const Descriptor& file, const std::string& path) {
    struct stat ours{}, there{};
    return ::fstat(file.get(), &ours) == 0 && ::lstat(path.c_str(), &there) == 0 &&
           ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

Result<std::string_view> read_at(const Descriptor& file, const std::string& path,
                                 std::string& buffer, std::uint64_t offset, std::size_t size) {
    buffer.resize(size);
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::pread(file.get(), buffer.data() + done, size - done,
                                    static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(path, "read it");
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return std::string_view(buffer.data(), done);
}

Result<void> write_all(const Descriptor& file, const std::string& path, std::string_view text) {
    while (!text.empty()) {
        const ssize_t wrote = ::write(file.get(), text.data(), text.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return failed(path, "write it");
        text.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return {};
}

Result<void> make_durable(const Descriptor& file, const std::string& path) {
    if (::fsync(file.get()) != 0) return failed(path, "make it durable");
    return {};
}

Result<void> make_folder_durable(const std::string& file_in_it) {
    const std::string path = std::filesystem::path(file_in_it).parent_path();
    const Descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder) return failed(path, "open it");
    return make_durable(folder, path);
}

std::string_view OpenLog::read(std::string& buffer, std::uint64_t offset, std::size_t size) const {
    const auto text = read_at(file_, path_, buffer, offset, size);
    return text ? *text : std::string_view();
}

}  // namespace bisectd::logs
