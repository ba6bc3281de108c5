#include <catch2/catch.hpp>
#include <utility>

#include "tests/sim/fake_herald.hpp"
#include "tests/sim/simulation.hpp"

using namespace bisectd;
using namespace bisectd::sim;
using Catch::Matchers::Contains;

namespace {

void check_culprit(Simulation& sim, BisectionId id = 1) {
    INFO(sim.story());
    REQUIRE(sim.state(id).ended);
    CHECK(sim.state(id).ended->ending == Ending::culprit);
    CHECK(sim.state(id).ended->commits == std::vector<CommitId>{id_of(13)});
}

/// The step and attempt that an event of a board on lease belongs to; 0: none.
template <class... Events>
bool is_one_of(const Event& event) {
    return (std::holds_alternative<Events>(event) || ...);
}

}  // namespace

TEST_CASE("control: a paused bisection ends its attempt and rests until it is resumed",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    sim.run_until([&sim] { return sim.events<RunsStarted>().size() == 2; });
    REQUIRE(sim.supervisor().pause(1));
    CHECK_FALSE(sim.supervisor().pause(1));
    CHECK_FALSE(sim.run_until([] { return false; }));  // nobody has anything to do
    CHECK(sim.events<AttemptEnded>().size() == 1);
    CHECK(sim.events<VerdictGiven>().empty());
    REQUIRE(sim.supervisor().resume(1));
    CHECK_FALSE(sim.supervisor().resume(1));
    sim.rest();
    check_culprit(sim);
}

TEST_CASE("control: pause and resume at once change nothing", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    for (std::size_t at = 5; at < 60; at += 3) {
        sim.run_until([&sim, at] { return sim.journal.records().size() >= at; });
        REQUIRE(sim.supervisor().pause(1));
        REQUIRE(sim.supervisor().resume(1));
    }
    sim.rest();
    check_culprit(sim);
}

TEST_CASE("control: after a cancel the board is brought home, wherever the attempt stood",
          "[orchestration]") {
    for (Ms at{500}; at < Ms(130'000); at += Ms(2'000)) {
        Simulation sim(World::line(20, 13));
        sim.start();
        const Ms when = sim.clock.steady() + at;
        sim.run_until([&sim, when] { return sim.clock.steady() >= when; });
        REQUIRE(sim.supervisor().cancel(1));
        CHECK_FALSE(sim.supervisor().cancel(1));
        CHECK_FALSE(sim.run_until([] { return false; }));
        INFO("cancelled after " << at.count() << " ms\n" << sim.story());
        CHECK(sim.state().ended->ending == Ending::cancelled);
        CHECK(sim.board().answers());
        CHECK(sim.board().on_fallback());
        CHECK(sim.supervisor().boards()->front().state == "free");
        // The board serves the next one.
        const BisectionId next = sim.start();
        sim.rest(next);
        check_culprit(sim, next);
    }
}

TEST_CASE("control: a board that cannot be brought home after a cancel is parked, and people told",
          "[orchestration]") {
    const bool killed = GENERATE(false, true);
    FakeHerald herald({"mail"});
    World world = World::line(20, 13);
    world.herald = &herald;
    Simulation sim(std::move(world));
    sim.on_event = [&sim, killed](const EventRecord& record) {
        if (killed && std::holds_alternative<BoardParked>(record.event))
            sim.world.daemon_dead = true;  // before anybody is told
    };
    sim.start();
    sim.run_until([&sim] { return sim.events<RunsStarted>().size() == 2; });
    sim.board().break_for_good();
    REQUIRE(sim.supervisor().cancel(1));
    const auto check_parked = [&sim, &herald] {
        CHECK_FALSE(sim.run_until([] { return false; }));
        INFO(sim.story());
        CHECK(sim.state().activity == Activity::ended);
        CHECK(sim.supervisor().boards()->front().state == "parked");
        CHECK_THAT(sim.supervisor().boards()->front().ask, Contains("bisectctl boards resume b1"));
        REQUIRE(herald.told.size() == 1);
        CHECK(herald.told.front().second.kind == NoticeKind::needs_person);
        CHECK(herald.told.front().second.board == "b1");
    };
    check_parked();
    sim.stop();
    sim.start_daemon();
    check_parked();

    const std::int64_t ended_at = sim.state().last_ms_utc;
    sim.board().replace();
    sim.board().cycle();
    REQUIRE(sim.supervisor().return_board("b1"));
    CHECK(sim.supervisor().boards()->front().state == "free");
    CHECK(sim.state().last_ms_utc == ended_at);
    CHECK_FALSE(sim.supervisor().return_board("b1"));
    const BisectionId next = sim.start();
    sim.rest(next);
    check_culprit(sim, next);
}

