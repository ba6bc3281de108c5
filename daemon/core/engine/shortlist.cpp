#include "core/engine/shortlist.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace bisectd::engine {
namespace {

constexpr double certain = 1e-4;  ///< closer to 0 or 1 than this, a test tells nothing
constexpr std::size_t bins = 40;

class Shortlist {
  public:
    explicit Shortlist(const Scene& scene)
        : scene_(scene), taken_(scene.ancestry.size(), false), per_bin_(3), near_half_(16) {
        for (std::size_t column = 0; column < scene.beliefs.size(); ++column)
            if (scene.testability_for(column).any_untestable()) per_bin_ = 8;
        // Where every candidate costs a walk over a million commits, one sweep must do.
        if (!scene.ancestry.exact()) {
            per_bin_ = 1;
            near_half_ = 8;
        }
    }

    std::vector<Candidate> make() {
        const Question& question = scene_.question;
        for (const BoardNow& board : question.boards) {
            if (board.booted) take(*board.booted);
            if (board.busy_at) take(*board.busy_at);
        }
        take({scene_.ancestry.size() - 1, false});
        take_outside();
        for (std::size_t column = 0; column < question.columns.size(); ++column)
            if (scene_.searched[column]) take_for(column);
        std::sort(spots_.begin(), spots_.end(), [](Spot a, Spot b) {
            return a.outside != b.outside ? b.outside : a.index < b.index;
        });
        spots_.erase(std::unique(spots_.begin(), spots_.end()), spots_.end());
        std::vector<Candidate> candidates;
        candidates.reserve(spots_.size());
        for (Spot spot : spots_) candidates.push_back(priced(spot));
        return candidates;
    }

  private:
    void take(Spot spot) {
        if (!spot.outside) {
            if (taken_[spot.index]) return;
            taken_[spot.index] = true;
        }
        spots_.push_back(spot);
    }

    void take_outside() {
        const std::size_t outside = scene_.question.outside;
        if (outside == 0) return;
        // All of them tell the same; the cheapest will do.
        const auto& built = scene_.question.costs.outside_built;
        CommitIndex cheapest = 0;
        for (CommitIndex i = 0; i < outside && i < built.size(); ++i)
            if (built[i] && !built[cheapest]) cheapest = i;
        take({cheapest, true});
    }

    void take_for(std::size_t column) {
        const Belief& belief = scene_.beliefs[column];
        testability_ = &scene_.testability_for(column);
        const double older = belief.classes()[Belief::older].tilted_mass;
        bad_ = scene_.ancestry.sums(belief.culprit_masses(true));
        for (double& bad : bad_) bad += older;
        for (const Tested& tested : belief.tested())
            if (!tested.at.outside && uncertain(tested.at.index)) take(tested.at);
        for (CommitIndex hint : scene_.question.hints) {
            if (uncertain(hint)) take({hint, false});
            for (CommitIndex parent : scene_.ancestry.parents(hint))
                if (uncertain(parent)) take({parent, false});
        }
        for (const Building& building : scene_.question.building)
            if (uncertain(building.commit)) take({building.commit, false});
        std::vector<CommitIndex> built;
        for (CommitIndex commit : scene_.question.costs.built)
            if (uncertain(commit)) built.push_back(commit);
        std::sort(built.begin(), built.end());
        take_some(built);
        std::vector<CommitIndex> all;
        for (CommitIndex i = 0; i < bad_.size(); ++i)
            if (uncertain(i)) all.push_back(i);
        take_some(all);
    }

    bool uncertain(CommitIndex commit) const {
        return bad_[commit] > certain && bad_[commit] < 1 - certain &&
               !testability_->known_untestable(commit) && !testability_->enclosed(commit);
    }

