#include "tests/sim/decisions/truth.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "tests/sim/decisions/chance.hpp"

namespace bisectd::simulate {
namespace {

/// What a draw is for; keeps the streams apart.
enum Purpose : std::uint64_t {
    for_culprit,
    for_breaks,
    for_weights,
    for_store,
    for_boots,
    for_runs,
    for_lies
};

CommitSet drawn_share(const Range& range, double share, Chance chance) {
    CommitSet set = range.none();
    for (CommitIndex commit = 0; commit < range.size(); ++commit)
        if (chance.draw() < share) insert(set, commit);
    return set;
}

/// A commit by weight: unlikely ones are guilty as rarely as their weight says.
CommitIndex drawn_culprit(const Range& range, const CommitSet& unlikely, Chance chance) {
    const auto weight = [&](CommitIndex commit) {
        return contains(unlikely, commit) ? unlikely_weight : 1.0;
    };
    double sum = 0;
    for (CommitIndex commit = 0; commit < range.size(); ++commit) sum += weight(commit);
    double left = chance.draw() * sum;
    for (CommitIndex commit = 0; commit < range.bad_end(); ++commit) {
        left -= weight(commit);
        if (left < 0) return commit;
    }
    return range.bad_end();
}

}  // namespace

Truth::Truth(const Range& range, const Scenario& scenario, std::uint64_t number)
    : range_(&range),
      scenario_(&scenario),
      number_(number),
      key_(fold(scatter(scenario.seed), number)) {
    unlikely_ = drawn_share(range, scenario.unlikely, Chance(fold(key_, for_weights)));
    unbuildable_ = range.none();
    if (scenario.unbuildable > 0) break_builds(fold(key_, for_breaks));
    prebuilt_ = drawn_share(range, scenario.prebuilt, Chance(fold(key_, for_store)));
    for (std::size_t word = 0; word < prebuilt_.size(); ++word)
        prebuilt_[word] &= ~unbuildable_[word];
    for (unsigned symptom = 0; symptom < scenario.symptoms; ++symptom) {
        const std::uint64_t key = fold(fold(key_, for_culprit), symptom);
        culprits_.push_back(drawn_culprit(range, unlikely_, Chance(key)));
        look_alikes_.push_back(alike(culprits_.back()));
    }
    // Half of the tests of a bisect see a good commit, half a bad one: one of those will lie.
    const double eligible = std::max(1.0, std::log2(range.size()) / 2);
    lying_boot_ = 1 + static_cast<std::uint32_t>(unit(fold(key_, for_lies)) * eligible);
}

/// A break comes with a commit and goes with a descendant; what has the one and lacks the other
/// does not build. Stretches are added until the share is reached within a tenth.
void Truth::break_builds(std::uint64_t key) {
    Chance chance(key);
    const Range& range = *range_;
    const double wanted = scenario_->unbuildable * range.size();
    const double mean_length = std::max(20.0, range.size() * 0.03);
    double broken = 0;
    constexpr int most_tries = 4000;
    for (int tries = 0; tries < most_tries && broken < wanted * 0.9; ++tries) {
        const CommitIndex breaks = chance.draw_below(range.size());
        const double length = 1 - std::log(1 - chance.draw()) * mean_length;
        CommitIndex mends = breaks;
        for (double walked = 1; walked < length; ++walked) mends = range.first_child(mends);
        if (mends == breaks || mends == range.bad_end()) continue;
        CommitSet stretch = range.none();
        for (CommitIndex commit = breaks; commit < range.size(); ++commit)
            if (range.has(commit, breaks) && !range.has(commit, mends) && builds(commit))
                insert(stretch, commit);
        const auto added = static_cast<double>(count(stretch));
        if (contains(stretch, range.bad_end()) || broken + added > wanted * 1.1) continue;
        for (std::size_t word = 0; word < stretch.size(); ++word)
            unbuildable_[word] |= stretch[word];
        broken += added;
    }
}

CommitSet Truth::alike(CommitIndex culprit) const {
    CommitSet set = range_->none();
    insert(set, culprit);
    if (scenario_->unbuildable <= 0) return set;
    set = range_->all();
    for (CommitIndex commit = 0; commit < range_->size(); ++commit) {
        if (!builds(commit)) continue;
        const CommitSet& inside = range_->ancestors(commit);
        const std::uint64_t flip = contains(inside, culprit) ? 0 : ~std::uint64_t{0};
        for (std::size_t word = 0; word < set.size(); ++word) set[word] &= inside[word] ^ flip;
    }
    return set;
}

double Truth::information() const {
    double sum = 0, alike_sum = 0;
    for (CommitIndex commit = 0; commit < range_->size(); ++commit) {
        const double weight = unlikely(commit) ? unlikely_weight : 1.0;
        sum += weight;
        if (contains(look_alikes_[0], commit)) alike_sum += weight;
    }
    // In the mean over culprits drawn by weight this is the entropy of who is guilty.
    return std::log2(sum / alike_sum);
}

std::uint64_t Truth::key_of(engine::Spot at) const {
    return fold(key_, (std::uint64_t{at.index} << 1) | (at.outside ? 1 : 0));
}

BootKind Truth::boot(engine::Spot at, std::uint32_t nth) const {
    if (scenario_->broken_boots <= 0) return BootKind::honest;
    const double drawn = unit(fold(fold(key_of(at), for_boots), nth));
    if (drawn >= scenario_->broken_boots) return BootKind::honest;
    return drawn < scenario_->broken_boots / 2 ? BootKind::always_hits : BootKind::never_hits;
}

std::optional<std::uint64_t> Truth::first_hit(std::size_t symptom, engine::Spot at,
                                              std::uint32_t nth, BootKind boot, std::uint64_t done,
                                              std::uint64_t limit) const {
    if (done >= limit || boot == BootKind::never_hits) return std::nullopt;
    if (boot == BootKind::always_hits) return done + 1;
    const double noise = scenario_->noise;
    const double chance = bad(symptom, at) ? 1 - (1 - scenario_->rate) * (1 - noise) : noise;
    if (chance <= 0) return std::nullopt;
    const std::uint64_t key = fold(fold(fold(key_of(at), for_runs), nth), symptom);
    if (scenario_->boot_decides) return unit(key) < chance ? std::optional(done + 1) : std::nullopt;
    for (std::uint64_t run = done; run < limit; ++run)
        if (unit(scatter(key + run * 0xa0761d6478bd642f)) < chance) return run + 1;
    return std::nullopt;
}

}  // namespace bisectd::simulate
