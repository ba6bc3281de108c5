#include "adapters/board/qemu_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <sstream>

#include "adapters/board/waiting.hpp"

extern "C" {  // glibc 2.36 forgot to say so itself
#include <sys/pidfd.h>
}

namespace bisectd::board {
namespace {

/// Start time of a process, in clock ticks since the boot; nothing when it is gone or a zombie.
std::optional<std::uint64_t> start_ticks(pid_t pid) {
    const auto text = read_small(fmt::format("/proc/{}/stat", pid), 4096);
    // The name stands in brackets and may hold anything, brackets too: look from the end.
    const auto bracket = text ? text->rfind(')') : std::string::npos;
    if (bracket == std::string::npos) return std::nullopt;
    std::istringstream words(text->substr(bracket + 1));
    std::string word;
    for (int field = 3; field <= 22; ++field) {  // numbers of proc(5): 3 state, 22 start time
        if (!(words >> word)) return std::nullopt;
        if (field == 3 && (word == "Z" || word == "X")) return std::nullopt;
    }
    std::uint64_t ticks = 0;
    const auto parsed = std::from_chars(word.data(), word.data() + word.size(), ticks);
    return parsed.ec == std::errc{} ? std::optional(ticks) : std::nullopt;
}

bool is_qemu_in(pid_t pid, const std::string& folder) {
    const auto command = read_small(fmt::format("/proc/{}/cmdline", pid));
    if (!command || !command->starts_with("qemu-system-")) return false;
    struct stat cwd{}, wanted{};
    return stat(fmt::format("/proc/{}/cwd", pid).c_str(), &cwd) == 0 &&
           stat(folder.c_str(), &wanted) == 0 && cwd.st_dev == wanted.st_dev &&
           cwd.st_ino == wanted.st_ino;
}

struct Record {
    pid_t pid = 0;
    std::uint64_t ticks = 0;
};

std::optional<Record> read_record(const std::string& folder) {
    const auto text = read_small(folder + "/" + board_file::pid, 256);
    if (!text) return std::nullopt;
    Record record;
    std::istringstream words(*text);
    if (!(words >> record.pid >> record.ticks) || record.pid <= 1) return std::nullopt;
    return record;
}

/// What the child needs, made before the fork: after it only plain system calls are allowed.
struct Launch {
    std::string folder, program;
    std::vector<char*> arguments;
    Handle nothing, errors, barrier;
};

[[noreturn]] void become_qemu(const Launch& launch) {
    setsid();
    struct sigaction plain{};
    plain.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) sigaction(number, &plain, nullptr);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    char go = 0;
    // Nothing is read when the daemon died before it recorded us: then we never were.
    if (read(launch.barrier.get(), &go, 1) != 1 || chdir(launch.folder.c_str()) != 0) _exit(126);
    dup2(launch.nothing.get(), STDIN_FILENO);
    dup2(launch.errors.get(), STDOUT_FILENO);
    dup2(launch.errors.get(), STDERR_FILENO);
    close_range(3, ~0U, 0);
    execv(launch.program.c_str(), launch.arguments.data());
    constexpr char message[] = "the program cannot be executed\n";
    const ssize_t wrote = write(STDERR_FILENO, message, sizeof message - 1);
    _exit(wrote > 0 ? 127 : 126);
}

}  // namespace

std::optional<QemuProcess> QemuProcess::find(const std::string& folder) {
    const auto record = read_record(folder);
    if (!record) return std::nullopt;
    Handle pidfd{pidfd_open(record->pid, 0)};
    if (!pidfd) return std::nullopt;
    QemuProcess found(record->pid, std::move(pidfd));
    // Looked at after the descriptor was opened: what fits now is what the descriptor holds.
    const bool same = start_ticks(record->pid) == record->ticks && is_qemu_in(record->pid, folder);
    if (!same) {
        if (start_ticks(record->pid) == std::nullopt) static_cast<void>(found.ended());
        return std::nullopt;
    }
    return found;
}

Result<QemuProcess> QemuProcess::start(const std::string& folder, QemuCommand command) {
    const std::string error_path = folder + "/" + board_file::errors;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return infrastructure(folder, "no pipe: " + reason(errno));
    Handle release{ends[1]};
    Launch launch{folder, command.program, {}, Handle{}, Handle{}, Handle{ends[0]}};
    for (auto& argument : command.arguments) launch.arguments.push_back(argument.data());
    launch.arguments.push_back(nullptr);
    launch.nothing = Handle(open("/dev/null", O_RDWR | O_CLOEXEC));
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC;
    launch.errors = Handle(open(error_path.c_str(), flags, 0640));
    if (!launch.nothing || !launch.errors)
        return infrastructure(error_path, "cannot be written: " + reason(errno));

    const pid_t pid = fork();
    if (pid < 0) return infrastructure(command.program, "cannot be started: " + reason(errno));
    if (pid == 0) {
        // Ours must go first: else the child would hold its own barrier open.
        close(release.get());
        become_qemu(launch);
    }
    Handle pidfd{pidfd_open(pid, 0)};
    const auto ticks = start_ticks(pid);
    auto recorded = write_atomically(folder + "/" + board_file::pid,
                                     fmt::format("{} {}\n", pid, ticks.value_or(0)));
    if (!recorded || !pidfd || !ticks) {
        release = Handle{};  // the child ends by itself
        waitpid(pid, nullptr, 0);
        if (!recorded) return std::unexpected(recorded.error());
        return infrastructure(command.program, "its process cannot be watched");
    }
    if (write(release.get(), "g", 1) != 1)
        return infrastructure(command.program, "cannot be released: " + reason(errno));
    return QemuProcess(pid, std::move(pidfd));
}

bool QemuProcess::ended() const {
    pollfd question{pidfd_.get(), POLLIN, 0};
    if (poll(&question, 1, 0) <= 0) return false;
    siginfo_t ignored{};  // after a restart of ours it is no child: then init collects it
    waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &ignored, WEXITED | WNOHANG);
    return true;
}

Task<Result<void>> QemuProcess::kill(std::chrono::milliseconds limit) {
    const std::string where = fmt::format("QEMU process {}", pid_);
    if (ended()) co_return Result<void>{};
    if (pidfd_send_signal(pidfd_.get(), SIGKILL, nullptr, 0) != 0 && errno != ESRCH)
        co_return infrastructure(where, "cannot be killed: " + reason(errno));
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::posix::stream_descriptor watched(executor,
                                                  fcntl(pidfd_.get(), F_DUPFD_CLOEXEC, 0));
    auto gone = watched.async_wait(boost::asio::posix::descriptor_base::wait_read, as_result);
    co_await within(limit, std::move(gone));
    if (ended()) co_return Result<void>{};
    co_return infrastructure(where, fmt::format("was killed but is not gone after {} ms: it hangs "
                                                "in the kernel (disk or network file system?)",
                                                limit.count()));
}

}  // namespace bisectd::board