    void take_some(const std::vector<CommitIndex>& from) {
        if (from.size() <= near_half_) {
            for (CommitIndex commit : from) take({commit, false});
            return;
        }
        std::array<std::vector<CommitIndex>, bins> by_chance;
        for (CommitIndex commit : from)
            by_chance[std::min(bins - 1, static_cast<std::size_t>(bad_[commit] * bins))].push_back(
                commit);
        for (const auto& bin : by_chance) {
            const std::size_t some = std::min(per_bin_, bin.size());
            for (std::size_t i = 0; i < some; ++i)
                take({bin[(2 * i + 1) * bin.size() / (2 * some)], false});
        }
        // Exactly the best of a plain bisection, ties by id: rounded, for sums are not exact.
        const auto from_half = [this](CommitIndex commit) {
            return std::pair(std::llround(std::abs(bad_[commit] - 0.5) * 1e9),
                             scene_.ancestry.rank(commit));
        };
        std::vector<CommitIndex> best = from;
        std::partial_sort(
            best.begin(), best.begin() + static_cast<std::ptrdiff_t>(near_half_), best.end(),
            [&from_half](CommitIndex a, CommitIndex b) { return from_half(a) < from_half(b); });
        for (std::size_t i = 0; i < near_half_; ++i) take({best[i], false});
    }

    double build_s(CommitIndex commit) const {
        const Costs& costs = scene_.question.costs;
        if (costs.build_s_by_distance.empty()) return costs.build_s;
        std::uint32_t nearest = 0xffffffffU;
        for (CommitIndex built : costs.built)
            nearest = std::min(nearest, scene_.ancestry.distance(commit, built));
        for (const auto& [distance, seconds] : costs.build_s_by_distance)
            if (nearest <= distance) return std::min(seconds, costs.build_s);
        return costs.build_s;
    }

    Candidate priced(Spot spot) const {
        const Costs& costs = scene_.question.costs;
        Candidate candidate;
        candidate.at = spot;
        if (spot.outside) {
            candidate.built =
                spot.index < costs.outside_built.size() && costs.outside_built[spot.index];
            candidate.wait_s = candidate.built ? 0 : costs.build_s;
        } else {
            candidate.built =
                std::find(costs.built.begin(), costs.built.end(), spot.index) != costs.built.end();
            candidate.untestable = scene_.testability.untestable(spot.index);
            if (candidate.built) {
                candidate.untestable = untestable_though_built(candidate.untestable);
            } else {
                candidate.lost_s = build_s(spot.index);
                candidate.wait_s = wait_s(spot.index, candidate.lost_s);
            }
        }
        candidate.ready_s = candidate.wait_s + costs.boot_s;
        if (candidate.lost_s == 0) candidate.lost_s = costs.boot_s;
        return candidate;
    }

    double wait_s(CommitIndex commit, double build_s) const {
        double first_free = -1;
        for (const Building& building : scene_.question.building) {
            if (building.commit == commit) return building.left_s;
            first_free = first_free < 0 ? building.left_s : std::min(first_free, building.left_s);
        }
        // Another board's attempt may be building it.
        for (const BoardNow& board : scene_.question.boards)
            if (board.busy_at == Spot{commit, false})
                return std::max(0.0, board.busy_setup_s - scene_.question.costs.boot_s);
        if (scene_.question.idle_builders > 0 || first_free < 0) return build_s;
        return first_free + build_s;
    }

    /// What is left of the doubt by Bayes' rule once a commit has built. One that was tried in vain
    /// (it does not boot) stays untestable.
    static double untestable_though_built(double untestable) {
        const double builds = untestable * build_of_untestable;
        return builds / (builds + 1 - untestable);
    }

    /// Share of the untestable commits that build, and fail to boot or to run. Source: an
    /// assumption, for nothing measures it: of the specification's five hunts one needed a patch to
    /// build a part of its range, one met kernels that died at boot in silence, three tell neither.
    static constexpr double build_of_untestable = 0.2;

    const Scene& scene_;
    std::vector<bool> taken_;
    std::size_t per_bin_, near_half_;
    std::vector<Spot> spots_;
    // Of the column that is being looked at:
    std::vector<double> bad_;
    const Testability* testability_ = nullptr;
};

}  // namespace

std::vector<Candidate> shortlist(const Scene& scene) {
    return Shortlist(scene).make();
}

}  // namespace bisectd::engine
