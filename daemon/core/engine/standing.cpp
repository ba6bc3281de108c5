#include "core/engine/standing.hpp"

#include <algorithm>
#include <cmath>

namespace bisectd::engine {
namespace {

/// Times what a halving takes that is told the rates: where all that was spent did not give an
/// answer as much again will not. So every bisection ends. Source: 1,120 virtual bisects (always to
/// 1 in 800, false alarms up to 0.005, up to a fifth does not build; `bisectd-simulate
/// --no-rivals`, the commands are in docs/benchmark-decisions.md, "How long is too long"): of those
/// that ended right half took at most 2.2 times in each scenario, the longest 10.5. A hundred is
/// ten times that.
constexpr double too_dear = 100;

std::size_t heaviest(const std::vector<SuspectClass>& classes, double SuspectClass::* mass) {
    std::size_t top = 0;
    for (std::size_t i = 1; i < classes.size(); ++i)
        if (classes[i].*mass > classes[top].*mass) top = i;
    return top;
}

struct Likely {
    std::vector<CommitIndex> suspects;  ///< of one class
    CommitIndex best = 0;
};

Likely members(const Ancestry& ancestry, const Belief& belief, std::size_t of_class) {
    Likely likely;
    for (CommitIndex i = 0; i < ancestry.size(); ++i) {
        if (belief.class_of(i) != of_class) continue;
        if (likely.suspects.empty() || belief.share(i) > belief.share(likely.best)) likely.best = i;
        likely.suspects.push_back(i);
    }
    return likely;
}

/// The culprit where only its proof is missing.
bool needs_only_proof(const Ancestry& ancestry, double wanted, const Belief& belief,
                      Standing& standing) {
    if (!belief.sound()) return false;
    const auto& classes = belief.classes();
    const std::size_t top = heaviest(classes, &SuspectClass::sound_mass);
    if (classes[top].sound_mass < wanted ||
        classes[Belief::older].sound_mass > (1 - wanted) * share_of_doubt)
        return false;
    const Likely likely = members(ancestry, belief, top);
    const double sure =
        belief.robust_mass(top, &SuspectClass::sound_mass) * belief.share(likely.best);
    if (sure < wanted) return false;
    standing.kind = Standing::Kind::culprit;
    standing.confidence = sure;
    standing.suspects = {likely.best};
    return true;
}

/// Whether a commit that can perhaps be tested has some of the suspects among its ancestors and
/// not all.
bool can_be_split(const Ancestry& ancestry, const Question& question,
                  const Testability& testability, const std::vector<CommitIndex>& suspects) {
    std::vector<double> member(ancestry.size(), 0);
    for (CommitIndex suspect : suspects) member[suspect] = 1;
    const double members = static_cast<double>(suspects.size());
    const std::vector<double> inside = ancestry.sums(member);
    for (CommitIndex i = ancestry.size(); i-- > 0;) {
        const bool splits = inside[i] > 0.5 && inside[i] < members - 0.5;
        if (splits && testability.untestable(i) <= 1 - question.settings.enough_testable)
            return true;
    }
    return false;
}

/// Whether a commit that had its runs once cannot be tested any more: it hangs, or a person said
/// so. What it showed may be too little to tell its ancestors from its descendants, and more cannot
/// be had.
bool lost_a_witness(const Testability& testability, const Belief& belief) {
    return std::any_of(belief.tested().begin(), belief.tested().end(), [&](const Tested& tested) {
        return !tested.at.outside && testability.known_untestable(tested.at.index);
    });
}

double quantile(const Rates& rates, const std::vector<double>& masses, double wanted) {
    std::vector<std::size_t> order(rates.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&rates](std::size_t a, std::size_t b) {
        return rates.bad(a) != rates.bad(b) ? rates.bad(a) < rates.bad(b) : a < b;
    });
    double sum = 0;
    for (std::size_t i : order) {
        sum += masses[i];
        if (sum >= wanted) return rates.bad(i);
    }
    return rates.bad(order.back());
}

void describe_rates(const Belief& belief, Standing& standing) {
    const Rates& rates = belief.rates();
    const std::vector<double>& masses = belief.rate_masses();
    standing.rate_low = quantile(rates, masses, 0.1);
    standing.rate_median = quantile(rates, masses, 0.5);
    standing.rate_high = quantile(rates, masses, 0.9);
    for (std::size_t t = 0; t < rates.size(); ++t)
        standing.false_alarm += masses[t] * rates.good(t);
    standing.proof_runs =
        static_cast<std::uint64_t>(std::ceil(std::log(100.0) / standing.rate_low));
}

/// How much a run on a good commit speaks against its being bad, at these rates. Unit: nats
double evidence_of_a_run(double bad, double good) {
    const double of_hit = good > 0 ? good * std::log(good / bad) : 0;
    const double of_clean =
        good < 1 && bad < 1 ? (1 - good) * (std::log1p(-good) - std::log1p(-bad)) : 1;
    return of_hit + of_clean;
}

/// Runs after which, at so much evidence a run, one chance in `doubt` is left.
double verdict_runs(double evidence, double doubt) {
    return std::max(1.0, std::log(doubt) / std::max(evidence, 1e-9));
}

/// What the column took so far: builds, boots, runs, and an order for each hit, which ends it.
/// Unit: seconds
double spent_s(const Question& question, const Belief& belief) {
    const Costs& costs = question.costs;
    double seconds = 0;
    for (const Tested& tested : belief.tested())
        seconds += static_cast<double>(tested.counts.size()) * costs.boot_s +
                   static_cast<double>(tested.runs) * belief.column().run_s +
                   static_cast<double>(tested.hits) * costs.order_s;
    return seconds + static_cast<double>(belief.tested().size()) * costs.build_s;
}

/// Whether telling the two doubts about the range apart takes more than all that was spent so far.
/// A symptom of 1 in 1000 at both ends is an old bug, or false alarms where there is no bug: only
/// the rates tell these apart, and they may be equal.
bool ends_are_alike(const Question& question, const Belief& belief) {
    const Rates& rates = belief.rates();
    const std::vector<double>& if_older = belief.classes()[Belief::older].rate;
    const std::vector<double>& if_not_here = belief.classes()[Belief::not_here].rate;
    double evidence = 0;
    for (std::size_t alarm = 0; alarm < rates.size(); ++alarm) {
        if (if_not_here[alarm] < 1e-6) continue;
        for (std::size_t bug = 0; bug < rates.size(); ++bug)
            if (if_older[bug] >= 1e-6)
                evidence += if_not_here[alarm] * if_older[bug] *
                            evidence_of_a_run(rates.bad(bug), rates.good(alarm));
    }
    const double run_s =
        belief.column().run_s + (belief.column().boot_decides ? question.costs.boot_s : 0);
    return verdict_runs(evidence, 1 / (1 - question.settings.confidence)) * run_s >
           spent_s(question, belief);
}

/// The heaviest classes that hold the answer together as surely as was asked.
void name_the_likeliest(const Belief& belief, double wanted, Standing& standing) {
    std::vector<std::size_t> order;
    for (std::size_t i = Belief::first_real; i < belief.classes().size(); ++i) order.push_back(i);
    const auto heavier = [&belief](std::size_t a, std::size_t b) {
        const double one = belief.classes()[a].mass, other = belief.classes()[b].mass;
        return one != other ? one > other : a < b;
    };
    std::sort(order.begin(), order.end(), heavier);
    std::vector<bool> named(belief.classes().size(), false);
    standing.confidence = 0;
    for (std::size_t i : order) {
        if (standing.confidence >= wanted) break;
        named[i] = true;
        standing.confidence += belief.classes()[i].mass;
    }
    standing.suspects.clear();
    for (CommitIndex i = 0; i < belief.commits(); ++i)
        if (belief.class_of(i) != Belief::no_class && named[belief.class_of(i)])
            standing.suspects.push_back(i);
}

Standing answer_of(const Ancestry& ancestry, const Question& question,
                   const Testability& testability, const Belief& belief) {
    const std::vector<SuspectClass>& classes = belief.classes();
    const double wanted = question.settings.confidence;
    Standing standing;
    standing.older = classes[Belief::older].mass;
    standing.not_here = classes[Belief::not_here].mass;
    describe_rates(belief, standing);
    if (needs_only_proof(ancestry, wanted, belief, standing)) return standing;
    const std::size_t top = heaviest(classes, &SuspectClass::mass);
    standing.confidence = classes[top].mass >= wanted ? belief.robust_mass(top, &SuspectClass::mass)
                                                      : classes[top].mass;
    const bool sure = standing.confidence >= wanted;
    if (top == Belief::older || top == Belief::not_here) {
        if (sure) {
            standing.kind = top == Belief::older ? Standing::Kind::older : Standing::Kind::not_here;
        } else if (standing.older + standing.not_here >= wanted &&
                   ends_are_alike(question, belief)) {
            standing.kind = Standing::Kind::ends_alike;
            standing.confidence = standing.older + standing.not_here;
        }
        return standing;
    }
    Likely likely = members(ancestry, belief, top);
    const CommitIndex best = likely.best;
    standing.suspects = std::move(likely.suspects);
    if (standing.older > (1 - wanted) * share_of_doubt) return standing;
    if (!sure) {
        if (!lost_a_witness(testability, belief)) return standing;
        Standing together = standing;
        name_the_likeliest(belief, wanted, together);
        if (together.confidence < wanted ||
            can_be_split(ancestry, question, testability, together.suspects))
            return standing;
        together.kind = Standing::Kind::set;
        return together;
    }
    // Of several that no test told apart one may be sure enough by its prior alone.
    if (standing.confidence * belief.share(best) >= wanted) {
        standing.kind = Standing::Kind::culprit;
        standing.confidence *= belief.share(best);
        standing.suspects = {best};
    } else if (!can_be_split(ancestry, question, testability, standing.suspects)) {
        standing.kind = Standing::Kind::set;
    }
    return standing;
}

/// What halving takes where the rates are known, at most. The symptom is taken to be so much above
/// the false alarms, although its rate counts these in: as frequent as they are, it would make a
/// halving last for ever. Unit: seconds
double halving_s(const Ancestry& ancestry, const Question& question, const Belief& belief,
                 const Standing& standing) {
    const Costs& costs = question.costs;
    const double bad = 1 - (1 - standing.rate_low) * (1 - standing.false_alarm);
    const double runs = verdict_runs(evidence_of_a_run(bad, standing.false_alarm),
                                     1 / (1 - question.settings.confidence));
    const double verdict_s = belief.column().boot_decides
                                 ? runs * (costs.boot_s + belief.column().run_s)
                                 : costs.boot_s + runs * belief.column().run_s;
    return (std::log2(ancestry.size()) + 1) * (costs.build_s + verdict_s);
}

}  // namespace

Standing standing_of(const Ancestry& ancestry, const Question& question,
                     const Testability& testability, const Belief& belief) {
    Standing standing = answer_of(ancestry, question, testability, belief);
    standing.halvings = spent_s(question, belief) / halving_s(ancestry, question, belief, standing);
    if (standing.kind != Standing::Kind::open || standing.halvings < too_dear) return standing;
    standing.kind = Standing::Kind::too_dear;
    name_the_likeliest(belief, question.settings.confidence, standing);
    return standing;
}

bool choice_sees_an_answer(const Ancestry& ancestry, const Question& question,
                           const Testability& testability, const Belief& belief) {
    const std::size_t top = heaviest(belief.classes(), &SuspectClass::tilted_mass);
    return belief.classes()[top].tilted_mass >= question.settings.confidence &&
           !can_be_split(ancestry, question, testability, members(ancestry, belief, top).suspects);
}

}  // namespace bisectd::engine
