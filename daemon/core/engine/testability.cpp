#include "core/engine/testability.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

namespace bisectd::engine {
namespace {

/// Before anything failed to build.
constexpr double untestable_at_first = 0.01;
/// Whatever the model of breaks says, it may be wrong: a commit that is not enclosed gets its try
/// before a set is called the answer.
constexpr double most_sure = 0.98;
/// Source: 430 of 442 builds of commits between two broken ones of 100 virtual bisects failed.
constexpr double enclosed_untestable = 0.995;
/// Two broken commits with more than this between them may well belong to two breaks: a test in the
/// middle is worth it. So the inside of a stretch takes a logarithmic number of tests.
constexpr std::size_t most_enclosed = 20;
/// Unless many between them are broken too: then one stretch explains all of them.
constexpr std::size_t part_of_a_stretch = 3;

double count(const std::vector<std::uint64_t>& commits) {
    int sum = 0;
    for (std::uint64_t word : commits) sum += std::popcount(word);
    return sum;
}

double count_both(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
    int sum = 0;
    for (std::size_t w = 0; w < std::min(a.size(), b.size()); ++w)
        sum += std::popcount(a[w] & b[w]);
    return sum;
}

/// What one has among its ancestors and the other has not.
double count_more(const Ancestry& ancestry, CommitIndex one, CommitIndex other) {
    const auto a = ancestry.ancestors(one), b = ancestry.ancestors(other);
    int sum = 0;
    for (std::size_t w = 0; w < a.size(); ++w)
        sum += std::popcount(w < b.size() ? a[w] & ~b[w] : a[w]);
    return sum;
}

}  // namespace

Testability::Testability(const Ancestry& ancestry, const std::vector<Tried>& tried)
    : ancestry_(&ancestry), tried_(tried) {
    // A commit that could be tested once is testable.
    std::sort(tried_.begin(), tried_.end(), [](const Tried& a, const Tried& b) {
        return a.commit != b.commit ? a.commit < b.commit : a.testable > b.testable;
    });
    tried_.erase(std::unique(tried_.begin(), tried_.end(),
                             [](const Tried& a, const Tried& b) { return a.commit == b.commit; }),
                 tried_.end());
    any_untestable_ =
        std::any_of(tried_.begin(), tried_.end(), [](const Tried& one) { return !one.testable; });
    if (!any_untestable_) return;
    // The bad end was seen to run by whoever asked.
    if (tried_.back().commit + 1 != ancestry.size()) tried_.push_back({ancestry.size() - 1, true});
    learn();
    if (ancestry.exact()) find_enclosed();
}

void Testability::find_enclosed() {
    enclosed_.assign(ancestry_->size(), false);
    struct Gap {
        std::size_t first, last;  ///< of `tried_`
        std::vector<CommitIndex> between;
    };
    std::vector<Gap> gaps;
    // The widest gap that begins, and that ends, at each tried commit.
    std::vector<std::size_t> after(tried_.size(), 0), before(tried_.size(), 0);
    for (std::size_t i = 0; i < tried_.size(); ++i) {
        if (tried_[i].testable) continue;
        const std::vector<CommitIndex> since = descendants(tried_[i].commit);
        for (std::size_t j = i + 1; j < tried_.size(); ++j) {
            if (!may_be_one_break(i, j)) continue;
            Gap gap{i, j, {}};
            for (CommitIndex commit : since)
                if (commit < tried_[j].commit && ancestry_->is_ancestor(commit, tried_[j].commit))
                    gap.between.push_back(commit);
            after[i] = std::max(after[i], gap.between.size());
            before[j] = std::max(before[j], gap.between.size());
            gaps.push_back(std::move(gap));
        }
    }
    for (const Gap& gap : gaps) {
        const std::size_t stretch = std::max(before[gap.last], after[gap.first]);
        if (gap.between.size() > std::max(most_enclosed, stretch / part_of_a_stretch)) continue;
        for (CommitIndex commit : gap.between) enclosed_[commit] = true;
    }
}

bool Testability::may_be_one_break(std::size_t first, std::size_t last) const {
    const CommitIndex from = tried_[first].commit, to = tried_[last].commit;
    if (tried_[last].testable || !ancestry_->is_ancestor(from, to)) return false;
    for (std::size_t i = first; i < last; ++i)
        if (tried_[i].testable && ancestry_->is_ancestor(from, tried_[i].commit) &&
            ancestry_->is_ancestor(tried_[i].commit, to))
            return false;  // it mends the first one's break, and so does all that contains it
    return count_both(came_[first], came_[last]) > 0;
}

std::vector<CommitIndex> Testability::descendants(CommitIndex of) const {
    std::vector<CommitIndex> found;
    for (CommitIndex i = of + 1; i < ancestry_->size(); ++i)
        if (ancestry_->is_ancestor(of, i)) found.push_back(i);
    return found;
}

void Testability::learn() {
    for (double share : {0.03, 0.15})
        for (double stretch : {20., 60., 200., 600.})
            patterns_.push_back({share, stretch, share < 0.1 ? 0.7 : 0.3});
    for (std::size_t i = 0; i < tried_.size(); ++i) {
        if (ancestry_->exact()) came_.push_back(unproven(tried_[i].commit, i));
        const Signs of = signs(tried_[i].commit, i);
        double sum = 0;
        for (Pattern& pattern : patterns_) {
            const double chance = untestable(of, pattern);
            pattern.weight *= std::max(tried_[i].testable ? 1 - chance : chance, 1e-6);
            sum += pattern.weight;
        }
        for (Pattern& pattern : patterns_) pattern.weight /= sum;
    }
}

bool Testability::known_untestable(CommitIndex commit) const {
    const auto found =
        std::lower_bound(tried_.begin(), tried_.end(), commit,
                         [](const Tried& one, CommitIndex wanted) { return one.commit < wanted; });
    return found != tried_.end() && found->commit == commit && !found->testable;
}

double Testability::untestable(CommitIndex commit) const {
    const auto found =
        std::lower_bound(tried_.begin(), tried_.end(), commit,
                         [](const Tried& one, CommitIndex wanted) { return one.commit < wanted; });
    if (found != tried_.end() && found->commit == commit) return found->testable ? 0 : 1;
    if (!any_untestable_) return untestable_at_first;
    if (enclosed(commit)) return enclosed_untestable;
    const Signs of = signs(commit, tried_.size());
    double chance = 0;
    double sum = 0;
    for (const Pattern& pattern : patterns_) {
        chance += pattern.weight * untestable(of, pattern);
        sum += pattern.weight;
    }
    return std::min(chance / sum, most_sure);
}

Testability::Commits Testability::unproven(CommitIndex commit, std::size_t among) const {
    const auto all = ancestry_->ancestors(commit);
    Commits left(all.begin(), all.end());
    for (std::size_t i = 0; i < among; ++i) {
        const CommitIndex other = tried_[i].commit;
        if (!tried_[i].testable || other == commit) continue;
        if (!ancestry_->is_ancestor(other, commit)) continue;
        const auto proven = ancestry_->ancestors(tried_[i].commit);
        for (std::size_t w = 0; w < proven.size(); ++w) left[w] &= ~proven[w];
    }
    return left;
}

double Testability::count_since(CommitIndex commit, std::size_t of) const {
    int sum = 0;
    const CommitIndex other = tried_[of].commit;
    const auto all = ancestry_->ancestors(commit);
    const bool is_before = ancestry_->is_ancestor(other, commit);
    if (!is_before) return count_more(*ancestry_, commit, other);
    for (CommitIndex i = other + 1; i <= commit; ++i)
        sum += (all[i / 64] >> (i % 64) & 1) != 0 && ancestry_->is_ancestor(other, i);
    return sum;
}

Testability::Signs Testability::signs(CommitIndex commit, std::size_t among) const {
    if (!ancestry_->exact()) return signs_from_afar(commit, among);
    const Commits mine = unproven(commit, among);
    Signs signs;
    signs.unproven = count(mine);
    std::optional<Break> nearest, cousin;
    const auto nearer = [](double one, double other) { return other < 0 || one < other; };
    for (std::size_t i = 0; i < among; ++i) {
        const CommitIndex other = tried_[i].commit;
        if (other == commit) continue;
        const bool is_after = other > commit && ancestry_->is_ancestor(commit, other);
        if (tried_[i].testable) {
            if (!is_after) continue;
            const double distance = ancestry_->count(other) - ancestry_->count(commit);
            if (nearer(distance, signs.to_whole_after)) signs.to_whole_after = distance;
            continue;
        }
        // A testable commit between the two that has the break also has what mends it.
        const double shared = count_both(came_[i], mine);
        if (shared == 0) continue;
        const double later = count(came_[i]) - shared;
        if (is_after) {
            if (nearer(later, signs.to_broken_after)) signs.to_broken_after = later;
            continue;
        }
        const Break found{later, shared, count_since(commit, i)};
        std::optional<Break>& best = later == 0 ? nearest : cousin;
        if (!best || found.came_later + found.mended < best->came_later + best->mended)
            best = found;
    }
    if (nearest) signs.breaks.push_back(*nearest);
    if (cousin) signs.breaks.push_back(*cousin);
    return signs;
}

Testability::Signs Testability::signs_from_afar(CommitIndex commit, std::size_t among) const {
    // The good end counts as a testable ancestor.
    struct {
        double before, after;
        bool broken_before, broken_after;
    } near{static_cast<double>(ancestry_->count(commit)), -1, false, false};
    double beside = -1;
    bool broken_beside = false;
    for (std::size_t i = 0; i < among; ++i) {
        const CommitIndex other = tried_[i].commit;
        const bool is_before = other < commit && ancestry_->is_ancestor(other, commit);
        const bool is_after = other > commit && ancestry_->is_ancestor(commit, other);
        double& nearest = is_before ? near.before : is_after ? near.after : beside;
        // Histories differ by at least as much as their sizes: that is known without a walk.
        const double at_least = std::abs(static_cast<double>(ancestry_->count(commit)) -
                                         static_cast<double>(ancestry_->count(other)));
        if (nearest >= 0 && at_least >= nearest) continue;
        const auto distance = static_cast<double>(ancestry_->distance(commit, other));
        if (nearest >= 0 && distance >= nearest) continue;
        nearest = distance;
        bool& broken = is_before  ? near.broken_before
                       : is_after ? near.broken_after
                                  : broken_beside;
        broken = !tried_[i].testable;
    }
    // A near cousin tells more than a far relative.
    if (beside >= 0 && beside < near.before && (near.after < 0 || beside < near.after)) {
        if (near.after >= 0 && near.before < near.after) {
            near.after = beside;
            near.broken_after = broken_beside;
        } else {
            near.before = beside;
            near.broken_before = broken_beside;
        }
    }
    Signs signs;
    signs.unproven = near.before;
    if (near.broken_before) signs.breaks.push_back({0, 1, near.before});
    (near.broken_after ? signs.to_broken_after : signs.to_whole_after) = near.after;
    return signs;
}

double Testability::untestable(const Signs& signs, const Pattern& pattern) {
    const double length = pattern.stretch;
    // A break of its own, since it was last testable.
    double whole = 1 - pattern.share * -std::expm1(-signs.unproven / length);
    double least = 1;
    for (const Break& one : signs.breaks) {
        const double all = -std::expm1(-(one.came_later + one.came_before) / length);
        const double has_it =
            std::exp(-one.came_later / length) * -std::expm1(-one.came_before / length) / all;
        least = std::min(least, 1 - has_it * std::exp(-one.mended / length));
    }
    whole *= least;
    double broken = 1 - whole;
    const auto breaks_within = [&pattern, length](double distance) {
        return pattern.share * -std::expm1(-distance / length);
    };
    const auto lasts = [&pattern, length](double distance) {
        return pattern.share + (1 - pattern.share) * std::exp(-distance / length);
    };
    if (signs.to_broken_after >= 0) {
        broken *= lasts(signs.to_broken_after);
        whole *= breaks_within(signs.to_broken_after);
    } else if (signs.to_whole_after >= 0) {
        broken *= 1 - lasts(signs.to_whole_after);
        whole *= 1 - breaks_within(signs.to_whole_after);
    }
    return broken / std::max(broken + whole, 1e-300);
}

}  // namespace bisectd::engine
