#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd {

/// A child process: its own process group, standard input from /dev/null or a file.
struct ProcessSpec {
    std::vector<std::string> arguments;              ///< arguments[0] is searched in PATH
    std::string folder;                              ///< working folder; empty: ours
    std::map<std::string, std::string> environment;  ///< added to (and over) what is kept
    bool keep_environment = true;  ///< false: only PATH, HOME, LANG=C.UTF-8 and `environment`
    std::string output_file;       ///< gets standard output and error as well, appended
    /// What it may print into `output_file`; then it is ended, as by the deadline.
    /// Source: what a kernel's build with all options and each command in full prints, times four.
    std::uint64_t output_limit_bytes = 256ULL << 20;
    std::string input_file;
    std::chrono::milliseconds deadline{60'000};  ///< then TERM, and KILL 5 s later, to the group
    bool low_priority = false;                   ///< nice 10
    int inherited_fd = -1;  ///< stays open in the child at the same number (a lock)
};

/// How it ended.
struct ProcessEnd {
    int exit = -1;
    int signal = 0;  ///< not 0 when a signal ended it
    bool timed_out = false;
    double cpu_seconds = 0;
    bool ok() const { return exit == 0 && signal == 0 && !timed_out; }
};

/// Gets standard output and error as they come, in any pieces.
using OutputSink = std::function<void(std::string_view piece)>;

/// Runs a child to its end; when it has ended, or is cancelled, its whole process group is gone,
/// grandchildren that left the group (setsid) included. Never waits for the end of the pipe alone.
/// Errors: infrastructure when it cannot be started (what says which file) or its output cannot be
/// kept in `output_file`, all of it; cancelled.
Task<Result<ProcessEnd>> run_process(ProcessSpec spec, OutputSink sink);

struct Captured {
    ProcessEnd end;
    std::string output;  ///< standard output only, at most the limit; the rest is dropped
    std::string errors;  ///< standard error, at most 64 KiB
};
/// Runs a child and keeps what it prints.
Task<Result<Captured>> capture(ProcessSpec spec, std::size_t limit_bytes);

}  // namespace bisectd
