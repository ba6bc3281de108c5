#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/commit_id.hpp"

namespace bisectd {

/// Position of a commit in a `History`.
using CommitIndex = std::uint32_t;

/// The commits of a range (`git rev-list bad ^good...`) with the parents that are in the range.
/// Order: topological, parents before children; the bad end is the last commit.
/// Immutable once built; cheap to share between threads.
class History {
  public:
    struct Commit {
        CommitId id;
        std::vector<CommitIndex>
            parents;          ///< only those inside the range; each less than own index
        bool counted = true;  ///< false: a commit that a path limit found to touch nothing
    };

    History() = default;
    /// Requires: parents before children (asserted), ids unique (asserted).
    explicit History(std::vector<Commit> commits);

    CommitIndex size() const { return static_cast<CommitIndex>(commits_.size()); }
    const CommitId& id(CommitIndex commit) const { return commits_[commit].id; }
    bool counted(CommitIndex commit) const { return commits_[commit].counted; }
    std::span<const CommitIndex> parents(CommitIndex commit) const {
        return commits_[commit].parents;
    }
    std::optional<CommitIndex> find(const CommitId& id) const;

    /// One flag a commit: true for `tip` and its ancestors in the range.
    std::vector<bool> ancestors_of(CommitIndex tip) const;

  private:
    std::vector<Commit> commits_;
    std::unordered_map<CommitId, CommitIndex> index_;
};

}  // namespace bisectd
