#include "adapters/board/console_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>

namespace bisectd::board {
namespace {

/// "2026-01-02T03:04:05.678Z "
std::string stamp() {
    using namespace std::chrono;
    const auto ms = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    const std::time_t seconds = ms / 1000;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z ", utc.tm_year + 1900,
                       utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, ms % 1000);
}

}  // namespace

ConsoleLog::ConsoleLog(std::string path, std::uint64_t rotate_above)
    : path_(std::move(path)), rotate_above_(rotate_above) {}

Result<std::unique_ptr<ConsoleLog>> ConsoleLog::open(std::string path, std::uint64_t rotate_above) {
    const auto folder = std::filesystem::path(path).parent_path();
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed)
        return infrastructure(folder.string(),
                              "cannot be made for the console's capture: " + failed.message());
    std::unique_ptr<ConsoleLog> log(new ConsoleLog(std::move(path), rotate_above));
    auto opened = log->open_file();
    if (!opened) return std::unexpected(opened.error());
    return log;
}

Result<void> ConsoleLog::open_file() {
    const int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
    Handle file{::open(path_.c_str(), flags, 0640)};
    struct stat info{};
    if (!file || fstat(file.get(), &info) != 0)
        return infrastructure(path_, "the console's capture cannot be written: " + reason(errno));
    if (!S_ISREG(info.st_mode)) return infrastructure(path_, "is no regular file: move it away");
    file_ = std::move(file);
    file_bytes_ = static_cast<std::uint64_t>(info.st_size);
    char last = '\n';
    if (info.st_size > 0 && pread(file_.get(), &last, 1, info.st_size - 1) == 1 && last != '\n')
        write_out("\n");  // a killed daemon left half a line
    at_line_start_ = true;
    return {};
}

void ConsoleLog::append(std::string_view bytes) {
    if (closed_) return;
    std::string kept;
    kept.reserve(bytes.size());
    std::copy_if(bytes.begin(), bytes.end(), std::back_inserter(kept),
                 [](char byte) { return byte != '\0'; });
    if (kept.empty()) return;
    total_ += kept.size();
    tail_ += kept;
    if (tail_.size() > 2 * tail_bytes) tail_.erase(0, tail_.size() - tail_bytes);
    keep_in_file(kept);
}

void ConsoleLog::note(std::string_view text) {
    if (closed_) return;
    std::string line = at_line_start_ ? "" : "\n";
    at_line_start_ = true;
    write_out(line + stamp() + "bisectd: " + quoted_tail(text, 1000) + "\n");
}

void ConsoleLog::keep_in_file(std::string_view bytes) {
    const std::string now = stamp();
    std::string text;
    while (!bytes.empty()) {
        if (at_line_start_) text += now;
        const auto end = bytes.find('\n');
        const auto length = end == std::string_view::npos ? bytes.size() : end + 1;
        text += bytes.substr(0, length);
        bytes.remove_prefix(length);
        at_line_start_ = end != std::string_view::npos;
    }
    write_out(text);
    // Half a line more than the limit is nothing; a line that never ends is cut all the same.
    if (file_bytes_ >= rotate_above_ && (at_line_start_ || file_bytes_ >= 2 * rotate_above_))
        rotate();
}

void ConsoleLog::write_out(std::string_view text) {
    const std::string lost_note =
        lost_bytes_ == 0 ? ""
                         : fmt::format("\n{}bisectd: {} bytes could not be written here\n", stamp(),
                                       lost_bytes_);
    const std::string whole = lost_note + std::string(text);
    std::string_view rest = whole;
    while (!rest.empty()) {
        const ssize_t wrote = ::write(file_.get(), rest.data(), rest.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) {
            lost_bytes_ += std::min(text.size(), rest.size());
            return;
        }
        rest.remove_prefix(static_cast<std::size_t>(wrote));
        file_bytes_ += static_cast<std::size_t>(wrote);
    }
    lost_bytes_ = 0;
}

void ConsoleLog::rotate() {
    // When this fails (folder read-only) the old file goes on: better too long than lost.
    if (std::rename(path_.c_str(), (path_ + ".1").c_str()) != 0) return;
    if (!open_file()) file_bytes_ = 0;
}

std::string ConsoleLog::since(std::uint64_t mark, std::size_t limit) const {
    const std::uint64_t oldest = total_ - tail_.size();
    const std::uint64_t from = std::clamp(mark, oldest, total_);
    std::string_view text = std::string_view(tail_).substr(from - oldest);
    if (text.size() > limit) text.remove_prefix(text.size() - limit);
    std::string result;
    result.reserve(text.size());
    for (const char byte : text) {
        if (byte == '\n')
            while (!result.empty() && result.back() == '\r') result.pop_back();
        result += byte;
    }
    return result;
}

}  // namespace bisectd::board
