#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/history.hpp"

namespace bisectd::simulate {

/// One bit a commit.
using CommitSet = std::vector<std::uint64_t>;

inline bool contains(const CommitSet& set, CommitIndex commit) {
    return (set[commit / 64] >> (commit % 64)) & 1;
}
inline void insert(CommitSet& set, CommitIndex commit) {
    set[commit / 64] |= std::uint64_t{1} << (commit % 64);
}
std::size_t count(const CommitSet& set);

/// The history that is bisected, with who descends from whom kept as one bit a pair: the truth and
/// `git bisect` are told by it. (The engine has its own.)
class Range {
  public:
    explicit Range(History history);

    const History& history() const { return history_; }
    CommitIndex size() const { return history_.size(); }
    CommitIndex bad_end() const { return size() - 1; }
    /// The commits that `commit` contains, itself as well.
    const CommitSet& ancestors(CommitIndex commit) const { return ancestors_[commit]; }
    bool has(CommitIndex commit, CommitIndex ancestor) const {
        return contains(ancestors_[commit], ancestor);
    }
    /// A child of each commit, itself where it has none: one way down the history.
    CommitIndex first_child(CommitIndex commit) const { return first_child_[commit]; }
    CommitSet none() const { return CommitSet((size() + 63) / 64, 0); }
    CommitSet all() const { return ancestors_.back(); }

  private:
    History history_;
    std::vector<CommitSet> ancestors_;
    std::vector<CommitIndex> first_child_;
};

/// The longest history that `Range` takes: 110 MB of bits.
constexpr std::size_t longest_range = 30'000;

/// A line of `length` commits.
Result<Range> chain(std::size_t length);
/// A file with one commit a line, parents before children: id, then positions of its parents.
Result<Range> history_file(const std::string& path);
/// What `git rev-list range` names in `repository`; `range` is "A..B".
Result<Range> repository_range(const std::string& repository, const std::string& range);

}  // namespace bisectd::simulate
