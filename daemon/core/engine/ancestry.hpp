#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/history.hpp"

namespace bisectd::engine {

/// Who is whose ancestor in a history, prepared once for many questions. Every commit counts as
/// an ancestor of itself. Copies what it needs: the history need not outlive it. Immutable.
/// Memory: up to `most_exact` commits one bit for each pair in order (n^2/16 bytes); above, some
/// 60 bytes a commit.
class Ancestry {
  public:
    /// Histories up to this size answer every query exactly and at once.
    /// Source: n^2/16 bytes are 56 MB there; longer ranges are not worth the memory.
    static constexpr CommitIndex most_exact = 30'000;
    /// How many tips one sweep serves.
    static constexpr std::size_t tips_a_sweep = 64;

    explicit Ancestry(const History& history);
    explicit Ancestry(const std::shared_ptr<const History>& history) : Ancestry(*history) {}

    CommitIndex size() const { return size_; }
    bool exact() const { return size_ <= most_exact; }
    bool counted(CommitIndex commit) const { return counted_[commit]; }
    /// Position of the commit among all, ordered by id: how ties are broken.
    std::uint32_t rank(CommitIndex commit) const { return rank_[commit]; }
    std::span<const CommitIndex> parents(CommitIndex commit) const {
        return {parents_.data() + first_parent_[commit],
                parents_.data() + first_parent_[commit + 1]};
    }

    bool is_ancestor(CommitIndex ancestor, CommitIndex descendant) const;
    /// How many ancestors a commit has in the range, itself among them.
    std::uint32_t count(CommitIndex commit) const { return count_[commit]; }
    /// Commits that are in one of the two histories and not in the other. Estimated from a sample
    /// where the range is not `exact` and neither is the other's ancestor.
    std::uint32_t distance(CommitIndex a, CommitIndex b) const;

    /// One bit for each commit up to `commit` itself: whether it is among its ancestors.
    /// Requires: `exact`.
    std::span<const std::uint64_t> ancestors(CommitIndex commit) const { return row(commit); }

    /// For each commit one bit a tip: whether it is an ancestor of that tip.
    /// Requires: at most `tips_a_sweep` tips. Cost: one sweep over the history.
    std::vector<std::uint64_t> reached_from(std::span<const CommitIndex> tips) const;

    /// For each commit the sum of `mass` over it and its ancestors. Exact in an `exact` range and
    /// where few commits have a mass; else from a sample, good to two parts in a hundred.
    std::vector<double> sums(const std::vector<double>& mass) const;

  private:
    std::span<const std::uint64_t> row(CommitIndex commit) const {
        return {rows_.data() + first_word_[commit], commit / 64 + 1};
    }
    void fill_rows();
    void sample_evenly();
    std::vector<double> exact_sums(const std::vector<double>& mass) const;
    std::vector<double> sampled_sums(const std::vector<double>& mass) const;

    CommitIndex size_ = 0;
    std::vector<std::uint32_t> first_parent_;
    std::vector<CommitIndex> parents_;
    std::vector<bool> counted_;
    std::vector<std::uint32_t> rank_, count_;
    std::vector<std::size_t> first_word_;  ///< exact: where the row of a commit begins
    std::vector<std::uint64_t> rows_;      ///< exact: one bit for each commit up to the row's own
    std::vector<std::uint64_t> sample_;    ///< else: which of `sampled` even samples are ancestors
};

}  // namespace bisectd::engine
