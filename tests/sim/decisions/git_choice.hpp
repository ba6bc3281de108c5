#pragma once
#include <optional>
#include <vector>

#include "tests/sim/decisions/range.hpp"

namespace bisectd::simulate {

/// `git bisect` without its repository: which commit it tests next, also after skips.
/// Source: the behaviour of git's bisect.c (halves by distance, merges first, an early end when
/// near enough to the half; after a skip all commits by distance, and a pseudo-random step away).
/// Ties are broken by the order of the range; git's own list is in order of commit dates.
class GitChoice {
  public:
    explicit GitChoice(const Range& range);

    void good(CommitIndex commit);
    void bad(CommitIndex commit) { bad_ = commit; }
    void skip(CommitIndex commit);

    /// The commit to test; nothing when git is done.
    std::optional<CommitIndex> next() const;
    /// What git would print at its end: the first bad commit, with the skipped suspects.
    CommitSet answer() const;

  private:
    struct Weighed {
        CommitIndex commit = 0;
        std::size_t distance = 0;
    };
    CommitSet suspects() const;
    std::vector<std::size_t> weights(const CommitSet& suspects) const;
    CommitIndex nearest_half(const CommitSet& suspects) const;
    CommitIndex away_from_skips(const CommitSet& suspects) const;
    static std::vector<CommitIndex> merges_first(const Range& range, const CommitSet& suspects);

    const Range* range_;
    CommitIndex bad_;
    CommitSet good_;
    CommitSet skipped_;
    bool any_skip_ = false;
};

}  // namespace bisectd::simulate
