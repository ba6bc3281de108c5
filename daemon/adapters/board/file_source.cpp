#include "adapters/board/file_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "adapters/board/waiting.hpp"

namespace bisectd::board {
namespace {

/// How stale the capture may be when nobody asks. Cost: two system calls a turn.
constexpr std::chrono::milliseconds poll_interval{100};
/// Read in one go: some milliseconds of work for the one thread.
constexpr std::uint64_t turn_bytes = 256 << 10, catch_up_bytes = 4 << 20;

}  // namespace

FileSource::FileSource(std::string path, std::string position_file, Options options)
    : path_(std::move(path)), position_path_(std::move(position_file)), options_(options) {}

bool FileSource::open_file() {
    const int access = options_.empty_above_bytes != 0 ? O_RDWR : O_RDONLY;
    Handle file{::open(path_.c_str(), access | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    struct stat info{};
    if (!file || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
    file_ = std::move(file);
    inode_ = info.st_ino;
    offset_ = 0;
    return true;
}

Result<void> FileSource::begin(ConsoleLog& log) {
    load_position();
    const std::uint64_t saved_offset = offset_;
    struct stat info{};
    const bool exists = stat(path_.c_str(), &info) == 0;
    if (exists && !S_ISREG(info.st_mode))
        return wrong_request(path_,
                             "is no regular file; for a serial port use the console driver "
                             "\"command\" with stty and cat");
    if (!exists) return {};
    if (!open_file()) return infrastructure(path_, "cannot be read: " + reason(errno));
    const auto size = static_cast<std::uint64_t>(info.st_size);
    const bool same = saved_inode_ == inode_ && saved_offset <= size;
    if (same)
        offset_ = saved_offset;
    else if (saved_inode_ == 0 && !options_.from_beginning)
        offset_ = size;
    if (size - offset_ > catch_up_bytes) {
        log.note(
            fmt::format("{} bytes of {} were skipped", size - offset_ - catch_up_bytes, path_));
        offset_ = size - catch_up_bytes;
    }
    save_position();
    catch_up(log);
    return {};
}

void FileSource::catch_up(ConsoleLog& log) {
    read_some(log, catch_up_bytes);
}

Task<void> FileSource::run(ConsoleLog& log) {
    for (;;) {
        const bool more = read_some(log, turn_bytes);
        co_await pause_for(more ? std::chrono::milliseconds{0} : poll_interval);
    }
}

/// Returns whether more may be there at once.
bool FileSource::read_some(ConsoleLog& log, std::uint64_t budget_bytes) {
    if (log.closed() || (!file_ && !open_file())) return false;
    const std::uint64_t got = read_open_file(log, budget_bytes);
    if (got != 0) save_position();
    if (got >= budget_bytes) return true;
    if (was_replaced()) {  // and read to its end, so nothing of the old one is lost
        if (!open_file()) return false;
        save_position();
        return true;
    }
    empty_when_long();
    return false;
}

std::uint64_t FileSource::read_open_file(ConsoleLog& log, std::uint64_t budget_bytes) {
    struct stat info{};
    if (fstat(file_.get(), &info) == 0 && static_cast<std::uint64_t>(info.st_size) < offset_)
        offset_ = 0;  // it was truncated
    std::uint64_t total = 0;
    std::array<char, 65'536> piece;
    while (total < budget_bytes) {
        const auto at = static_cast<off_t>(offset_);
        const ssize_t got = pread(file_.get(), piece.data(), piece.size(), at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        log.append(std::string_view(piece.data(), static_cast<std::size_t>(got)));
        offset_ += static_cast<std::uint64_t>(got);
        total += static_cast<std::uint64_t>(got);
    }
    return total;
}

bool FileSource::was_replaced() const {
    struct stat info{};
    return stat(path_.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_ino != inode_;
}

void FileSource::empty_when_long() {
    if (options_.empty_above_bytes == 0 || offset_ <= options_.empty_above_bytes) return;
    if (ftruncate(file_.get(), 0) != 0) return;
    offset_ = 0;
    save_position();
}

void FileSource::load_position() {
    const auto text = read_small(position_path_, 256);
    if (!text) return;
    const char* end = text->data() + text->size();
    std::uint64_t inode = 0, offset = 0;
    const auto first = std::from_chars(text->data(), end, inode);
    if (first.ec != std::errc{} || first.ptr == end) return;
    const auto second = std::from_chars(first.ptr + 1, end, offset);
    if (second.ec != std::errc{}) return;
    saved_inode_ = inode;
    offset_ = offset;
}

/// Failing here costs lines that appear twice after a restart, no more.
void FileSource::save_position() {
    if (!position_)
        position_ = Handle(::open(position_path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640));
    if (!position_) return;
    // Always of one length, so that a new line covers the old one.
    const std::string line = fmt::format("{:020} {:020}\n", inode_, offset_);
    const ssize_t wrote = pwrite(position_.get(), line.data(), line.size(), 0);
    static_cast<void>(wrote);
}

}  // namespace bisectd::board
