#include <catch2/catch.hpp>
#include <utility>

#include "tests/sim/simulation.hpp"

using namespace bisectd;
using namespace bisectd::sim;
using Catch::Matchers::Contains;

namespace {

/// Commits 1 to 20, the 13th brought the bug: whatever fault there is, the answer stays.
void still_finds_the_culprit(Simulation& sim) {
    sim.start();
    const BisectionState& state = sim.rest();
    INFO(sim.story());
    REQUIRE(state.ended);
    CHECK(state.ended->ending == Ending::culprit);
    CHECK(state.ended->commits == std::vector<CommitId>{id_of(13)});
    CHECK(sim.false_verdicts() == 0);
}

/// Attempts that ended as infrastructure, with this in their cause.
unsigned spoiled(const Simulation& sim, const std::string& cause) {
    unsigned found = 0;
    for (const AttemptEnded& ended : sim.events<AttemptEnded>())
        if (ended.outcome == Outcome::infrastructure &&
            ended.cause.find(cause) != std::string::npos)
            ++found;
    return found;
}

bool recovered_by(const Simulation& sim, const std::string& rung) {
    for (const RecoveryTried& tried : sim.events<RecoveryTried>())
        if (tried.rung == rung && tried.worked) return true;
    return false;
}

}  // namespace

TEST_CASE("faults: a boot that hangs once is tried again", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.faults.hanging_boots = 1;
    still_finds_the_culprit(sim);
    CHECK(spoiled(sim, "the kernel did not come up") == 1);
    CHECK(recovered_by(sim, "power cycle"));
}

TEST_CASE("faults: a boot that panics once and falls back is tried again", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.faults.panicking_boots = 1;
    still_finds_the_culprit(sim);
    CHECK(spoiled(sim, "Unable to mount root fs") == 1);
}

TEST_CASE("faults: a board that forgets the armed kernel spoils one attempt", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.faults.forgotten_kernels = 1;
    still_finds_the_culprit(sim);
    CHECK(spoiled(sim, "without having started the test kernel") == 1);
}

TEST_CASE("faults: a forgotten kernel is no verdict without a console either", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.has_console = false;
    sim.world.faults.forgotten_kernels = 1;
    still_finds_the_culprit(sim);
    CHECK(spoiled(sim, "known-good kernel") == 1);
}

TEST_CASE("faults: another kernel that answers is no verdict", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.faults.wrong_kernels = 1;
    still_finds_the_culprit(sim);
    CHECK(spoiled(sim, "another kernel answers") == 1);
}

TEST_CASE("faults: a board that freezes in a run is cycled and the commit tried again",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.faults.frozen_in_run = 2;
    still_finds_the_culprit(sim);
    CHECK(spoiled(sim, "without evidence") == 1);
    CHECK(recovered_by(sim, "power cycle"));
}

TEST_CASE("faults: a lost connection in the runs costs no run", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.faults.lost_connection_in = 2;
    still_finds_the_culprit(sim);
    CHECK(spoiled(sim, "") == 0);
    REQUIRE(sim.events<Noted>().size() == 1);
    CHECK_THAT(sim.events<Noted>().front().text, Contains("connection lost"));
    CHECK(sim.board().jobs_started() == sim.events<RunsStarted>().size());
}

// The SSH server of the virtual board was killed, and was back a moment later: the board was
// cycled.
TEST_CASE("faults: an SSH server that is started again costs no run", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.faults.lost_connection_in = 2;
    sim.world.faults.refused_after_that = 5;
    still_finds_the_culprit(sim);
    CHECK(spoiled(sim, "") == 0);
    CHECK(sim.world.faults.refused_after_that == 0);
    CHECK(sim.events<RecoveryTried>().empty());
    CHECK(sim.board().jobs_started() == sim.events<RunsStarted>().size());
}

TEST_CASE("faults: an upload that fails once is repeated", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.faults.failing_uploads = 1;
    still_finds_the_culprit(sim);
    CHECK(spoiled(sim, "digest differs") == 1);
}

TEST_CASE("faults: a full boot folder is said", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.faults.full_boot_folders = 1;
    still_finds_the_culprit(sim);
    CHECK(spoiled(sim, "no space on the board") == 1);
}

TEST_CASE("faults: a power switch that fails twice is tried a third time", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.faults.frozen_in_run = 2;
    sim.world.faults.failing_power_cycles = 2;
    still_finds_the_culprit(sim);
    CHECK(recovered_by(sim, "cold wait"));
    CHECK_THAT(sim.events<RecoveryTried>()[1].detail, Contains("the switch says no"));
}

