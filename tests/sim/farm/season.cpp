#include "tests/sim/farm/season.hpp"

#include <algorithm>
#include <exception>

#include "tests/sim/farm/farm.hpp"

namespace bisectd::sim {
namespace {

/// Most that one bisection may take of virtual time, and of events, whatever strikes it.
constexpr Ms longest = std::chrono::hours(24 * 200);
constexpr std::uint64_t most_events = 20'000;

void count(SeasonReport& report, const Inspector& inspector) {
    for (const auto& [id, state] : inspector.states()) {
        if (!state.ended) continue;
        ++report.endings[static_cast<std::size_t>(state.ended->ending)];
        report.steps += state.steps.size();
        for (const StepState& step : state.steps) {
            report.attempts += step.attempts.size();
            for (const AttemptState& attempt : step.attempts) report.runs += attempt.runs();
        }
    }
}

}  // namespace

SeasonReport play_season(std::uint64_t seed, const SeasonWish& wish, const Trace& trace) {
    Chance chance(seed);
    SeasonReport report;
    report.seed = seed;
    report.bisections = wish.bisections != 0 ? wish.bisections : 1 + chance.below(4);
    const unsigned boards = wish.boards != 0 ? wish.boards : 1 + chance.below(3);
    Farm farm(chance.draw(), boards, trace);
    for (unsigned n = 0; n < report.bisections; ++n) farm.plan_bisection();
    if (!wish.calm) {
        farm.draw_faults(wish.only);
        const unsigned most = wish.faults != 0 ? wish.faults : 1 + chance.below(24);
        farm.world().mischief.budget(most * report.bisections);
    }
    farm.kill_at(wish.kill_before, wish.kill_after);
    try {
        farm.open();
        const Ms until = farm.now() + longest;
        while (farm.going() > 0 && farm.inspector().broken().empty()) {
            if (farm.now() > until || farm.events() > most_events * report.bisections) {
                farm.inspector().blame(0, "the bisections do not come to their end");
                break;
            }
            farm.go_on();
        }
        farm.close();
    } catch (const std::exception& error) {
        farm.inspector().blame(0, std::string("the simulation was ended by: ") + error.what());
    }
    report.drawn = farm.world().mischief.drawn();
    report.events = farm.events();
    report.daemons = farm.daemons();
    report.parked = farm.parked();
    report.paused = farm.paused();
    report.virtual_hours = farm.virtual_hours();
    report.digest = farm.digest();
    report.broken = farm.inspector().broken();
    count(report, farm.inspector());
    return report;
}

void play_every_kill(std::uint64_t seed, const SeasonWish& wish,
                     const std::function<void(const SeasonReport&, const SeasonWish&)>& hear) {
    const SeasonReport calm = play_season(seed, wish);
    hear(calm, wish);
    for (std::uint64_t event = 1; event <= calm.events; ++event)
        for (const bool before : {true, false}) {
            SeasonWish killed = wish;
            (before ? killed.kill_before : killed.kill_after) = event;
            hear(play_season(seed, killed), killed);
        }
}

}  // namespace bisectd::sim