TEST_CASE("control: two bisections that share a board never hold it at the same time",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    sim.start();
    sim.rest(1);
    sim.rest(2);
    check_culprit(sim, 1);
    check_culprit(sim, 2);
    BisectionId holder = 0;
    for (const EventRecord& record : sim.journal.records()) {
        const bool on_board =
            is_one_of<Deployed, BootStarted, KernelProven, RunsStarted, RunsRecorded>(record.event);
        if (on_board && holder == 0) holder = record.bisection;
        if (on_board) CHECK(holder == record.bisection);
        if (is_one_of<AttemptEnded>(record.event) && holder == record.bisection) holder = 0;
    }
    CHECK(sim.events<RecoveryTried>(1).empty());
    CHECK(sim.events<RecoveryTried>(2).empty());
}

TEST_CASE("control: who waits for a board can be cancelled, and the board goes to the other",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    sim.start();
    sim.run_until([&sim] { return sim.events<RunsStarted>(1).size() == 1; });
    REQUIRE(sim.supervisor().cancel(2));
    sim.rest(1);
    check_culprit(sim, 1);
}

TEST_CASE("control: who is paused while it waits for a board does not take it later",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    sim.start();
    sim.run_until([&sim] { return sim.events<RunsStarted>(1).size() == 1; });
    REQUIRE(sim.supervisor().pause(2));
    sim.rest(1);
    check_culprit(sim, 1);
    CHECK_FALSE(sim.run_until([] { return false; }));
    CHECK(sim.events<Built>(2).empty());
    REQUIRE(sim.supervisor().resume(2));
    sim.rest(2);
    check_culprit(sim, 2);
}

