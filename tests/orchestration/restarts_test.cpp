#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "tests/sim/simulation.hpp"

using namespace bisectd;
using namespace bisectd::sim;

namespace {

struct Measure {
    std::uint64_t events = 0;
    unsigned boots = 0;
    unsigned jobs = 0;
    std::map<unsigned, unsigned> builds;
};

Measure undisturbed() {
    Simulation sim(World::line(6, 4));
    sim.start();
    sim.rest();
    REQUIRE(sim.state().ended);
    return {sim.journal.records().size(), sim.board().test_boots(), sim.board().jobs_started(),
            sim.world.builds_made};
}

/// Runs that the journal holds twice.
unsigned repeated_runs(const Simulation& sim) {
    std::set<std::pair<std::string, std::uint64_t>> seen;  // batch and run
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> batches;
    unsigned repeated = 0;
    for (const EventRecord& record : sim.journal.records()) {
        if (const auto* started = std::get_if<RunsStarted>(&record.event))
            batches[{started->step, started->attempt}] = started->batch;
        if (const auto* recorded = std::get_if<RunsRecorded>(&record.event))
            for (const Run& run : recorded->runs)
                if (!seen.insert({batches.at({recorded->step, recorded->attempt}), run.run}).second)
                    ++repeated;
    }
    return repeated;
}

void check_right_end(Simulation& sim) {
    REQUIRE(sim.state().ended);
    CHECK(sim.state().ended->ending == Ending::culprit);
    CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(4)});
    CHECK(sim.false_verdicts() == 0);
}

}  // namespace

