#include <catch2/catch.hpp>
#include <random>

#include "tests/sim/simulation.hpp"

using namespace bisectd;
using namespace bisectd::sim;

namespace {

/// One more fault, of any kind.
void disturb(Simulation& sim, std::minstd_rand& chance) {
    Faults& faults = sim.world.faults;
    switch (chance() % 12) {
        case 0:
            faults.hanging_boots = 1;
            break;
        case 1:
            faults.panicking_boots = 1;
            break;
        case 2:
            faults.forgotten_kernels = 1;
            break;
        case 3:
            faults.wrong_kernels = 1;
            break;
        case 4:
            faults.frozen_in_run = 1 + chance() % 5;
            break;
        case 5:
            faults.lost_connection_in = 1 + chance() % 5;
            break;
        case 6:
            faults.failing_uploads = 1;
            break;
        case 7:
            faults.failing_power_cycles = 1 + chance() % 2;
            break;
        case 8:
            faults.full_boot_folders = 1;
            break;
        case 9:
            faults.failing_builds = 1 + chance() % 3;
            break;
        case 10:
            sim.journal.fail_at = sim.journal.records().size() + 1 + chance() % 9;
            break;
        default:
            sim.journal.kill_after = sim.journal.records().size() + 1 + chance() % 9;
            break;
    }
}

/// What a person would do.
void attend(Simulation& sim) {
    // A journal that fails once refuses once.
    if (sim.state().activity == Activity::paused && !sim.supervisor().resume(1))
        REQUIRE(sim.supervisor().resume(1));
    if (sim.state().activity == Activity::parked) {
        sim.board().cycle();
        REQUIRE(sim.supervisor().return_board("b1"));
    }
}

}  // namespace

TEST_CASE("soup: whatever goes wrong, no verdict is false and the culprit is the right one",
          "[orchestration]") {
    for (unsigned seed = 1; seed <= 200; ++seed) {
        std::minstd_rand chance(seed);
        const unsigned culprit = 1 + chance() % 20;
        Simulation sim(World::line(20, culprit));
        sim.world.has_console = chance() % 4 != 0;
        sim.world.recipe.symptoms.front().kernel_log_pattern = chance() % 2 ? "the symptom" : "";
        sim.start();
        for (unsigned round = 0; round < 200 && !sim.state().ended; ++round) {
            const std::size_t next = sim.journal.records().size() + 1 + chance() % 25;
            sim.run_until([&sim, next] {
                return sim.journal.records().size() >= next ||
                       sim.state().activity != Activity::running;
            });
            if (sim.state().ended) break;
            attend(sim);
            disturb(sim, chance);
        }
        INFO("seed " << seed << ", culprit " << culprit << "\n" << sim.story());
        REQUIRE(sim.state().ended);
        bool all_known = true;
        CHECK(sim.false_verdicts() == 0);
        for (const VerdictGiven& given : sim.events<VerdictGiven>())
            if (given.verdict == Verdict::skip || given.verdict == Verdict::uncertain)
                all_known = false;
        if (all_known) CHECK(sim.state().ended->ending == Ending::culprit);
        if (sim.state().ended->ending != Ending::culprit) continue;
        CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(culprit)});
    }
}
