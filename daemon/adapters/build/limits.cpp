#include "adapters/build/limits.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>

#include "adapters/build/file_access.hpp"
#include "adapters/process/spawn.hpp"

namespace bisectd::build {
namespace {

namespace fs = std::filesystem;

/// More processes and threads than a build of anything needs; a fork bomb ends here.
constexpr unsigned most_processes = 8192;
/// Of 1000. Source: proc(5), oom_score_adj; the daemon itself stays at 0.
constexpr const char* killed_first = "500";
constexpr std::size_t kernel_file_limit_bytes = 1 << 20;

/// Nothing when it was written whole. Files of the kernel take a value by one write(2).
std::string write_value(const std::string& file, const std::string& value) {
    const process::Descriptor out{open(file.c_str(), O_WRONLY | O_CLOEXEC)};
    if (out && write(out.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size()))
        return {};
    return fmt::format("cannot write '{}' to {}: {}", value, file, std::strerror(errno));
}

bool has_word(std::string_view text, std::string_view word) {
    for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || text[at - 1] == ' ') &&
            (end == text.size() || text[end] == ' ' || text[end] == '\n'))
            return true;
    }
    return false;
}

/// The group of version 2 that this process is in; the file's line for it begins with "0::".
std::optional<std::string> own_group(const ControlGroups& groups) {
    const auto text = read_file(groups.own, kernel_file_limit_bytes);
    if (!text) return std::nullopt;
    std::string_view rest = *text;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        if (line.starts_with("0::/") && line.find("..") == line.npos)
            return groups.mount + std::string(line.size() > 4 ? line.substr(3) : "");
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    }
    return std::nullopt;
}

/// A group that the service manager gave away is our user's, or carries its mark. Any other is not
/// ours to change, even where root could.
bool is_delegated(const std::string& group) {
    struct stat info{};
    if (stat(group.c_str(), &info) != 0 || access(group.c_str(), W_OK) != 0) return false;
    if (info.st_uid == geteuid() && geteuid() != 0) return true;
    for (const char* mark : {"trusted.delegate", "user.delegate"}) {
        char value = '0';
        if (getxattr(group.c_str(), mark, &value, 1) == 1 && value == '1') return true;
    }
    return false;
}

/// Moves every process of `from`; more may come while we look.
std::string move_all(const std::string& from, const std::string& to) {
    for (int round = 0; round < 10; ++round) {
        const auto text = read_file(from + "/cgroup.procs", kernel_file_limit_bytes);
        if (!text) return describe(text.error());
        if (text->empty()) return {};
        std::string failed;
        std::string_view rest = *text;
        while (!rest.empty()) {
            const std::string line(rest.substr(0, rest.find('\n')));
            failed = write_value(to + "/cgroup.procs", line);
            rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        }
        if (round == 9) return failed;
    }
    return {};
}

std::string shown_bytes(std::uint64_t bytes) {
    return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1ULL << 30));
}

/// The first processors that we may run on, as taskset(1) takes them.
std::string first_processors(unsigned count) {
    cpu_set_t set;
    std::string list;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return list;
    for (unsigned number = 0; number < CPU_SETSIZE && count > 0; ++number) {
        if (!CPU_ISSET(number, &set)) continue;
        list += (list.empty() ? "" : ",") + std::to_string(number);
        --count;
    }
    return list;
}

}  // namespace

Limits::Limits(const ConfinementSpec& spec, ControlGroups groups)
    : spec_(spec), groups_(std::move(groups)) {}

std::uint64_t Limits::memory_bytes() const {
    if (spec_.memory_bytes > 0 || group_.empty()) return spec_.memory_bytes;
    const auto pages = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES));
    return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 10 * 9;
}

