#include "adapters/build/builder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <vector>

#include "adapters/build/file_access.hpp"

namespace bisectd::build {
namespace {

namespace fs = std::filesystem;
namespace asio = boost::asio;
using process::Descriptor;
constexpr std::chrono::seconds takeover_limit{10};

/// When a process was started, in ticks since boot; tells it from a later one of the same id.
std::string start_time(pid_t pid) {
    auto text = read_file(fmt::format("/proc/{}/stat", pid), 4096);
    if (!text) return {};
    const auto bracket = text->rfind(')');
    if (bracket == std::string::npos) return {};
    std::string_view rest = std::string_view(*text).substr(bracket + 2);
    for (int field = 3; field < 22; ++field) {
        const auto space = rest.find(' ');
        if (space == std::string_view::npos) return {};
        rest.remove_prefix(space + 1);
    }
    return std::string(rest.substr(0, rest.find(' ')));
}

std::string signature(pid_t pid) {
    return fmt::format("{} {}\n", pid, start_time(pid));
}

bool holds_file(const fs::path& process, const struct stat& wanted) {
    std::error_code failed;
    fs::directory_iterator folder(process / "fd", failed);
    for (; !failed && folder != fs::directory_iterator{}; folder.increment(failed)) {
        struct stat info{};
        if (stat(folder->path().c_str(), &info) == 0 && info.st_dev == wanted.st_dev &&
            info.st_ino == wanted.st_ino)
            return true;
    }
    return false;
}

/// Processes other than us that hold that very file open.
std::vector<pid_t> holders(int file) {
    std::vector<pid_t> found;
    struct stat wanted{};
    if (fstat(file, &wanted) != 0) return found;
    std::error_code failed;
    fs::directory_iterator folder("/proc", failed);
    for (; !failed && folder != fs::directory_iterator{}; folder.increment(failed)) {
        const std::string name = folder->path().filename();
        pid_t pid = 0;
        const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (parsed.ptr != name.data() + name.size() || pid == getpid()) continue;
        if (holds_file(folder->path(), wanted)) found.push_back(pid);
    }
    return found;
}

std::string name_of(pid_t pid) {
    auto text = read_file(fmt::format("/proc/{}/comm", pid), 4096);
    if (!text) return fmt::format("{}", pid);
    return fmt::format("{} ({})", pid, text->substr(0, text->find('\n')));
}

Result<void> sign(const std::string& file, int lock) {
    const std::string text = signature(getpid());
    if (ftruncate(lock, 0) != 0 ||
        pwrite(lock, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        return infrastructure(file, fmt::format("cannot write it: {}", std::strerror(errno)));
    return {};
}

}  // namespace

Task<Result<Descriptor>> take_builder_lock(std::string file) {
    Descriptor lock{open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)};
    if (!lock)
        co_return infrastructure(file, fmt::format("cannot open it: {}", std::strerror(errno)));
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const auto limit = std::chrono::steady_clock::now() + takeover_limit;
    while (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        const auto owner = read_file(file, 4096);
        std::string names;
        for (pid_t pid : holders(lock.get())) {
            if (owner && *owner == signature(pid))
                co_return infrastructure(
                    file, fmt::format("another bisectd, process {}, builds in this data folder: "
                                      "stop it, or use another data folder",
                                      name_of(pid)));
            names += (names.empty() ? "" : ", ") + name_of(pid);
            kill(pid, SIGKILL);
        }
        if (std::chrono::steady_clock::now() > limit)
            co_return infrastructure(
                file, fmt::format("is locked by what a killed daemon left behind, and these "
                                  "processes do not end: {}",
                                  names.empty() ? "unknown" : names));
        timer.expires_after(std::chrono::milliseconds{10});
        auto [failed] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (failed) co_return cancelled(file, "cancelled while waiting for the builder's lock");
    }
    if (auto signed_now = sign(file, lock.get()); !signed_now)
        co_return std::unexpected(signed_now.error());
    co_return std::move(lock);
}

}  // namespace bisectd::build