TEST_CASE("control: a daemon is stopped while it brings a board home after a cancel",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.faults.frozen_in_run = 2;
    sim.start();
    sim.run_until([&sim] { return sim.events<RunsRecorded>().size() == 1; });
    sim.clock.pass(Ms(2'000));  // the board is frozen now
    REQUIRE(sim.supervisor().cancel(1));
    sim.run_until([&sim] { return !sim.events<RecoveryTried>().empty(); });
    const std::size_t before = sim.journal.records().size();
    CHECK_FALSE(sim.stop_and_drain());
    CHECK(sim.journal.records().size() == before);
    sim.start_daemon();
    const BisectionId next = sim.start();
    sim.rest(next);
    check_culprit(sim, next);
}

TEST_CASE("control: after a cancel and the daemon's death the board is brought home, once",
          "[orchestration]") {
    const bool boots = GENERATE(true, false);
    World world = World::line(20, 13);
    if (!boots) {
        world.recipe.build.kind = BuildKind::command;
        world.recipe.build.artefacts = {"image"};
    }
    Simulation sim(std::move(world));
    sim.start();
    sim.run_until([&sim] { return sim.events<RunsStarted>().size() == 2; });
    sim.run_until([&sim] { return sim.board().jobs_started() == 2; });
    const std::string job =
        sim.board().spec().work_folder + "/jobs/" + sim.events<RunsStarted>().back().batch;
    sim.journal.kill_after = sim.journal.records().size() + 1;
    REQUIRE(sim.supervisor().cancel(1));
    CHECK_FALSE(sim.run_until([] { return false; }));
    INFO(sim.story());
    CHECK(sim.deaths == 1);
    CHECK(sim.board().on_fallback());
    CHECK(sim.supervisor().boards()->front().state == "free");
    if (!boots) {
        REQUIRE(sim.board().job(job) != nullptr);
        CHECK(sim.board().job(job)->stopped);
        return;
    }
    CHECK(sim.events<BoardRecovered>().size() == 1);
    // Nobody knows what people do with it since.
    sim.board().switch_off();
    sim.stop();
    sim.start_daemon();
    CHECK_FALSE(sim.run_until([] { return false; }));
    CHECK(sim.events<BoardRecovered>().size() == 1);
    CHECK(sim.events<BoardParked>().empty());
}

TEST_CASE("control: bisections on two boards both find their way", "[orchestration]") {
    Simulation sim(World::line(20, 13), {"b1", "b2"});
    sim.start("b1");
    sim.start("b2");
    sim.rest(1);
    sim.rest(2);
    check_culprit(sim, 1);
    check_culprit(sim, 2);
}

TEST_CASE("control: a bisection whose turn with the board is cut by a restart is not spoiled",
          "[orchestration]") {
    for (std::uint64_t event = 5; event < 60; ++event) {
        Simulation sim(World::line(6, 4));
        sim.start();
        sim.start();
        sim.journal.kill_after = event;
        sim.rest(1);
        sim.rest(2);
        INFO("killed after event " << event << "\n" << sim.story());
        for (const BisectionId id : {1, 2}) {
            REQUIRE(sim.state(id).ended);
            CHECK(sim.state(id).ended->commits == std::vector<CommitId>{id_of(4)});
            for (const AttemptEnded& ended : sim.events<AttemptEnded>(id))
                CHECK(ended.outcome != Outcome::infrastructure);
        }
    }
}

TEST_CASE("control: a wrong request starts nothing", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    CHECK_THROWS_WITH(sim.start("b9"), Contains("b9"));
    CHECK(sim.journal.records().empty());
    CHECK_FALSE(sim.supervisor().pause(1));
    CHECK_FALSE(sim.supervisor().return_board("b1"));
}

TEST_CASE("control: the doctor finds everything well, and leaves a held board alone",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    StartRequest request;
    request.repository = "linux";
    request.bad = "bad";
    request.good = {"good"};
    request.recipe = "usual";
    request.board = "b1";
    for (const Finding& finding : sim.doctor(request)) {
        INFO(finding.subject << ": " << finding.what);
        CHECK(finding.good);
    }
    sim.start();
    sim.run_until([&sim] { return sim.events<RunsStarted>().size() == 1; });
    bool left_alone = false;
    for (const Finding& finding : sim.doctor(request))
        if (finding.what.find("left alone") != std::string::npos) left_alone = true;
    CHECK(left_alone);
    sim.rest();
    check_culprit(sim);
}

TEST_CASE("control: a start and the doctor see a board's file as it is now", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.has_power = false;
    sim.world.has_console = false;
    const std::string arm = std::exchange(sim.board().file().deploy.arm, "");
    const auto refused = sim.ask(sim.usual_request());
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().what, Contains("[deploy]"));
    // Mended: a start does not wait for a doctor.
    sim.board().file().deploy.arm = arm;
    REQUIRE(sim.ask(sim.usual_request()));
    sim.rest();
    check_culprit(sim);
    sim.world.has_power = true;
    sim.world.has_console = true;
    sim.board().file().power.cycle = "reset b1";
    StartRequest request;
    request.board = "b1";
    for (const Finding& finding : sim.doctor(request)) {
        INFO(finding.subject << ": " << finding.what);
        CHECK(finding.good);
    }
    // Who has the board keeps it as it was.
    sim.start();
    sim.run_until([&sim] { return sim.events<RunsStarted>(2).size() == 1; });
    sim.board().file().power.cycle = "reset b2";
    const std::vector<Finding> held = sim.doctor(request);
    REQUIRE_FALSE(held.empty());
    CHECK_THAT(held.front().what, Contains("what its file says by now counts from its next"));
}

TEST_CASE("control: the doctor says what it did not look at, and looks at the controller unasked",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    StartRequest request;
    const auto told = [&sim, &request](const std::string& subject) {
        for (const Finding& finding : sim.doctor(request))
            if (finding.subject == subject)
                return (finding.good ? "good: " : "bad: ") + finding.what;
        return std::string("nothing");
    };
    CHECK(told("compiler") == "good: there");
    CHECK(told("clone and range") == "nothing");
    request.repository = "linux";
    CHECK_THAT(told("clone and range"), Contains("bad: not looked at"));
    request.good = {"good"};
    CHECK_THAT(told("clone and range"), Contains("bad: not looked at"));
    request.bad = "bad";
    CHECK_THAT(told("clone and range"), Contains("good: bad"));
    request.repository.clear();
    CHECK_THAT(told("clone and range"), Contains("bad: not looked at"));
}

TEST_CASE("control: the doctor finds a board without room for a kernel", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.faults.full_boot_folders = 1;
    std::string said;
    for (const Finding& finding : sim.doctor({}))
        if (!finding.good) said += finding.subject + ": " + finding.what;
    CHECK_THAT(said, Contains("board b1: free space: /boot has 5 KiB free, 1024 KiB must stay"));
}

TEST_CASE("control: a frozen recipe that was changed pauses the bisection, once",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    sim.run_until([&sim] { return sim.events<VerdictGiven>().size() == 1; });
    sim.stop();
    sim.world.recipe.digest = "another";
    sim.start_daemon();
    sim.rest();
    CHECK(sim.state().activity == Activity::paused);
    CHECK_THAT(sim.state().paused_why, Contains("the frozen recipe was changed"));
    CHECK(sim.events<BisectionPaused>().size() == 1);
    sim.world.recipe.digest = "digest";
    REQUIRE(sim.supervisor().resume(1));
    sim.rest();
    check_culprit(sim);
}

TEST_CASE("control: the picture of a search is there while it goes on and after it",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    sim.run_until([&sim] { return sim.events<VerdictGiven>().size() == 3; });
    const Survey early = sim.survey().value();
    CHECK(early.commits == 20);
    CHECK(early.suspects > 1);
    sim.rest();
    check_culprit(sim);
    const Survey late = sim.survey().value();
    CHECK(late.suspects == 1);
    REQUIRE_FALSE(late.likely.empty());
    CHECK(late.likely.front().commit == id_of(13));
    CHECK_FALSE(late.likely.front().subject.empty());
    CHECK(late.steps.size() == sim.state(1).steps.size() + 1);
}

TEST_CASE("control: a board's file that is edited wrongly pauses the bisection, which says why",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    sim.run_until([&sim] { return sim.events<RunsEnded>().size() == 1; });
    sim.world.broken_files.insert("b1");
    CHECK(sim.rest().activity == Activity::paused);
    CHECK_THAT(sim.state().paused_why, Contains("b1.toml:3"));
    const Ms paused_at = sim.clock.steady();
    CHECK_FALSE(sim.run_until([] { return false; }));
    CHECK(sim.clock.steady() - paused_at < Ms(60'000));
    sim.world.broken_files.clear();
    REQUIRE(sim.supervisor().resume(1));
    sim.rest();
    check_culprit(sim);
}
