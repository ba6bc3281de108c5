#include "adapters/process/strays.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "adapters/process/spawn.hpp"

namespace bisectd::process {
namespace {

struct Entry {
    pid_t pid = 0, parent = 0, group = 0;
    char state = '?';
};

/// Reads at most `limit` bytes of a file of /proc; empty when it is gone.
std::string read_bounded(const std::string& path, std::size_t limit) {
    Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    std::string text;
    std::array<char, 4096> piece{};
    while (file && text.size() < limit) {
        const ssize_t got = read(file.get(), piece.data(), piece.size());
        if (got <= 0) break;
        text.append(piece.data(), static_cast<std::size_t>(got));
    }
    return text;
}

std::optional<Entry> read_entry(pid_t pid) {
    const std::string text = read_bounded("/proc/" + std::to_string(pid) + "/stat", 4096);
    // The name stands in brackets and may hold anything, brackets too: look from the end.
    const auto bracket = text.rfind(')');
    if (bracket == std::string::npos || bracket + 4 > text.size()) return std::nullopt;
    Entry entry;
    entry.pid = pid;
    entry.state = text[bracket + 2];
    const char* at = text.data() + bracket + 4;
    const char* end = text.data() + text.size();
    const auto parent = std::from_chars(at, end, entry.parent);
    if (parent.ec != std::errc{} || parent.ptr == end) return std::nullopt;
    const auto group = std::from_chars(parent.ptr + 1, end, entry.group);
    if (group.ec != std::errc{}) return std::nullopt;
    return entry;
}

std::vector<Entry> all_processes() {
    std::vector<Entry> result;
    const auto close_folder = [](DIR* folder) { closedir(folder); };
    std::unique_ptr<DIR, decltype(close_folder)> folder{opendir("/proc"), close_folder};
    if (!folder) return result;
    while (const dirent* item = readdir(folder.get())) {
        pid_t pid = 0;
        const char* end = item->d_name + std::strlen(item->d_name);
        if (std::from_chars(item->d_name, end, pid).ptr != end || pid <= 0) continue;
        if (auto entry = read_entry(pid)) result.push_back(*entry);
    }
    return result;
}

}  // namespace

void adopt_orphans() {
    static const bool done = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
    static_cast<void>(done);
}

bool Strays::marked(pid_t pid) const {
    const std::string text = read_bounded("/proc/" + std::to_string(pid) + "/environ", 1 << 20);
    const std::string wanted = std::string(marker_variable) + "=" + marker_;
    for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1))
        if (at == 0 || text[at - 1] == '\0') return true;
    return false;
}

std::size_t Strays::sweep(int signal) {
    const pid_t self = getpid();
    std::map<pid_t, Entry> processes;
    for (const Entry& entry : all_processes()) processes[entry.pid] = entry;

    // Own: the group, what was seen before, and what carries the marker. Only descendants of
    // ours are asked for their environment: everything else cannot come from the child.
    const auto below_us = [&processes, self](pid_t pid) {
        for (int depth = 0; depth < 1000; ++depth) {
            const auto found = processes.find(pid);
            if (found == processes.end()) return false;
            if (found->second.parent == self) return true;
            pid = found->second.parent;
        }
        return false;
    };
    std::size_t left = 0;
    for (const auto& [pid, entry] : processes) {
        if (pid == self || pid == group_) continue;
        if (!below_us(pid)) continue;
        if (entry.group != group_ && !known_.contains(pid) && !marked(pid)) continue;
        known_.insert(pid);
        if (entry.state == 'Z' && entry.parent == self) {
            waitpid(pid, nullptr, WNOHANG);
            continue;
        }
        ++left;
        if (entry.state != 'Z') kill(pid, signal);
    }
    return left;
}

}  // namespace bisectd::process
