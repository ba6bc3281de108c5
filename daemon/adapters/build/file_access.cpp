#include "adapters/build/file_access.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "adapters/digest/sha256.hpp"
#include "adapters/process/spawn.hpp"

namespace bisectd::build {

using process::Descriptor;

namespace {

std::unexpected<Error> failed(const std::string& path, const char* action) {
    return infrastructure(path, fmt::format("cannot {}: {}", action, std::strerror(errno)));
}

/// Opens a file to be read. A pipe or a device in its place, which builds may leave, would keep the
/// reader for ever.
Result<Descriptor> open_regular(const std::string& path) {
    Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!file) return failed(path, "open it");
    struct stat info{};
    if (fstat(file.get(), &info) != 0) return failed(path, "look at it");
    if (!S_ISREG(info.st_mode)) return infrastructure(path, "is no regular file");
    return file;
}

/// Calls `sink` with the pieces of a file; false from it ends the reading.
template <class Sink>
Result<void> read_pieces(const std::string& path, Sink sink) {
    const auto file = open_regular(path);
    if (!file) return std::unexpected(file.error());
    std::vector<char> buffer(std::size_t{256} * 1024);
    for (;;) {
        const ssize_t got = read(file->get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(path, "read it");
        if (got == 0) return {};
        if (!sink(std::string_view(buffer.data(), static_cast<std::size_t>(got)))) return {};
    }
}

}  // namespace

Result<std::string> digest_of_file(const std::string& path) {
    Sha256 digest;
    auto read = read_pieces(path, [&digest](std::string_view piece) {
        digest.add(piece);
        return true;
    });
    if (!read) return std::unexpected(read.error());
    return digest.hex();
}

Result<std::string> read_file(const std::string& path, std::size_t limit_bytes) {
    std::string text;
    auto read = read_pieces(path, [&text, limit_bytes](std::string_view piece) {
        text += piece;
        return text.size() <= limit_bytes;
    });
    if (!read) return std::unexpected(read.error());
    if (text.size() > limit_bytes)
        return infrastructure(path, fmt::format("is larger than {} bytes", limit_bytes));
    return text;
}

Result<void> read_part(const std::string& path, std::uint64_t offset, std::uint64_t bytes,
                       const std::function<void(std::string_view piece)>& sink) {
    const auto file = open_regular(path);
    if (!file) return std::unexpected(file.error());
    std::vector<char> buffer(std::size_t{256} * 1024);
    while (bytes > 0) {
        const auto wanted = std::min<std::uint64_t>(bytes, buffer.size());
        const ssize_t got = pread(file->get(), buffer.data(), static_cast<std::size_t>(wanted),
                                  static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(path, "read it");
        if (got == 0) return {};
        sink(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
        offset += static_cast<std::uint64_t>(got);
        bytes -= static_cast<std::uint64_t>(got);
    }
    return {};
}

namespace {

Result<void> write_opened(const std::string& path, const Descriptor& file, std::string_view text) {
    if (!file) return failed(path, "write it");
    while (!text.empty()) {
        const ssize_t wrote = write(file.get(), text.data(), text.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return failed(path, "write it");
        text.remove_prefix(static_cast<std::size_t>(wrote));
    }
    if (fdatasync(file.get()) != 0) return failed(path, "make it durable");
    return {};
}

}  // namespace

Result<void> write_file(const std::string& path, std::string_view text) {
    const Descriptor file{open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    return write_opened(path, file, text);
}

Result<void> write_new_file(const std::string& path, std::string_view text) {
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return failed(path, "replace it");
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    const Descriptor file{open(path.c_str(), flags, 0644)};
    return write_opened(path, file, text);
}

Result<void> make_folder(const std::string& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return infrastructure(folder, "cannot make it: " + failed.message());
    return {};
}

Result<void> sync_path(const std::string& path) {
    Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file || fsync(file.get()) != 0) return failed(path, "make it durable");
    return {};
}

}  // namespace bisectd::build
