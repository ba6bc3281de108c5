#include "adapters/ssh/local_command.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "adapters/process/spawn.hpp"
#include "adapters/ssh/lines.hpp"

namespace bisectd::ssh {
namespace {

using asio::posix::stream_descriptor;

/// What is read at most after the command has ended: what it detached may hold the pipe and print
/// for ever.
constexpr std::size_t drain_limit_bytes = 8 << 20;
/// What is read at a time before the limit and the end are looked at.
constexpr std::size_t piece_limit_bytes = 1 << 20;

/// A child and our ends of its pipes. When it is dropped its group is killed.
class LocalCommand {
  public:
    LocalCommand(const asio::any_io_executor& executor, process::Child child, LineSink sink)
        : lines(std::move(sink)),
          ended(executor, child.pidfd.release()),
          output(executor, child.output.release()),
          errors(executor, child.errors.release()),
          pid_(child.pid) {}
    LocalCommand(const LocalCommand&) = delete;
    LocalCommand& operator=(const LocalCommand&) = delete;
    ~LocalCommand() {
        if (collected_) return;
        kill(-pid_, SIGKILL);
        // Gone within a millisecond, unless it hangs in the kernel: that is not waited for.
        pollfd gone{ended.native_handle(), POLLIN, 0};
        poll(&gone, 1, 1000);
        waitpid(pid_, nullptr, WNOHANG);
    }

    /// Nothing: it still runs.
    std::optional<CommandEnd> collect() {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
        collected_ = true;
        CommandEnd end;
        if (WIFEXITED(status)) end.exit = WEXITSTATUS(status);
        if (WIFSIGNALED(status)) end.signal = sigabbrev_np(WTERMSIG(status));
        return end;
    }

    /// Reads what is there, at most `limit` bytes; returns how much. Closes a stream at its end.
    std::size_t read_some(bool is_error, std::size_t limit) {
        stream_descriptor& stream = is_error ? errors : output;
        std::array<char, 32'768> buffer;
        std::size_t total = 0;
        while (stream.is_open() && total < limit) {
            const ssize_t got = read(stream.native_handle(), buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0 && errno == EAGAIN) break;
            if (got <= 0) {
                stream.close();
                break;
            }
            const std::string_view piece(buffer.data(), static_cast<std::size_t>(got));
            if (is_error) {
                tail.add(piece);
            } else {
                lines.add(piece);
            }
            total += piece.size();
        }
        return total;
    }

    Lines lines;
    Tail tail;
    stream_descriptor ended, output, errors;

  private:
    pid_t pid_;
    bool collected_ = false;
};

/// Waits for output or the end, whichever is first.
Task<Awoken> wait_for_any(LocalCommand& command, Moment deadline) {
    const auto readable = stream_descriptor::wait_read;
    auto end = command.ended.async_wait(readable, asio::deferred);
    const bool out = command.output.is_open();
    const bool err = command.errors.is_open();
    Awoken awoken;
    if (out && err) {
        auto on_output = command.output.async_wait(readable, asio::deferred);
        auto on_errors = command.errors.async_wait(readable, asio::deferred);
        awoken =
            co_await first_of(deadline, std::move(end), std::move(on_output), std::move(on_errors));
    } else if (out || err) {
        auto on_one = (out ? command.output : command.errors).async_wait(readable, asio::deferred);
        awoken = co_await first_of(deadline, std::move(end), std::move(on_one));
    } else {
        awoken = co_await first_of(deadline, std::move(end));
    }
    co_return awoken;
}

CommandEnd last_words(LocalCommand& command, CommandEnd end) {
    command.read_some(false, drain_limit_bytes);
    command.read_some(true, drain_limit_bytes);
    command.lines.end();
    end.errors = command.tail.text();
    return end;
}

/// The session of a process and its state, from /proc/PID/stat. Nothing: gone.
bool is_detached_zombie(const std::filesystem::path& folder, pid_t self, pid_t session) {
    std::ifstream file(folder / "stat");
    std::string text(1024, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    // The name stands in brackets and may hold anything: look from the end.
    const std::size_t bracket = text.rfind(')');
    if (bracket == text.npos) return false;
    char state = 0;
    int parent = 0, group = 0, its_session = 0;
    if (std::sscanf(text.c_str() + bracket + 1, " %c %d %d %d", &state, &parent, &group,
                    &its_session) != 4)
        return false;
    return state == 'Z' && parent == self && its_session != session;
}

}  // namespace

void reap_detached() {
    const pid_t self = getpid(), session = getsid(0);
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", failed)) {
        const std::string name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != name.npos) continue;
        if (!is_detached_zombie(entry.path(), self, session)) continue;
        waitpid(static_cast<pid_t>(std::strtol(name.c_str(), nullptr, 10)), nullptr, WNOHANG);
    }
}

Task<Result<CommandEnd>> run_local(std::string command, LineSink sink, milliseconds silence_limit,
                                   std::string where) {
    reap_detached();
    ProcessSpec spec;
    spec.arguments = {"sh", "-c", std::move(command)};
    auto child = process::spawn(spec, true);
    if (!child) co_return infrastructure(where, describe(child.error()));
    auto executor = co_await asio::this_coro::executor;
    LocalCommand running(executor, std::move(*child), std::move(sink));
    Moment silent = after(silence_limit);
    for (;;) {
        const Awoken awoken = co_await wait_for_any(running, silent);
        if (awoken.woke == Woke::cancelled) co_return cancelled(where, "cancelled");
        const std::size_t out = running.read_some(false, piece_limit_bytes);
        const std::size_t err = running.read_some(true, piece_limit_bytes);
        std::optional<CommandEnd> end = running.collect();
        if (end) co_return last_words(running, std::move(*end));
        if (out + err != 0) silent = after(silence_limit);
        if (awoken.woke == Woke::late && out + err == 0)
            co_return infrastructure(
                where, fmt::format("the command printed nothing for {} ms and was killed",
                                   silence_limit.count()));
    }
}

}  // namespace bisectd::ssh
