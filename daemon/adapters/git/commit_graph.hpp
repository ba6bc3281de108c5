#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/commit_id.hpp"
#include "core/history.hpp"

namespace bisectd::git {

/// Reader of git's commit-graph file, mapped into memory: parents and levels of all commits that
/// any reference reaches. 10 to 100 times faster than reading the commits.
/// The file may be damaged or hostile: every offset and number in it is checked before use, and
/// whoever meets a fault gets nothing and asks the git program instead.
/// Source: gitformat-commit-graph(5). Chains of files are not read.
class CommitGraph {
  public:
    /// Place of a commit in the file.
    using Position = std::uint32_t;

    /// Errors: nothing when there is no usable file.
    static std::optional<CommitGraph> open(const std::string& file);

    Position size() const { return size_; }
    std::optional<Position> find(const CommitId& id) const;
    CommitId id(Position position) const;
    /// Length of the longest way to a root; higher than that of every parent. 1 for roots.
    std::uint32_t level(Position position) const;
    /// Replaces `parents`. Errors: false when the file is damaged here.
    bool parents(Position position, std::vector<Position>& parents) const;

  private:
    struct Unmap {
        std::size_t bytes;
        void operator()(const std::byte* begin) const;
    };
    CommitGraph() = default;
    bool read_chunks();
    std::uint32_t number(std::size_t offset) const;
    std::span<const std::byte> raw_id(Position position) const;

    std::unique_ptr<const std::byte, Unmap> data_;
    std::size_t bytes_ = 0;
    std::size_t hash_bytes_ = 20;
    Position size_ = 0;
    std::size_t fanout_ = 0, ids_ = 0, commits_ = 0, edges_ = 0;  ///< offsets; 0: not there
    std::size_t edge_count_ = 0;
};

/// The commits of `bad ^good...`, parents before children, the bad end last, in the order in which
/// a depth-first walk leaves them. `first_parent`: only first parents are followed from `bad`.
/// Errors: nothing when an end is not in the graph, or the graph is damaged.
std::optional<std::vector<History::Commit>> range_of(const CommitGraph& graph, const CommitId& bad,
                                                     const std::vector<CommitId>& good,
                                                     bool first_parent);

/// Whether `tip` is one of `wanted` or has one of them as an ancestor.
/// Errors: nothing when `tip` is not in the graph, or the graph is damaged. Those of `wanted` that
/// are not in the graph are no ancestors of what is.
std::optional<bool> reaches_any(const CommitGraph& graph, const CommitId& tip,
                                const std::vector<CommitId>& wanted);

}  // namespace bisectd::git