TEST_CASE("faults: a board that only a long darkness wakes is left off for a minute",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.power_stays_off = GENERATE(true, false);
    sim.world.mischief.rate(Fault::board_stuck, 1.0);
    sim.on_event = [&sim](const EventRecord& record) {
        if (std::holds_alternative<RunsEnded>(record.event) && sim.events<RunsEnded>().size() == 1)
            sim.world.mischief.budget(1);  // on its way home
    };
    if (sim.world.power_stays_off) {
        still_finds_the_culprit(sim);
        CHECK(recovered_by(sim, "cold wait"));
        CHECK(sim.events<BoardParked>().empty());
    } else {
        sim.start();
        CHECK(sim.rest().activity == Activity::parked);
    }
}

TEST_CASE("faults: a board that was switched off is switched on although the switch refuses once",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.faults.frozen_in_run = 2;
    sim.world.faults.failing_power_cycles = 2;
    sim.on_event = [&sim](const EventRecord& record) {
        const auto* const tried = std::get_if<RecoveryTried>(&record.event);
        if (tried != nullptr && tried->rung == "power cycle" &&
            sim.world.faults.failing_power_cycles == 0)
            sim.world.faults.refused_power_on = 1;
    };
    still_finds_the_culprit(sim);
    CHECK(recovered_by(sim, "cold wait"));
    CHECK(sim.world.faults.refused_power_on == 0);
}

TEST_CASE("faults: a board that came home is left alone when the journal does not take it",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.on_event = [&sim](const EventRecord& record) {
        if (std::holds_alternative<Built>(record.event) && sim.events<Built>().size() == 2)
            sim.board().switch_off();
    };
    bool refused = false;
    sim.journal.fail_if = [&refused](BisectionId, const Event& event) {
        const auto* const tried = std::get_if<RecoveryTried>(&event);
        return tried != nullptr && tried->worked && !std::exchange(refused, true);
    };
    still_finds_the_culprit(sim);
    CHECK(refused);
    CHECK(sim.board().power_cycles() == 1);
    CHECK(spoiled(sim, "") == 0);
}

TEST_CASE("faults: without a power switch the wait for a board is told, however it ends",
          "[orchestration]") {
    const bool comes_back = GENERATE(true, false);
    Simulation sim(World::line(20, 13));
    sim.world.has_power = false;
    sim.world.faults.frozen_in_run = 2;
    sim.on_event = [&sim, comes_back](const EventRecord& record) {
        const auto* const tried = std::get_if<RecoveryTried>(&record.event);
        if (comes_back && tried != nullptr && tried->rung == "new session") sim.board().cycle();
    };
    sim.start();
    sim.rest();
    INFO(sim.story());
    const auto tried = sim.events<RecoveryTried>();
    REQUIRE(tried.size() == 2);
    CHECK(tried.back().rung == "wait");
    CHECK(tried.back().worked == comes_back);
    CHECK(sim.events<BoardParked>().size() == (comes_back ? 0 : 1));
}

TEST_CASE("faults: a build that the machine spoiled is repeated at once", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.faults.failing_builds = 1;
    still_finds_the_culprit(sim);
    CHECK(spoiled(sim, "") == 0);
    REQUIRE(sim.events<Noted>().size() == 1);
    CHECK_THAT(sim.events<Noted>().front().text, Contains("out of memory"));
}

TEST_CASE("faults: a precondition that is not met is said, with what it printed",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.recipe.reproducer.preconditions = {"test -e /dev/thing"};
    sim.world.faults.unmet_preconditions = 1;
    still_finds_the_culprit(sim);
    CHECK(spoiled(sim, "test -e /dev/thing (exit 1)") == 1);
    CHECK(spoiled(sim, "no such device") == 1);
}

TEST_CASE("faults: a journal that fails once, wherever, changes nothing", "[orchestration]") {
    std::size_t events = 0;
    {
        Simulation sim(World::line(6, 4));
        sim.start();
        sim.rest();
        events = sim.journal.records().size();
    }
    for (std::uint64_t at = 2; at <= events; ++at) {
        Simulation sim(World::line(6, 4));
        sim.journal.fail_at = at;
        sim.start();
        const BisectionState& state = sim.rest();
        INFO("event " << at << "\n" << sim.story());
        REQUIRE(state.ended);
        CHECK(state.ended->ending == Ending::culprit);
        CHECK(state.ended->commits == std::vector<CommitId>{id_of(4)});
    }
}

