#include "tests/sim/decisions/bound.hpp"

#include <algorithm>
#include <cmath>

namespace bisectd::simulate {
namespace {

/// Bits a run, at best, between a bad commit that hits with `bad` and a good one with `good`.
double capacity(double bad, double good) {
    double most = 0;
    for (double share = 0.005; share < 1; share += 0.005)
        most = std::max(most, entropy(share * bad + (1 - share) * good) - share * entropy(bad) -
                                  (1 - share) * entropy(good));
    return most;
}

/// Bits a second of boot and runs, at best over all splits and numbers of runs, without noise.
double best_rate(const Scenario& scenario) {
    double most = 0;
    for (double share = 0.01; share < 1; share += 0.01)
        for (double runs = 1; runs < 2e6; runs = std::max(runs + 1, runs * 1.1)) {
            const double seen =
                scenario.rate >= 1 ? 1 : 1 - std::exp(runs * std::log1p(-scenario.rate));
            const double bits = entropy(share * seen) - share * entropy(seen);
            const double mean_runs = (1 - share) * runs + share * seen / scenario.rate;
            most = std::max(most, bits / (scenario.boot_s + scenario.run_s * mean_runs));
            if (seen > 1 - 1e-9) break;
        }
    return most;
}

}  // namespace

double entropy(double chance) {
    if (chance <= 0 || chance >= 1) return 0;
    return -chance * std::log2(chance) - (1 - chance) * std::log2(1 - chance);
}

Bound information_bound(const Scenario& given, double information) {
    Scenario scenario = given;
    if (scenario.boot_decides) {  // each boot is one run
        scenario.run_s += scenario.boot_s;
        scenario.boot_s = 0;
    }
    const double doubt = 1 - scenario.confidence;
    const double needed = std::max(0.0, (1 - doubt) * information - entropy(doubt));
    Bound bound{.commits = needed, .runs = needed / capacity(scenario.rate, 0)};
    bound.wall_s = needed * (scenario.build_s + 1 / best_rate(scenario));
    if (scenario.noise > 0) {
        const double bad = 1 - (1 - scenario.rate) * (1 - scenario.noise);
        const double bits = capacity(bad, scenario.noise);
        bound.runs = std::max(bound.runs, needed / bits);
        bound.wall_s = std::max(
            bound.wall_s, needed * (scenario.build_s + scenario.boot_s + scenario.run_s / bits));
    }
    return bound;
}

}  // namespace bisectd::simulate
