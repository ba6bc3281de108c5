#include "adapters/logs/file_logs.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "adapters/logs/closed_log.hpp"
#include "adapters/logs/compression.hpp"
#include "ports/offload.hpp"

namespace bisectd {

namespace fs = std::filesystem;
using namespace logs;

namespace {

bool stands(const std::string& path) {
    struct stat info{};
    return ::lstat(path.c_str(), &info) == 0;
}

}  // namespace

Result<void> FileLogs::append(const std::string& file, std::string_view text) {
    const bool is_new = !stands(file);
    if (is_new && stands(closed_name(file)))
        if (auto again = open_log_again(file); !again) return again;
    const Descriptor log{
        ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!log) return failed(file, "write it");
    if (auto written = write_all(log, file, text); !written) return written;
    if (auto durable = make_durable(log, file); !durable) return durable;
    if (is_new) return make_folder_durable(file);
    return {};
}

std::shared_ptr<LogText> FileLogs::open(const std::string& file) {
    return open_log_file(file);
}

std::shared_ptr<LogText> open_log_file(const std::string& file) {
    // In this order: what is closed stands in its new place before it leaves the old one.
    if (Descriptor plain = open_regular(file))
        return std::make_shared<OpenLog>(file, std::move(plain));
    auto closed = ClosedLog::open(file, closed_name(file));
    return closed ? *closed : nullptr;
}

Task<Result<void>> FileLogs::close(std::string file) {
    auto packing = [file] { return pack_log(file); };
    const Result<std::uint64_t> packed_bytes = co_await offload(pool_, std::move(packing));
    if (!packed_bytes) co_return std::unexpected(packed_bytes.error());
    // Here, where `append` is called: what it wrote meanwhile is not lost.
    co_return *packed_bytes == 0 ? Result<void>() : replace_by_packed(file, *packed_bytes);
}

std::uint64_t FileLogs::bytes_in(const std::string& folder) {
    std::uint64_t bytes = 0;
    std::error_code failed;
    for (fs::directory_iterator at(folder, failed), end; !failed && at != end;
         at.increment(failed)) {
        struct stat info{};
        if (::lstat(at->path().c_str(), &info) == 0)
            bytes += std::uint64_t{static_cast<std::uint64_t>(info.st_blocks)} * 512;
    }
    return bytes;
}

Result<void> FileLogs::remove(const std::string& folder) {
    std::error_code failed;
    fs::remove_all(folder, failed);
    if (failed) return infrastructure(folder, "cannot be removed: " + failed.message());
    return {};
}

}  // namespace bisectd
