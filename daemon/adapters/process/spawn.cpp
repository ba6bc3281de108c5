#include "adapters/process/spawn.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>

namespace bisectd::process {
namespace {

std::string reason(int error) {
    return std::strerror(error);
}

std::string fresh_marker() {
    std::array<unsigned char, 16> bytes{};
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got = getrandom(bytes.data() + filled, bytes.size() - filled, 0);
        if (got > 0) filled += static_cast<std::size_t>(got);
    }
    std::string text;
    for (unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

std::map<std::string, std::string> child_environment(const ProcessSpec& spec,
                                                     const std::string& marker) {
    std::map<std::string, std::string> result;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        const auto equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        std::string name{text.substr(0, equals)};
        if (spec.keep_environment || name == "PATH" || name == "HOME")
            result[name] = text.substr(equals + 1);
    }
    if (!spec.keep_environment) result["LANG"] = "C.UTF-8";
    for (const auto& [name, value] : spec.environment) result[name] = value;
    if (!result.contains("PATH")) result["PATH"] = "/usr/local/bin:/usr/bin:/bin";
    result[marker_variable] = marker;
    return result;
}

struct Pipe {
    Descriptor read_end, write_end;
};

Result<Pipe> make_pipe(const std::string& program) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return infrastructure("process " + program, "cannot make a pipe: " + reason(errno));
    Pipe made{Descriptor{ends[0]}, Descriptor{ends[1]}};
    // Only our end: a child that finds its standard output non-blocking loses what it prints.
    fcntl(ends[0], F_SETFL, fcntl(ends[0], F_GETFL) | O_NONBLOCK);
    return made;
}

/// What the child does between fork and exec.
class Actions {
  public:
    Actions() {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        sigdelset(&all, SIGKILL);
        sigdelset(&all, SIGSTOP);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    Actions(const Actions&) = delete;
    Actions& operator=(const Actions&) = delete;
    ~Actions() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }
    void put(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
    void enter(const std::string& folder) {
        posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    }
    /// Closes everything from 3 up but `kept` (-1: nothing is kept), whatever flags it has.
    void close_all_but(int kept) {
        if (kept >= 3) {
            put(kept, kept);  // the same number: clears close-on-exec
            for (int fd = 3; fd < kept; ++fd) posix_spawn_file_actions_addclose(&actions_, fd);
        }
        posix_spawn_file_actions_addclosefrom_np(&actions_, kept >= 3 ? kept + 1 : 3);
    }
    posix_spawn_file_actions_t* actions() { return &actions_; }
    posix_spawnattr_t* attributes() { return &attributes_; }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

Result<pid_t> start(const ProcessSpec& spec, const std::string& program, Actions& actions,
                    const std::map<std::string, std::string>& environment) {
    std::vector<std::string> settings;
    settings.reserve(environment.size());
    for (const auto& [name, value] : environment)
        settings.push_back(fmt::format("{}={}", name, value));
    std::vector<char*> setting_pointers, argument_pointers;
    for (auto& text : settings) setting_pointers.push_back(text.data());
    setting_pointers.push_back(nullptr);
    std::vector<std::string> arguments = spec.arguments;
    for (auto& text : arguments) argument_pointers.push_back(text.data());
    argument_pointers.push_back(nullptr);

    pid_t pid = -1;
    const int error = posix_spawn(&pid, program.c_str(), actions.actions(), actions.attributes(),
                                  argument_pointers.data(), setting_pointers.data());
    if (error != 0)
        return infrastructure("process " + spec.arguments.front(),
                              fmt::format("cannot start {}: {}", program, reason(error)));
    return pid;
}

Result<void> check_place(const ProcessSpec& spec) {
    const std::string where = "process " + spec.arguments.front();
    if (spec.folder.empty()) return {};
    struct stat info{};
    if (stat(spec.folder.c_str(), &info) != 0)
        return infrastructure(
            where, fmt::format("cannot work in folder {}: {}", spec.folder, reason(errno)));
    if (!S_ISDIR(info.st_mode)) return infrastructure(where, spec.folder + " is not a folder");
    return {};
}

Result<Descriptor> open_input(const ProcessSpec& spec) {
    const std::string file = spec.input_file.empty() ? "/dev/null" : spec.input_file;
    Descriptor input{open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!input)
        return infrastructure("process " + spec.arguments.front(),
                              fmt::format("cannot read its input {}: {}", file, reason(errno)));
    return input;
}

}  // namespace

void Descriptor::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

std::string find_program(const std::string& name, const std::string& path) {
    if (name.find('/') != std::string::npos) return name;
    std::size_t start = 0;
    while (start <= path.size()) {
        const auto colon = std::min(path.find(':', start), path.size());
        const std::string folder = path.substr(start, colon - start);
        const std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
        struct stat info{};
        if (stat(candidate.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
            access(candidate.c_str(), X_OK) == 0)
            return candidate;
        start = colon + 1;
    }
    return {};
}

Result<Child> spawn(const ProcessSpec& spec, bool separate) {
    if (spec.arguments.empty() || spec.arguments.front().empty())
        return std::unexpected(Error{ErrorKind::bug, "process", "no program was named"});
    const std::string& name = spec.arguments.front();
    if (auto place = check_place(spec); !place) return std::unexpected(place.error());

    Child child;
    child.marker = fresh_marker();
    const auto environment = child_environment(spec, child.marker);
    const std::string program = find_program(name, environment.at("PATH"));
    if (program.empty())
        return infrastructure("process " + name,
                              fmt::format("program {} was not found in PATH ({}): install it or "
                                          "mend PATH",
                                          name, environment.at("PATH")));

    auto input = open_input(spec);
    if (!input) return std::unexpected(input.error());
    auto output = make_pipe(name);
    if (!output) return std::unexpected(output.error());
    Result<Pipe> errors = Pipe{};
    if (separate) errors = make_pipe(name);
    if (!errors) return std::unexpected(errors.error());

    Actions actions;
    if (!spec.folder.empty()) actions.enter(spec.folder);
    actions.put(input->get(), STDIN_FILENO);
    actions.put(output->write_end.get(), STDOUT_FILENO);
    actions.put((separate ? *errors : *output).write_end.get(), STDERR_FILENO);
    actions.close_all_but(spec.inherited_fd);
    auto pid = start(spec, program, actions, environment);
    if (!pid) return std::unexpected(pid.error());
    child.pid = *pid;
    if (spec.low_priority) setpriority(PRIO_PGRP, static_cast<id_t>(child.pid), 10);
    child.pidfd = Descriptor{static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0))};
    if (!child.pidfd) {
        const std::string why = reason(errno);
        kill(-child.pid, SIGKILL);
        waitpid(child.pid, nullptr, 0);
        return infrastructure("process " + name, "cannot watch it (pidfd): " + why);
    }
    child.output = std::move(output->read_end);
    child.errors = std::move(errors->read_end);
    return child;
}

}  // namespace bisectd::process
