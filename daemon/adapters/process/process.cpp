#include "adapters/process/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>

#include "adapters/process/quietly.hpp"
#include "adapters/process/spawn.hpp"
#include "adapters/process/strays.hpp"

namespace bisectd {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using process::Descriptor;
using process::Strays;
using std::chrono::milliseconds;
constexpr auto waiting = asio::as_tuple(asio::use_awaitable);

/// From TERM to KILL. Source: the contract of ProcessSpec::deadline.
constexpr milliseconds grace{5'000};
/// How long a killed process may take to be gone; longer means it hangs in the kernel.
constexpr milliseconds death_limit{10'000};
/// What is read at most after the child has ended: a pipe holds 64 KiB to 1 MiB by default.
constexpr std::size_t drain_limit_bytes = 4 << 20;

/// A child and our ends of its pipes. When it is dropped, the child's whole group is gone.
class Running {
  public:
    Running(const asio::any_io_executor& executor, const process::Child& child, OutputSink out,
            OutputSink err)
        : pid(child.pid),
          strays(child.pid, child.marker),
          pidfd(executor),
          output(executor),
          errors(executor),
          timer(executor),
          out_sink(std::move(out)),
          err_sink(std::move(err)) {}
    /// Errors: nothing becomes open when the system has no memory or watches left.
    bool watch(process::Child& child) {
        return watch(pidfd, child.pidfd) && watch(output, child.output) &&
               (!child.errors || watch(errors, child.errors));
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        if (collected || stuck) return;
        kill(-pid, SIGKILL);
        strays.sweep(SIGKILL);
        waitpid(pid, nullptr, 0);
        strays.sweep(SIGKILL);
    }

    pid_t pid;
    Strays strays;
    asio::posix::stream_descriptor pidfd, output, errors;
    asio::steady_timer timer;
    OutputSink out_sink, err_sink;
    Descriptor log;
    std::uint64_t log_limit_bytes = 0;
    std::uint64_t log_bytes = 0;  ///< what the child has printed into it
    std::string log_error;        ///< not empty: the output could not be kept
    bool timed_out = false;
    bool stuck = false;      ///< KILL did not end it
    bool collected = false;  ///< the child was waited for

    bool ended() const {
        siginfo_t info{};
        return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
               info.si_pid == pid;
    }
    void signal_all(int number) {
        kill(-pid, number);
        kill(-pid, SIGCONT);
        strays.sweep(number);
    }
    static bool watch(asio::posix::stream_descriptor& watcher, Descriptor& fd) {
        boost::system::error_code failed;
        if (!fd) return false;
        watcher.assign(fd.get(), failed);
        if (failed) return false;
        fd.release();
        return true;
    }
    /// What cannot be kept ends the child, as its deadline does.
    void give_up_log(std::string why) {
        log_error = std::move(why);
        timer.cancel();
    }
    void keep(std::string_view rest) {
        while (log && log_error.empty() && !rest.empty()) {
            const std::string_view fits = rest.substr(0, log_limit_bytes - log_bytes);
            if (fits.empty())
                return give_up_log(
                    fmt::format("it was stopped, for it printed more than the {} MiB that a log "
                                "may hold",
                                log_limit_bytes >> 20));
            const ssize_t wrote = ::write(log.get(), fits.data(), fits.size());
            if (wrote < 0 && errno == EINTR) continue;
            if (wrote < 0) return give_up_log(std::strerror(errno));
            log_bytes += static_cast<std::uint64_t>(wrote);
            rest.remove_prefix(static_cast<std::size_t>(wrote));
        }
    }
    void take(std::string_view piece, bool is_error) {
        keep(piece);
        OutputSink& sink = is_error ? err_sink : out_sink;
        if (sink) sink(piece);
    }
};

enum class Piece { some, none_yet, end };

Piece read_piece(Running& running, bool is_error, std::size_t& bytes) {
    std::array<char, 65'536> buffer;
    const int fd = (is_error ? running.errors : running.output).native_handle();
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR ? Piece::none_yet : Piece::end;
    if (got == 0) return Piece::end;
    bytes += static_cast<std::size_t>(got);
    running.take(std::string_view(buffer.data(), static_cast<std::size_t>(got)), is_error);
    return Piece::some;
}

/// Reads until it is cancelled; also after the end of the pipe, which says nothing about the
/// child. Only waits are cancelled, so no byte is lost.
Task<void> pump(Running& running, bool is_error) {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto& pipe = is_error ? running.errors : running.output;
    std::size_t bytes = 0;
    while (pipe.is_open()) {
        auto [failed] = co_await pipe.async_wait(asio::posix::descriptor_base::wait_read, waiting);
        if (failed) co_return;
        if (read_piece(running, is_error, bytes) == Piece::end) break;
    }
    asio::steady_timer never(pipe.get_executor(), asio::steady_timer::time_point::max());
    co_await never.async_wait(waiting);
}

void drain(Running& running, bool is_error) {
    if (!(is_error ? running.errors : running.output).is_open()) return;
    std::size_t bytes = 0;
    while (bytes < drain_limit_bytes && read_piece(running, is_error, bytes) == Piece::some) {
    }
}

Task<void> wait_ended(Running& running) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await running.pidfd.async_wait(asio::posix::descriptor_base::wait_read, waiting);
}

Task<void> wait_time(Running& running, milliseconds limit) {
    co_await asio::this_coro::throw_if_cancelled(false);
    running.timer.expires_after(limit);
    co_await running.timer.async_wait(waiting);
}

/// Waits for the child's end, reading its output meanwhile.
/// Returns whether it has ended; not so when the limit has passed or the caller was cancelled.
Task<bool> ends_within(Running& running, milliseconds limit) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await (wait_ended(running) || wait_time(running, limit) || pump(running, false) ||
              pump(running, true));
    co_return running.ended();
}

/// TERM, then KILL, to everything that the child started.
Task<void> end_by_force(Running& running) {
    co_await asio::this_coro::throw_if_cancelled(false);
    running.signal_all(SIGTERM);
    const bool obeyed = co_await ends_within(running, grace);
    if (obeyed) co_return;
    running.signal_all(SIGKILL);
    running.stuck = !co_await ends_within(running, death_limit);
}

/// Kills what the ended child left behind; waits until it is gone.
Task<bool> clear_strays(Running& running) {
    kill(-running.pid, SIGKILL);  // before the child is collected: its id cannot be another's yet
    for (milliseconds waited{0}; waited < death_limit;) {
        if (running.strays.sweep(SIGKILL) == 0) co_return true;
        const milliseconds pause = waited < milliseconds{50} ? milliseconds{1} : milliseconds{20};
        co_await wait_time(running, pause);
        waited += pause;
    }
    co_return false;
}

ProcessEnd collect(Running& running) {
    ProcessEnd end;
    int status = 0;
    rusage usage{};
    if (wait4(running.pid, &status, 0, &usage) == running.pid) {
        if (WIFEXITED(status)) end.exit = WEXITSTATUS(status);
        if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
    }
    running.collected = true;
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    end.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    end.timed_out = running.timed_out;
    return end;
}

Result<Descriptor> open_log(const ProcessSpec& spec) {
    if (spec.output_file.empty()) return Descriptor{};
    const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    Descriptor log{open(spec.output_file.c_str(), flags, 0644)};
    if (!log)
        return infrastructure(
            "process " + spec.arguments.front(),
            fmt::format("cannot write its log {}: {}", spec.output_file, std::strerror(errno)));
    return log;
}

/// Nothing is left of the child when this has returned true.
Task<bool> clean_up(Running& running, bool ended) {
    if (!ended) co_await end_by_force(running);
    if (running.stuck) co_return false;
    co_return co_await clear_strays(running);
}

Result<std::unique_ptr<Running>> start(const ProcessSpec& spec, bool separate, OutputSink out,
                                       OutputSink err, const asio::any_io_executor& executor) {
    process::adopt_orphans();
    auto log = open_log(spec);
    if (!log) return std::unexpected(log.error());
    auto child = process::spawn(spec, separate);
    if (!child) return std::unexpected(child.error());
    auto running = std::make_unique<Running>(executor, *child, std::move(out), std::move(err));
    if (!running->watch(*child))
        return infrastructure("process " + spec.arguments.front(),
                              "cannot watch it: no file descriptors or memory left");
    running->log = std::move(*log);
    running->log_limit_bytes = spec.output_limit_bytes;
    return running;
}

Task<Result<ProcessEnd>> run(ProcessSpec spec, OutputSink out, OutputSink err, bool separate) {
    const std::string where =
        "process " + (spec.arguments.empty() ? std::string{"?"} : spec.arguments.front());
    auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none)
        co_return cancelled(where, "cancelled before it was started");
    auto executor = co_await asio::this_coro::executor;
    auto started = start(spec, separate, std::move(out), std::move(err), executor);
    if (!started) co_return std::unexpected(started.error());
    Running& running = **started;

