#include "adapters/board/small_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace bisectd::board {

Handle::~Handle() {
    if (fd_ >= 0) ::close(fd_);
}

std::string reason(int error_number) {
    return std::generic_category().message(error_number);
}

std::optional<std::string> read_small(const std::string& path, std::size_t limit) {
    const Handle file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!file) return std::nullopt;
    std::string text;
    std::array<char, 4096> piece;
    while (text.size() < limit) {
        const ssize_t got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) break;
        text.append(piece.data(), static_cast<std::size_t>(got));
    }
    if (text.size() > limit) text.resize(limit);
    return text;
}

Result<void> write_atomically(const std::string& path, std::string_view text) {
    const std::string temporary = path + ".tmp";
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    const Handle file{::open(temporary.c_str(), flags, 0640)};
    if (!file) return infrastructure(temporary, "cannot be written: " + reason(errno));
    while (!text.empty()) {
        const ssize_t wrote = ::write(file.get(), text.data(), text.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return infrastructure(temporary, "cannot be written: " + reason(errno));
        text.remove_prefix(static_cast<std::size_t>(wrote));
    }
    if (std::rename(temporary.c_str(), path.c_str()) != 0)
        return infrastructure(path, "cannot be replaced: " + reason(errno));
    return {};
}

std::string quoted_tail(std::string_view text, std::size_t limit) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.remove_suffix(1);
    const bool cut = text.size() > limit;
    if (cut) text.remove_prefix(text.size() - limit);
    std::string result = cut ? "..." : "";
    for (const char raw : text) {
        const auto byte = static_cast<unsigned char>(raw);
        if (raw == '\n')
            result += " | ";
        else if (raw != '\r')
            result += byte < 0x20 || byte >= 0x7f ? '?' : raw;
    }
    return result;
}

}  // namespace bisectd::board
