#include "adapters/http/token.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "adapters/digest/sha256.hpp"
#include "adapters/process/spawn.hpp"

namespace bisectd {
namespace {

using process::Descriptor;

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t shortest_clear_token = 32;
constexpr std::size_t longest_clear_token = 512;
constexpr std::size_t digest_digits = 64;

auto system_error(const std::string& path, std::string_view doing, int code) {
    return infrastructure(path, fmt::format("{}: {}", doing, std::strerror(code)));
}

/// Whole or not at all: a kill in between must not leave half of it behind.
Result<void> write_digest(const std::string& path, const std::string& digest) {
    const std::string draft = path + ".new";
    ::unlink(draft.c_str());
    const Descriptor file(
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return system_error(path, "cannot make the token file", errno);
    const std::string line = digest + "\n";
    struct stat folder{};
    // Made by root for the daemon, it must be the daemon's.
    const std::string above = std::filesystem::path(path).parent_path();
    const bool foreign = ::stat(above.c_str(), &folder) == 0 && folder.st_uid != ::geteuid();
    if ((foreign && ::fchown(file.get(), folder.st_uid, folder.st_gid) != 0) ||
        ::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
        ::fsync(file.get()) != 0 || ::rename(draft.c_str(), path.c_str()) != 0)
        return system_error(path, "cannot write the token file", errno);
    return {};
}

/// The first line of a file that only we may read; empty: there is no such file.
Result<std::string> read_own_line(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file && errno == ENOENT) return std::string();
    if (!file) return system_error(path, "cannot open the token file", errno);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0)
        return system_error(path, "cannot look at the token file", errno);
    if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 077) != 0)
        return wrong_request(path,
                             "the token file must be a regular file of the daemon's user with "
                             "mode 0600; correct that, or remove it");
    char text[longest_clear_token];
    const ssize_t got = ::read(file.get(), text, sizeof text);
    if (got < 0) return system_error(path, "cannot read the token file", errno);
    std::string line(text, static_cast<std::size_t>(got));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    return line;
}

}  // namespace

std::string digest_of_token(std::string_view token) {
    Sha256 digest;
    digest.add(token);
    return digest.hex();
}

Result<std::string> make_token(const std::string& path) {
    unsigned char bytes[secret_bytes];
    if (::getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes))
        return system_error(path, "no random bytes for a token", errno);
    std::string token;
    for (const unsigned char byte : bytes) token += fmt::format("{:02x}", byte);
    if (auto written = write_digest(path, digest_of_token(token)); !written)
        return std::unexpected(written.error());
    return token;
}

Result<std::string> token_digest(const std::string& path) {
    auto line = read_own_line(path);
    if (!line || line->empty()) return line;
    if (line->size() != digest_digits || line->find_first_not_of("0123456789abcdef") != line->npos)
        return wrong_request(path, "holds no digest of a token; `bisectd --new-token` makes one");
    return line;
}

Result<void> hide_clear_token(const std::string& clear, const std::string& path) {
    auto token = read_own_line(clear);
    if (!token) return std::unexpected(token.error());
    auto newer = token_digest(path);
    if (!newer) return std::unexpected(newer.error());
    if (newer->empty() && token->size() >= shortest_clear_token)
        if (auto written = write_digest(path, digest_of_token(*token)); !written) return written;
    if (::unlink(clear.c_str()) != 0 && errno != ENOENT)
        return system_error(clear, "cannot remove the token in clear", errno);
    return {};
}

}  // namespace bisectd
