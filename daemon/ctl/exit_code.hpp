#pragma once
namespace bisectd::ctl {

/// What bisectctl ends with. Written down in docs/api.md and in --help; never renumbered.
enum ExitCode : int {
    exit_ok = 0,            ///< done; for watch: the culprit was found
    exit_refused = 1,       ///< the daemon said no, or doctor found something
    exit_usage = 2,         ///< the command line is wrong
    exit_inconclusive = 3,  ///< watch: it ended inconclusive, or the range is wrong
    exit_failed = 4,        ///< watch: it failed or was cancelled
    exit_unreachable = 5,   ///< the daemon is not reachable
    exit_left = 130,        ///< Ctrl-C left a watch; the bisection goes on
};

}  // namespace bisectd::ctl