    const bool ended = co_await ends_within(running, spec.deadline);
    cancellation = co_await asio::this_coro::cancellation_state;
    const bool was_cancelled = cancellation.cancelled() != asio::cancellation_type::none;
    running.timed_out = !ended && !was_cancelled;
    // A thread of its own, with no slot: a second cancellation must not cut the cleaning short.
    auto uncancelled = asio::bind_cancellation_slot(asio::cancellation_slot{}, asio::use_awaitable);
    const bool cleared = co_await asio::co_spawn(executor, clean_up(running, ended), uncancelled);
    if (running.stuck)
        co_return infrastructure(where, fmt::format("process {} does not end although it was "
                                                    "killed; it hangs in the kernel (disk or "
                                                    "network file system?)",
                                                    running.pid));
    drain(running, false);
    drain(running, true);
    const ProcessEnd end = collect(running);
    if (!cleared)
        co_return infrastructure(where,
                                 "processes that it started do not end although they "
                                 "were killed");
    if (was_cancelled) co_return cancelled(where, "cancelled while it ran");
    if (!running.log_error.empty())
        co_return infrastructure(
            where, fmt::format("cannot write its log {}: {}", spec.output_file, running.log_error));
    co_return end;
}

}  // namespace

Task<Result<ProcessEnd>> run_process(ProcessSpec spec, OutputSink sink) {
    return quietly(run(std::move(spec), std::move(sink), {}, false));
}

Task<Result<Captured>> capture(ProcessSpec spec, std::size_t limit_bytes) {
    constexpr std::size_t errors_limit_bytes = 64UL * 1024;
    auto captured = std::make_shared<Captured>();
    OutputSink out = [captured, limit_bytes](std::string_view piece) {
        captured->output += piece.substr(0, limit_bytes - captured->output.size());
    };
    OutputSink err = [captured](std::string_view piece) {
        captured->errors += piece.substr(0, errors_limit_bytes - captured->errors.size());
    };
    auto end = co_await quietly(run(std::move(spec), std::move(out), std::move(err), true));
    if (!end) co_return std::unexpected(end.error());
    captured->end = *end;
    co_return std::move(*captured);
}

}  // namespace bisectd
