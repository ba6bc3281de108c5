#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/build_inputs.hpp"
#include "core/culprit_flags.hpp"
#include "core/error.hpp"
#include "core/history.hpp"
#include "core/recipe.hpp"
#include "core/request.hpp"
#include "ports/task.hpp"

namespace bisectd {

/// A range of commits: the ends, and what lies between them.
struct Range {
    CommitId bad;
    std::vector<CommitId> good;
    std::vector<CommitId> merge_bases;  ///< to be tested first: of good ends no ancestors of bad
    std::shared_ptr<const History> history;
};

struct CommitInfo {
    CommitId id;
    std::string tree;  ///< id of its tree object
    std::vector<CommitId> parents;
    std::string subject;                 ///< first line; hostile text
    std::string message;                 ///< hostile text
    std::string author;                  ///< "Name <mail>"
    std::int64_t author_time_s_utc = 0;  ///< Unit: seconds since 1970 UTC
};

/// History of the user's clone, read through an own bare mirror; the clone is never changed,
/// its hooks, filters and configuration never run.
class Repository {
  public:
    virtual ~Repository() = default;
    /// Brings the mirror up to date and resolves the names of a request, in the user's clone.
    /// Errors: request when a name is unknown or ambiguous, the ends are swapped, equal or
    /// unrelated, or a shallow border cuts the range; infrastructure when git or the disk fails.
    virtual Task<Result<Range>> resolve(StartRequest request) = 0;
    /// The same range again from full ids (after a restart), from the mirror only.
    virtual Task<Result<Range>> load(StartRequest request, CommitId bad,
                                     std::vector<CommitId> good) = 0;
    /// The commit that a name means in the user's clone: a tag, branch, full or short id.
    /// Errors: request when it is unknown, ambiguous or no commit.
    virtual Task<Result<CommitId>> resolve_name(std::string repository, std::string name) = 0;
    virtual Task<Result<CommitInfo>> commit(std::string repository, CommitId id) = 0;
    /// The patches of the stack that `commit` needs, in order, by ancestry.
    virtual Task<Result<std::vector<Patch>>> patches_for(std::string repository, CommitId commit,
                                                         std::vector<Patch> stack) = 0;
    /// The commits of `history` that a build like the one that read `inputs` cannot tell from one
    /// of their parents: no path that it reads differs (of a merge, from any one of its parents; of
    /// a file that moved both names count). In the history's order. `first_parent`: every commit is
    /// compared with its first parent only. Nothing is unlikely when the inputs are empty.
    /// Errors: infrastructure, cancelled.
    virtual Task<Result<std::vector<CommitId>>> unlikely(std::string repository,
                                                         std::shared_ptr<const History> history,
                                                         std::shared_ptr<const BuildInputs> inputs,
                                                         bool first_parent) = 0;
    /// What one commit changed against its first parent; of a merge only what differs from all
    /// its parents. Errors: request when there is no such commit; infrastructure.
    virtual Task<Result<CommitChange>> change(std::string repository, CommitId id) = 0;
    /// The same as a patch, hostile text, its first 512 KiB.
    /// Errors: request when there is no such commit; infrastructure.
    virtual Task<Result<std::string>> diff(std::string repository, CommitId id) = 0;
    /// A file as a commit has it, hostile text, its first 4 MiB; nothing when there is none.
    /// Errors: request when there is no such commit; infrastructure.
    virtual Task<Result<std::optional<std::string>>> file(std::string repository, CommitId commit,
                                                          std::string path) = 0;
    /// Path of the bare mirror of this clone (made by `resolve`).
    virtual std::string mirror(const std::string& repository) const = 0;
};

}  // namespace bisectd
