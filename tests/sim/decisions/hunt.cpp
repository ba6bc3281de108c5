#include "tests/sim/decisions/hunt.hpp"

#include <fmt/format.h>

#include <array>

namespace bisectd::simulate {
namespace {

/// The AArch64 brk() hunt: a static-pie program dies once in 300 to 1300 runs; one remote machine
/// is builder and board at once and builds a distribution's configuration.
/// Source: the hunt's text for rates and lab. It gives no times and no number of commits; 500 is
/// the range of the product's acceptance test for this hunt, half an hour for a distribution's
/// kernel with all modules, three minutes for a server's reboot and 20 ms for `ldconfig -p` are
/// assumptions.
constexpr std::size_t brk_commits = 500;
constexpr std::array brk_rates = {1.0 / 300, 1.0 / 800, 1.0 / 1300};

Scenario brk_scenario() {
    Scenario scenario;
    scenario.build_s = 1800;
    scenario.boot_s = 180;
    scenario.run_s = 0.02;
    scenario.estimate = true;
    return scenario;
}

}  // namespace

Result<std::string> play_hunt(const std::string& name, unsigned jobs, std::uint64_t seed,
                              unsigned bisects) {
    if (name != "brk") return wrong_request("--hunt", fmt::format("'{}' is not 'brk'", name));
    Result<Range> range = chain(brk_commits);
    if (!range) return std::unexpected(range.error());
    const Ground ground = ground_of(std::move(*range), "chain", jobs);
    std::string text = fmt::format(
        "seed {}, {} bisects a rate, the AArch64 brk() hunt: {}\n"
        "build 1800 s, boot 180 s, run 0.02 s, one machine that builds for itself, 95 % asked\n\n"
        "| fails in a run | right % | claimed % | silently wrong | boots | runs | time, mean | p95 "
        "| said beforehand | kept within 1.5 |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n",
        seed, bisects, ground.name);
    for (const double rate : brk_rates) {
        Scenario scenario = brk_scenario();
        scenario.rate = rate;
        scenario.seed = seed;
        scenario.bisects = bisects;
        const Summary it = play_engine(ground, scenario);
        text += fmt::format(
            "| {} | {:.1f} | {:.1f} | {} | {:.1f} | {:.0f} | {} | {} | {} | {:.0f} % |\n",
            chance_words(rate), 100 * it.right, 100 * it.claimed, it.silently_wrong, it.boots,
            it.runs, duration(it.wall_s), duration(it.wall_p95_s), duration(it.said_s),
            100 * it.estimates_kept);
    }
    return text;
}

}  // namespace bisectd::simulate
