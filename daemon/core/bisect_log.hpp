#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/commit_id.hpp"
#include "core/outcome.hpp"

namespace bisectd {

/// A commit as the log shows it.
struct LoggedCommit {
    CommitId id;
    std::string subject;  ///< hostile text
};

struct LoggedVerdict {
    Verdict verdict = Verdict::uncertain;  ///< uncertain is told to git as skip
    LoggedCommit commit;
};

/// What `git bisect log` tells of a bisection.
struct BisectLog {
    LoggedCommit bad;
    std::vector<LoggedCommit> good;  ///< at least one
    bool first_parent = false;
    std::vector<std::string> paths;       ///< hostile text
    std::vector<LoggedVerdict> verdicts;  ///< those that stand, in the order they were given
    std::optional<LoggedCommit> culprit;
};

/// The log in the format of `git bisect log`; `git bisect replay` takes it.
/// Source: git-bisect(1), builtin/bisect--helper.c (bisect_write, process_replay_line).
std::string git_bisect_log(const BisectLog& log);

}  // namespace bisectd
