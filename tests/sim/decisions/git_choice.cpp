#include "tests/sim/decisions/git_choice.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace bisectd::simulate {
namespace {

/// git's own pseudo-random number of how many commits are left, and its whole square root.
/// Source: the constants of git's bisect.c; with others its choice would differ.
constexpr unsigned pseudo_random_limit = 32768;
unsigned pseudo_random(unsigned count) {
    const unsigned mixed = count * 1103515245u + 12345u;
    return (mixed / 65536u) % pseudo_random_limit;
}
std::size_t whole_root(std::size_t square) {
    std::size_t root = 0;
    while ((root + 1) * (root + 1) <= square) ++root;
    return root;
}

}  // namespace

GitChoice::GitChoice(const Range& range)
    : range_(&range), bad_(range.bad_end()), good_(range.none()), skipped_(range.none()) {}

void GitChoice::good(CommitIndex commit) {
    const CommitSet& cleared = range_->ancestors(commit);
    for (std::size_t word = 0; word < good_.size(); ++word) good_[word] |= cleared[word];
}

void GitChoice::skip(CommitIndex commit) {
    insert(skipped_, commit);
    any_skip_ = true;
}

CommitSet GitChoice::suspects() const {
    CommitSet set = range_->ancestors(bad_);
    for (std::size_t word = 0; word < set.size(); ++word) set[word] &= ~good_[word];
    return set;
}

/// How many suspects each suspect contains.
std::vector<std::size_t> GitChoice::weights(const CommitSet& suspects) const {
    std::vector<std::size_t> weights(range_->size(), 0);
    for (CommitIndex commit = 0; commit <= bad_; ++commit) {
        if (!contains(suspects, commit)) continue;
        std::size_t parents = 0;
        CommitIndex parent = 0;
        for (const CommitIndex each : range_->history().parents(commit))
            if (contains(suspects, each)) ++parents, parent = each;
        if (parents <= 1) {
            weights[commit] = 1 + (parents == 1 ? weights[parent] : 0);
            continue;
        }
        const CommitSet& inside = range_->ancestors(commit);
        for (std::size_t word = 0; word <= commit / 64; ++word)
            weights[commit] += std::popcount(inside[word] & suspects[word]);
    }
    return weights;
}

/// The order in which git looks for one near enough to the half: merges, then the others; never a
/// suspect without a suspected parent.
std::vector<CommitIndex> GitChoice::merges_first(const Range& range, const CommitSet& suspects) {
    std::vector<CommitIndex> merges, others;
    for (CommitIndex commit = 0; commit < range.size(); ++commit) {
        if (!contains(suspects, commit)) continue;
        const auto parents = std::ranges::count_if(
            range.history().parents(commit),
            [&suspects](CommitIndex parent) { return contains(suspects, parent); });
        if (parents > 1) merges.push_back(commit);
        if (parents == 1) others.push_back(commit);
    }
    merges.insert(merges.end(), others.begin(), others.end());
    return merges;
}

CommitIndex GitChoice::nearest_half(const CommitSet& suspects) const {
    const auto all = static_cast<long>(count(suspects));
    const std::vector<std::size_t> weight = weights(suspects);
    for (const CommitIndex commit : merges_first(*range_, suspects)) {
        const long off = std::abs(2 * static_cast<long>(weight[commit]) - all);
        if (off <= 1 || off < all / 1024) return commit;
    }
    CommitIndex best = bad_;
    long best_distance = -1;
    for (CommitIndex commit = 0; commit <= bad_; ++commit) {
        if (!contains(suspects, commit)) continue;
        const auto inside = static_cast<long>(weight[commit]);
        const long distance = std::min(inside, all - inside);
        if (distance > best_distance) best_distance = distance, best = commit;
    }
    return best;
}

CommitIndex GitChoice::away_from_skips(const CommitSet& suspects) const {
    const std::size_t all = count(suspects);
    const std::vector<std::size_t> weight = weights(suspects);
    std::vector<Weighed> sorted;
    for (CommitIndex commit = 0; commit <= bad_; ++commit)
        if (contains(suspects, commit))
            sorted.push_back({commit, std::min(weight[commit], all - weight[commit])});
    std::ranges::sort(sorted, [this](const Weighed& left, const Weighed& right) {
        if (left.distance != right.distance) return left.distance > right.distance;
        return range_->history().id(left.commit) < range_->history().id(right.commit);
    });
    std::vector<CommitIndex> untried;
    for (const Weighed& each : sorted)
        if (!contains(skipped_, each.commit)) untried.push_back(each.commit);
    if (untried.empty()) return bad_;
    if (!contains(skipped_, sorted.front().commit)) return untried.front();
    const std::size_t drawn = pseudo_random(static_cast<unsigned>(untried.size()));
    const std::size_t index = untried.size() * drawn / pseudo_random_limit * whole_root(drawn) /
                              whole_root(pseudo_random_limit);
    if (index >= untried.size()) return untried.front();
    if (untried[index] != bad_) return untried[index];
    return index > 0 ? untried[index - 1] : untried.front();
}

std::optional<CommitIndex> GitChoice::next() const {
    const CommitSet left = suspects();
    const CommitIndex chosen = any_skip_ ? away_from_skips(left) : nearest_half(left);
    if (chosen == bad_) return std::nullopt;
    return chosen;
}

CommitSet GitChoice::answer() const {
    CommitSet set = suspects();
    for (std::size_t word = 0; word < set.size(); ++word) set[word] &= skipped_[word];
    insert(set, bad_);
    return set;
}

}  // namespace bisectd::simulate
