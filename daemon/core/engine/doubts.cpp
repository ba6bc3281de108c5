#include "core/engine/doubts.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace bisectd::engine {
namespace {

/// Source: specification 6.
constexpr double near_certain = 0.999;
constexpr double surprising = 1e-4;

/// Log of a sum of numbers that are given as logs.
class LogSum {
  public:
    void add(double log) {
        if (log <= most_) {
            // What cannot matter takes most of the time.
            if (log > most_ - 40) sum_ += std::exp(log - most_);
        } else {
            sum_ = sum_ * std::exp(most_ - log) + 1;
            most_ = log;
        }
    }
    double value() const { return most_ + std::log(sum_); }

  private:
    double most_ = -1e300;
    double sum_ = 0;
};

/// The chance that a spot is bad by its own data alone, at today's rates and even odds.
double bad_by_itself(const Belief& belief, const Tested& tested) {
    const std::vector<double>& masses = belief.rate_masses();
    double bad = 0, good = 0;
    const double most = std::max(*std::max_element(tested.log_bad.begin(), tested.log_bad.end()),
                                 *std::max_element(tested.log_good.begin(), tested.log_good.end()));
    for (std::size_t t = 0; t < masses.size(); ++t) {
        if (masses[t] < 1e-12) continue;
        bad += masses[t] * std::exp(tested.log_bad[t] - most);
        good += masses[t] * std::exp(tested.log_good[t] - most);
    }
    return bad + good > 0 ? bad / (bad + good) : 0.5;
}

/// The chance of one showing given all others, as a part of the best that any rate gives it.
double chance_of(const Belief& belief, std::size_t tested, Count count, double broken_boot) {
    const Rates& rates = belief.rates();
    const std::vector<double> log_bad = rates.log_bad(count, broken_boot);
    const std::vector<double> log_good = rates.log_good(count, broken_boot);
    const double hits = static_cast<double>(count.hits);
    const double runs = static_cast<double>(count.runs);
    double best = 0;
    if (count.hits > 0) best += hits * std::log(hits / runs);
    if (count.hits < count.runs) best += (runs - hits) * std::log1p(-hits / runs);
    LogSum with, without;
    for (const SuspectClass& of : belief.classes()) {
        const std::vector<double>& log = of.bad_at[tested] ? log_bad : log_good;
        for (std::size_t t = 0; t < of.log_joint.size(); ++t) {
            with.add(of.log_joint[t]);
            without.add(of.log_joint[t] - log[t]);
        }
    }
    return std::min(1.0, std::exp(with.value() - without.value() - best));
}

}  // namespace

void find_contradictions(const Scene& scene, std::size_t column,
                         std::vector<Contradiction>& contradictions) {
    const Belief& belief = scene.beliefs[column];
    std::vector<Spot> bad, good;
    for (const Tested& tested : belief.tested()) {
        const double chance = bad_by_itself(belief, tested);
        if (chance >= near_certain) bad.push_back(tested.at);
        if (chance <= 1 - near_certain) good.push_back(tested.at);
    }
    for (Spot first : bad)
        for (Spot second : good) {
            // Everything outside is an ancestor of the range.
            const bool contradicts = !first.outside && !second.outside
                                         ? scene.ancestry.is_ancestor(first.index, second.index)
                                         : first.outside;
            if (contradicts) contradictions.push_back({column, first, second});
        }
}

void find_surprises(const Scene& scene, std::size_t column, std::vector<Surprise>& surprises) {
    const Belief& belief = scene.beliefs[column];
    const auto& showings = scene.question.columns[column].showings;
    const double broken = scene.question.settings.broken_boot;
    std::map<std::tuple<Spot, std::uint64_t, std::uint64_t>, double> chances;  // alike are many
    for (std::size_t i = 0; i < showings.size(); ++i) {
        if (showings[i].runs == 0) continue;
        const Count count = counted_runs(belief.column(), showings[i]);
        // A boot that is broken as a whole explains these.
        const bool all_alike = count.hits == 0 || count.hits == count.runs;
        if (all_alike && broken / 2 >= surprising) continue;
        const auto key = std::tuple(showings[i].at, count.runs, count.hits);
        const auto known = chances.find(key);
        double chance = known == chances.end() ? -1 : known->second;
        for (std::size_t k = 0; chance < 0 && k < belief.tested().size(); ++k)
            if (belief.tested()[k].at == showings[i].at)
                chance = chance_of(belief, k, count, broken);
        chances.emplace(key, chance);
        if (chance < surprising) surprises.push_back({column, i, chance});
    }
}

}  // namespace bisectd::engine