void Limits::take_control_group() {
    const auto own = own_group(groups_);
    if (!own || !is_delegated(*own)) {
        no_group_ = "none is delegated to us";
        return;
    }
    const auto controllers = read_file(*own + "/cgroup.controllers", kernel_file_limit_bytes);
    if (!controllers || !has_word(*controllers, "memory")) {
        no_group_ = "ours has no memory controller";
        return;
    }
    std::error_code failed;
    fs::create_directory(*own + "/daemon", failed);
    if (!failed) fs::create_directory(*own + "/builds", failed);
    no_group_ = failed ? failed.message() : move_all(*own, *own + "/daemon");
    for (const char* controller : {"memory", "cpu", "pids"})
        if (no_group_.empty() && has_word(*controllers, controller))
            no_group_ =
                write_value(*own + "/cgroup.subtree_control", std::string("+") + controller);
    if (!no_group_.empty()) return;
    group_ = *own + "/builds";
    no_group_ = limit_group();
    if (!no_group_.empty()) group_.clear();
}

std::string Limits::limit_group() const {
    std::string failed = write_value(group_ + "/memory.max", std::to_string(memory_bytes()));
    // A build that lost one compiler is spoiled: all of it ends at once.
    if (failed.empty()) failed = write_value(group_ + "/memory.oom.group", "1");
    if (failed.empty() && fs::exists(group_ + "/pids.max"))
        failed = write_value(group_ + "/pids.max", std::to_string(most_processes));
    // Unit: microseconds of processor time in each 100 000.
    if (failed.empty() && spec_.processors > 0 && fs::exists(group_ + "/cpu.max"))
        failed = write_value(group_ + "/cpu.max",
                             std::to_string(spec_.processors * 100'000) + " 100000");
    return failed;
}

std::vector<std::string> Limits::applied_to(std::vector<std::string> command) const {
    std::vector<std::string> whole;
    if (!group_.empty())
        whole = {"sh", "-c", "echo 0 >\"$0\" && exec \"$@\"", group_ + "/cgroup.procs"};
    else if (spec_.memory_bytes > 0)
        whole = {"prlimit", "--as=" + std::to_string(spec_.memory_bytes), "--"};
    const bool by_group = !group_.empty() && access((group_ + "/cpu.max").c_str(), F_OK) == 0;
    const std::string processors = first_processors(spec_.processors);
    if (spec_.processors > 0 && !by_group && !processors.empty())
        whole.insert(whole.end(), {"taskset", "-c", processors});
    whole.insert(whole.end(), {"choom", "-n", killed_first, "--"});
    whole.insert(whole.end(), std::make_move_iterator(command.begin()),
                 std::make_move_iterator(command.end()));
    return whole;
}

std::string Limits::sentence() const {
    std::string text;
    if (!group_.empty())
        text = fmt::format("at most {} of memory together", shown_bytes(memory_bytes()));
    else if (spec_.memory_bytes > 0)
        text = fmt::format("at most {} of memory for each process", shown_bytes(memory_bytes()));
    if (spec_.processors > 0)
        text += fmt::format("{}{} processor{}", text.empty() ? "" : " and ", spec_.processors,
                            spec_.processors == 1 ? "" : "s");
    return text;
}

std::string Limits::place() const {
    return group_.empty()
               ? "limits hold for each process by itself (control group: " + no_group_ + ")"
               : "limits hold for all of a build (control group " + group_ + ")";
}

std::uint64_t Limits::kills() const {
    if (group_.empty()) return 0;
    const auto text = read_file(group_ + "/memory.events", kernel_file_limit_bytes);
    if (!text) return 0;
    constexpr std::string_view key = "oom_kill ";
    const auto at = text->starts_with(key) ? 0 : text->find("\noom_kill ");
    if (at == std::string::npos) return 0;
    const auto start = text->find(key, at) + key.size();
    std::uint64_t count = 0;
    std::from_chars(text->data() + start, text->data() + text->size(), count);
    return count;
}

std::string Limits::memory_advice() const {
    if (memory_bytes() == 0) return {};
    return fmt::format(
        "builds may take {}{} ('memory' of [builds] in bisectd.toml): allow more, or "
        "fewer 'jobs'",
        shown_bytes(memory_bytes()), group_.empty() ? " in each process" : " together");
}

}  // namespace bisectd::build
