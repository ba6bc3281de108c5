#include "core/engine/testability.hpp"

#include <algorithm>
#include <cmath>

namespace bisectd::engine {
namespace {

/// Before anything failed to build.
constexpr double untestable_at_first = 0.01;
constexpr double most_sure = 0.999;

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
    for (double share : {0.03, 0.15})
        for (double stretch : {2., 6., 20., 60., 200., 600.})
            patterns_.push_back({share, stretch, share < 0.1 ? 0.7 : 0.3});
    for (std::size_t i = 0; i < tried_.size(); ++i) {
        const Neighbours near = neighbours(tried_[i].commit, i);
        double sum = 0;
        for (Pattern& pattern : patterns_) {
            const double chance = untestable(near, pattern);
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
    const Neighbours near = neighbours(commit, tried_.size());
    double chance = 0;
    double sum = 0;
    for (const Pattern& pattern : patterns_) {
        chance += pattern.weight * untestable(near, pattern);
        sum += pattern.weight;
    }
    return std::min(chance / sum, most_sure);
}

Testability::Neighbours Testability::neighbours(CommitIndex commit, std::size_t among) const {
    // The good end counts as a testable ancestor.
    Neighbours near{static_cast<double>(ancestry_->count(commit)), -1, false, false};
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
    return near;
}

double Testability::untestable(const Neighbours& near, const Pattern& pattern) {
    const auto broken_after = [&pattern](bool broken, double distance) {
        const double memory = std::exp(-distance / pattern.stretch);
        return broken ? pattern.share + (1 - pattern.share) * memory : pattern.share * (1 - memory);
    };
    double broken = broken_after(near.broken_before, near.before);
    double whole = 1 - broken;
    if (near.after >= 0) {
        const double from_broken = broken_after(true, near.after);
        const double from_whole = broken_after(false, near.after);
        broken *= near.broken_after ? from_broken : 1 - from_broken;
        whole *= near.broken_after ? from_whole : 1 - from_whole;
    }
    return broken / std::max(broken + whole, 1e-300);
}

}  // namespace bisectd::engine
