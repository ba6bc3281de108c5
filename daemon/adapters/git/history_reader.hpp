#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/git/git_program.hpp"
#include "adapters/git/names.hpp"
#include "core/history.hpp"
#include "ports/task.hpp"

namespace boost::asio {
class thread_pool;
}

namespace bisectd::git {

/// What part of the history between the ends is wanted.
struct RangeLimits {
    bool first_parent = false;
    std::vector<std::string> paths;  ///< empty: no limit
};

/// Reads histories from one mirror: by its commit-graph, and by the git program where that does
/// not serve (path limits; shallow, replaced or damaged histories).
class HistoryReader {
  public:
    HistoryReader(boost::asio::thread_pool& pool, const GitProgram& program, std::string mirror)
        : pool_(pool), program_(program), mirror_(std::move(mirror)) {}

    /// The commits of `bad ^good...`, the bad end last. A path limit leaves out what does not
    /// touch the paths and joins the rest; what is only there to join does not count.
    /// Errors: request when nothing in the range touches the paths, or a path is none.
    Task<Result<std::vector<History::Commit>>> range(Ends ends, RangeLimits limits) const;

    /// Whether `tip` is one of `wanted` or has one of them as an ancestor.
    Task<Result<bool>> reaches_any(CommitId tip, std::vector<CommitId> wanted) const;

    /// As git counts them for a bisection: of the bad end with all good ends together, without
    /// the good ends themselves.
    Task<Result<std::vector<CommitId>>> merge_bases(Ends ends) const;

  private:
    Task<Result<std::string>> list(Ends ends, RangeLimits limits, bool with_parents) const;
    Task<Result<std::vector<History::Commit>>> limited(Ends ends, RangeLimits limits) const;

    boost::asio::thread_pool& pool_;
    const GitProgram& program_;
    std::string mirror_;
};

/// Reads the output of `git rev-list --parents --topo-order`: one commit a line, then its parents;
/// children first. Parents that are not listed are outside the range.
/// Errors: infrastructure when it is no such list.
Result<std::vector<History::Commit>> parse_listing(std::string_view listing);

}  // namespace bisectd::git