TEST_CASE("restart: after each event of a bisection, at most one boot is repeated",
          "[orchestration]") {
    const Measure calm = undisturbed();
    const Ms away = GENERATE(Ms(0), Ms(3'000), Ms(45'000), Ms(600'000));
    for (std::uint64_t event = 2; event < calm.events; ++event) {
        Simulation sim(World::line(6, 4));
        sim.dead_for = away;
        sim.journal.kill_after = event;
        sim.start();
        sim.rest();
        INFO("killed after event " << event << ", away " << away.count() << " ms\n" << sim.story());
        CHECK(sim.deaths == 1);
        check_right_end(sim);
        CHECK(sim.world.builds_made == calm.builds);
        CHECK(sim.board().test_boots() <= calm.boots + 1);
        CHECK(sim.board().jobs_started() == calm.jobs);
        CHECK(repeated_runs(sim) == 0);
    }
}

TEST_CASE("restart: a kernel that runs is not built again when the store has lost it",
          "[orchestration]") {
    Simulation sim(World::line(6, 4));
    sim.on_event = [&sim](const EventRecord& record) {
        // With runs going on the attempt climbs again from its first rung.
        if (std::holds_alternative<RunsStarted>(record.event) && sim.deaths == 0)
            sim.world.daemon_dead = true;
    };
    sim.on_start = [&sim] {
        sim.world.mischief.rate(Fault::artefact_lost, 1.0);
        sim.world.mischief.budget(1);
    };
    sim.start();
    sim.rest();
    INFO(sim.story());
    CHECK(sim.deaths == 1);
    check_right_end(sim);
    unsigned of_first = 0;
    for (const BuildStarted& started : sim.events<BuildStarted>())
        if (started.step == 1) ++of_first;
    CHECK(of_first == 1);
}

TEST_CASE("restart: runs whose job the board has lost are not made again under its name",
          "[orchestration]") {
    Simulation sim(World::line(6, 4));
    std::string lost;
    sim.on_event = [&sim, &lost](const EventRecord& record) {
        const auto* const recorded = std::get_if<RunsRecorded>(&record.event);
        if (recorded == nullptr || sim.deaths > 0) return;
        lost = recorded->batch;
        sim.world.daemon_dead = true;
    };
    sim.on_start = [&sim, &lost] {
        if (!lost.empty()) sim.board().empty_work_folder();
    };
    sim.start();
    sim.rest();
    INFO(sim.story());
    CHECK(sim.deaths == 1);
    CHECK(sim.world.ledger.jobs.at(lost).size() == 1);
    CHECK_THAT(sim.story(), Catch::Matchers::Contains("the board has lost the job"));
    check_right_end(sim);
}

TEST_CASE("restart: a run that the agent tells twice is journalled once", "[orchestration]") {
    Simulation sim(World::line(6, 4));
    sim.world.mischief.rate(Fault::agent_tells_twice, 1.0);
    sim.world.mischief.budget(100);
    sim.start();
    sim.rest();
    check_right_end(sim);
    CHECK(sim.world.mischief.left() < 100);
    CHECK(repeated_runs(sim) == 0);
}

TEST_CASE("restart: kills again and again still find the culprit", "[orchestration]") {
    const unsigned seed = GENERATE(range(1u, 20u));
    std::minstd_rand chance(seed);
    Simulation sim(World::line(6, 4));
    sim.journal.kill_after = 2 + chance() % 5;
    sim.start();
    sim.run_until([&sim, &chance] {
        if (sim.journal.kill_after <= sim.journal.records().size()) {
            sim.journal.kill_after = sim.journal.records().size() + 1 + chance() % 6;
            sim.dead_for = Ms(chance() % 60'000);
        }
        return sim.state().activity != Activity::running;
    });
    INFO("seed " << seed << "\n" << sim.story());
    CHECK(sim.deaths > 10);
    check_right_end(sim);
    CHECK(repeated_runs(sim) == 0);
}

TEST_CASE("restart: a daemon that is stopped in good order journals nothing of it",
          "[orchestration]") {
    const Measure calm = undisturbed();
    // Every five seconds of virtual time: some of them are on each rung.
    for (Ms at{500}; at < Ms(600'000); at += Ms(5'000)) {
        Simulation sim(World::line(6, 4));
        sim.start();
        const Ms stop_at = sim.clock.steady() + at;
        sim.run_until([&sim, stop_at] { return sim.clock.steady() >= stop_at; });
        const std::size_t before = sim.journal.records().size();
        sim.stop();
        INFO("stopped after " << at.count() << " ms\n" << sim.story());
        CHECK(sim.journal.records().size() == before);
        sim.start_daemon();
        sim.rest();
        check_right_end(sim);
    }
}

namespace {

bool is_proven(const Simulation& sim, BisectionId id) {
    return !sim.events<KernelProven>(id).empty();
}

/// The first bisection is paused while the second waits for its board, and the daemon is stopped
/// right then; later it goes on again and the daemon is stopped once more, with the board lent.
void stop_twice(Simulation& sim, const std::function<bool()>& first_moment) {
    sim.start();
    sim.run_until(first_moment);
    REQUIRE(sim.supervisor().pause(1));
    sim.stop();
    sim.start_daemon();
    sim.start();
    sim.run_until([&sim] { return is_proven(sim, 2); });
    REQUIRE(sim.supervisor().resume(1));
    sim.stop();
    sim.start_daemon();
    sim.rest(1);
    sim.rest(2);
}

}  // namespace

TEST_CASE(
    "restart: an attempt that was open when its bisection was paused does not take the board "
    "from whoever has it later",
    "[orchestration]") {
    Simulation sim(World::line(6, 4));
    SECTION("deployed") {
        stop_twice(sim, [&sim] { return !sim.events<Deployed>().empty(); });
    }
    SECTION("proven, with nothing run") {
        stop_twice(sim, [&sim] { return is_proven(sim, 1); });
    }
    SECTION("with runs going on") {
        stop_twice(sim, [&sim] { return !sim.events<RunsStarted>().empty(); });
        CHECK_FALSE(sim.events<RunsEnded>(1).empty());
    }
    INFO(sim.story());
    // A board that still goes home may cost the next one a deployment, never a boot.
    for (const AttemptEnded& ended : sim.events<AttemptEnded>(2))
        if (ended.rung >= Rung::boot) CHECK(ended.outcome != Outcome::infrastructure);
    for (const BisectionId id : {1, 2}) {
        REQUIRE(sim.state(id).ended);
        CHECK(sim.state(id).ended->commits == std::vector<CommitId>{id_of(4)});
    }
    CHECK(repeated_runs(sim) == 0);
}

TEST_CASE(
    "restart: what the board ran while the daemon was away is fetched where the bisection "
    "rests",
    "[orchestration]") {
    Simulation sim(World::line(6, 4));
    sim.start();
    sim.run_until([&sim] { return !sim.events<RunsStarted>().empty(); });
    REQUIRE(sim.supervisor().pause(1));
    sim.stop();
    sim.clock.pass(Ms(60'000));
    sim.start_daemon();
    CHECK_FALSE(sim.run_until([] { return false; }));
    INFO(sim.story());
    CHECK(sim.state().activity == Activity::paused);
    REQUIRE(sim.events<AttemptEnded>().size() == 1);
    CHECK(sim.events<AttemptEnded>().front().outcome == Outcome::bad_looking);
    CHECK(sim.board().jobs_started() == 1);
}

TEST_CASE(
    "restart: a journal that fails while a resting bisection gives its board back is tried "
    "again",
    "[orchestration]") {
    Simulation sim(World::line(6, 4));
    sim.start();
    sim.run_until([&sim] { return is_proven(sim, 1); });
    REQUIRE(sim.supervisor().pause(1));
    sim.stop();
    sim.journal.fail_at = sim.journal.records().size() + 1;
    sim.start_daemon();
    CHECK_FALSE(sim.run_until([] { return false; }));
    INFO(sim.story());
    CHECK(sim.journal.fail_at == 0);
    CHECK(sim.events<AttemptEnded>().size() == 1);
    sim.clock.pass(Ms(60'000));
    CHECK(sim.board().answers());
    CHECK(sim.board().on_fallback());
}
