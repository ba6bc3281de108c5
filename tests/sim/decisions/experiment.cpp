#include "tests/sim/decisions/experiment.hpp"

#include <fmt/format.h>

#include "tests/sim/decisions/engine_bisect.hpp"
#include "tests/sim/decisions/git_bisect.hpp"

namespace bisectd::simulate {
namespace {

Summary play_git(const Ground& ground, const Scenario& scenario, std::uint64_t repeats) {
    return summarise(play_all(ground.range, scenario, ground.jobs, [repeats](const Truth& truth) {
        return git_bisect(truth, repeats);
    }));
}

Row repeated_git(const Ground& ground, const Scenario& scenario, double wanted) {
    if (scenario.git_repeats > 0)
        return {fmt::format("git bisect x{}", scenario.git_repeats),
                play_git(ground, scenario, scenario.git_repeats)};
    const BestRepeats best = best_repeats(ground.range, scenario, ground.jobs, wanted);
    return {fmt::format("git bisect x{} ({})", best.repeats, best.reached ? "oracle" : "best"),
            best.summary};
}

}  // namespace

Ground ground_of(Range range, std::string name, unsigned jobs) {
    engine::Ancestry ancestry(range.history());
    std::string described = fmt::format("{}, {} commits", name, range.size());
    return {std::move(range), std::move(ancestry), std::move(described), jobs};
}

Summary play_engine(const Ground& ground, const Scenario& scenario) {
    return summarise(play_all(ground.range, scenario, ground.jobs, [&ground](const Truth& truth) {
        return engine_bisect(truth, ground.ancestry);
    }));
}

Report compare(const Ground& ground, const Scenario& scenario, bool rivals) {
    Report report{.scenario = scenario, .range = ground.name, .rows = {}};
    report.rows.push_back({"bisectd", play_engine(ground, scenario)});
    if (!rivals) return report;
    report.rows.push_back({"git bisect", play_git(ground, scenario, 1)});
    if (scenario.rate < 1 || scenario.git_repeats > 0)
        report.rows.push_back(repeated_git(ground, scenario, report.rows[0].summary.right));
    return report;
}

}  // namespace bisectd::simulate