TEST_CASE("faults: a pause that the journal does not take is taken a moment later",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    sim.run_until([&sim] { return sim.events<VerdictGiven>().size() == 1; });
    sim.stop();
    sim.world.recipe.digest = "another";
    bool refused = false;
    sim.journal.fail_if = [&refused](BisectionId, const Event& event) {
        return std::holds_alternative<BisectionPaused>(event) && !std::exchange(refused, true);
    };
    sim.start_daemon();
    sim.rest();
    CHECK(refused);
    CHECK(sim.state().activity == Activity::paused);
    CHECK(sim.events<BisectionPaused>().size() == 1);
}

TEST_CASE("faults: a dead board without a way back is parked, and returned by a person",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.has_power = GENERATE(true, false);
    sim.start();
    sim.run_until([&sim] { return sim.board().jobs_started() == 3; });
    sim.world.faults.dead_fallback = true;
    const BisectionState& state = sim.rest();
    INFO(sim.story());
    REQUIRE(state.activity == Activity::parked);
    REQUIRE(sim.events<BoardParked>().size() == 1);
    CHECK_THAT(sim.events<BoardParked>().front().ask, Contains("bisectctl boards resume b1"));
    CHECK(sim.supervisor().boards()->front().state == "parked");

    sim.world.faults.dead_fallback = false;
    sim.board().cycle();
    REQUIRE(sim.supervisor().return_board("b1"));
    const BisectionState& ended = sim.rest();
    CHECK(sim.events<BoardRecovered>().size() == 1);
    INFO("in the end:\n" << sim.story());
    REQUIRE(ended.ended);
    CHECK(ended.ended->commits == std::vector<CommitId>{id_of(13)});
}

TEST_CASE("faults: a board that starts again between proof and runs is not judged by them",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    bool again = false;
    sim.on_event = [&sim, &again](const EventRecord& record) {
        if (!std::holds_alternative<KernelProven>(record.event) || std::exchange(again, true))
            return;
        sim.board().reset(Ms(0));  // its known-good kernel answers at once, and shows no bug
    };
    still_finds_the_culprit(sim);
    CHECK(spoiled(sim, "started again since its kernel was proven") == 1);
}

TEST_CASE("faults: a board that is lost before the reproducer runs says nothing of the commit",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    unsigned left = 3;
    sim.world.mischief.rate(Fault::work_folder_full, 1.0);
    sim.on_event = [&sim, &left](const EventRecord& record) {
        if (left == 0 || !std::holds_alternative<KernelProven>(record.event)) return;
        --left;
        sim.world.mischief.budget(1);  // the reproducer cannot be pushed
    };
    sim.start();
    CHECK(sim.rest().activity == Activity::paused);
    INFO(sim.story());
    CHECK(spoiled(sim, "no space left on device") == 3);
    CHECK(sim.events<VerdictGiven>().empty());
    REQUIRE(sim.supervisor().resume(1));
    const BisectionState& state = sim.rest();
    REQUIRE(state.ended);
    CHECK(state.ended->commits == std::vector<CommitId>{id_of(13)});
}

TEST_CASE("faults: an attempt keeps its board when the journal fails, whoever waits for it",
          "[orchestration]") {
    Simulation sim(World::line(6, 4));
    bool failed = false;
    sim.journal.fail_if = [&sim, &failed](BisectionId id, const Event& event) {
        if (id != 1 || !std::holds_alternative<RunsStarted>(event) || failed) return false;
        CHECK(sim.supervisor().boards()->front().waiting == std::vector<BisectionId>{2});
        return failed = true;
    };
    sim.start();
    sim.start();
    sim.rest(1);
    sim.rest(2);
    INFO(sim.story());
    REQUIRE(failed);
    for (const BisectionId id : {1, 2}) {
        REQUIRE(sim.state(id).ended);
        CHECK(sim.state(id).ended->commits == std::vector<CommitId>{id_of(4)});
        for (const AttemptEnded& ended : sim.events<AttemptEnded>(id))
            CHECK(ended.outcome != Outcome::infrastructure);
    }
}

TEST_CASE("faults: a proof that waits for another's build of its commit compares with it",
          "[orchestration]") {
    Simulation sim(World::line(3, 1), {"b1", "b2"});
    for (const std::string board : {"b1", "b2"}) {
        StartRequest request = sim.usual_request(board);
        request.trust_ends = true;  // the parent is not built before its proof
        REQUIRE(sim.ask(std::move(request)));
    }
    sim.rest(1);
    sim.rest(2);
    INFO(sim.story());
    CHECK(sim.world.ledger.wrongs.empty());
    for (const BisectionId id : {1, 2}) REQUIRE(sim.state(id).ended);
}
