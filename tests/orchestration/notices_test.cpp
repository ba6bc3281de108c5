#include <catch2/catch.hpp>

#include "tests/sim/fake_herald.hpp"
#include "tests/sim/simulation.hpp"

using namespace bisectd;
using namespace bisectd::sim;
using Catch::Matchers::Contains;
using namespace std::chrono_literals;

namespace {

World world_with(FakeHerald& herald) {
    World world = World::line(20, 13);
    world.herald = &herald;
    return world;
}

/// Until the bisection rests and nobody is being told anything any more.
void rest_and_tell(Simulation& sim, BisectionId id = 1) {
    sim.rest(id);
    sim.run_until([&sim, id] {
        return sim.events<NoticeBegun>(id).size() == sim.events<NoticeEnded>(id).size();
    });
}

}  // namespace

TEST_CASE("notices: a culprit is told once each way, with its facts", "[orchestration]") {
    FakeHerald herald({"command", "mail"});
    Simulation sim(world_with(herald));
    sim.start();
    rest_and_tell(sim);
    REQUIRE(herald.told.size() == 2);
    CHECK(herald.told[0].first == "command");
    CHECK(herald.told[1].first == "mail");
    const Notice& notice = herald.told[0].second;
    CHECK(notice.kind == NoticeKind::found);
    CHECK(notice.bisection == 1);
    CHECK(notice.commit == id_of(13));
    CHECK(notice.subject == "subject of 13");
    CHECK(notice.outcome == "culprit");
    CHECK(notice.repository == "linux");
    CHECK(notice.boards == std::vector<std::string>{"b1"});
    CHECK(notice.text == sim.state().ended->cause);
    const auto ended = sim.events<NoticeEnded>();
    REQUIRE(ended.size() == 2);
    CHECK((ended[0].delivered && ended[1].delivered));
    CHECK(ended[0].about == notice.about);
}

TEST_CASE("notices: nobody is told of what a person did", "[orchestration]") {
    FakeHerald herald({"mail"});
    Simulation sim(world_with(herald));
    sim.start();
    sim.run_until([&sim] { return sim.events<RunsStarted>().size() == 2; });
    REQUIRE(sim.supervisor().pause(1));
    CHECK_FALSE(sim.run_until([] { return false; }));
    REQUIRE(sim.supervisor().resume(1));
    REQUIRE(sim.supervisor().cancel(1));
    CHECK_FALSE(sim.run_until([] { return false; }));
    CHECK(herald.told.empty());
    CHECK(sim.events<NoticeBegun>().empty());
}

TEST_CASE("notices: a board that needs a person is told, and so is a wrong range",
          "[orchestration]") {
    FakeHerald herald({"mail"});
    World world = world_with(herald);
    world.faults.hanging_boots = 1;
    world.faults.dead_fallback = true;
    Simulation sim(std::move(world));
    sim.start();
    rest_and_tell(sim);
    INFO(sim.story());
    REQUIRE(herald.told.size() == 1);
    CHECK(herald.told[0].second.kind == NoticeKind::needs_person);
    CHECK(herald.told[0].second.board == "b1");
    CHECK(herald.told[0].second.text == sim.state().parked_ask);

    FakeHerald second({"mail"});
    World good = world_with(second);
    good.culprit = 99;  // nothing in the range
    Simulation never(std::move(good));
    never.start();
    rest_and_tell(never);
    REQUIRE(second.told.size() == 1);
    CHECK(second.told[0].second.kind == NoticeKind::failed);
    CHECK(second.told[0].second.outcome == "wrong-range");
}

TEST_CASE(
    "notices: however and whenever the daemon dies, nobody is told twice, and hardly ever "
    "nobody",
    "[orchestration]") {
    FakeHerald plain({"mail"});
    Simulation undisturbed(world_with(plain));
    undisturbed.start();
    rest_and_tell(undisturbed);
    const std::uint64_t last = undisturbed.journal.records().size();
    for (std::uint64_t kill = last - 6; kill <= last; ++kill) {
        FakeHerald herald({"mail", "webhook"});
        Simulation sim(world_with(herald));
        herald.clock = &sim.clock;
        herald.takes = 5s;
        sim.journal.kill_after = kill;
        sim.start();
        rest_and_tell(sim);
        INFO("killed after " << kill << " of " << last << "\n" << sim.story());
        std::size_t mails = 0, hooks = 0;
        for (const auto& [way, notice] : herald.told) (way == "mail" ? mails : hooks) += 1;
        CHECK(mails <= 1);
        CHECK(hooks <= 1);
        // Every intent has an end, and an end without success says why.
        const auto ended = sim.events<NoticeEnded>();
        CHECK(ended.size() == 2);
        for (const NoticeEnded& end : ended) CHECK(end.delivered != !end.cause.empty());
        REQUIRE(sim.state().ended);
        CHECK(sim.state().ended->ending == Ending::culprit);
    }
}

TEST_CASE("notices: an event just before the daemon's death is told after its restart, once",
          "[orchestration]") {
    FakeHerald herald({"mail"});
    Simulation sim(world_with(herald));
    sim.start();
    // Dies when the ending is written and before anybody is told.
    sim.run_until([&sim] { return !sim.events<SymptomEnded>().empty(); });
    sim.journal.kill_after = sim.journal.records().back().seq + 1;
    rest_and_tell(sim);
    sim.run_until([&sim] { return !sim.events<NoticeEnded>().empty(); });
    INFO(sim.story());
    CHECK(sim.deaths <= 1);
    CHECK(herald.told.size() == 1);
    for (int restart = 0; restart < 3; ++restart) {
        sim.stop();
        sim.start_daemon();
        sim.run_until([] { return false; });
    }
    CHECK(herald.told.size() == 1);
}

TEST_CASE("notices: old stories are not told, even where nobody was told of them",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    sim.rest();
    sim.stop();
    FakeHerald herald({"mail"});
    sim.world.herald = &herald;
    sim.clock.pass(25h);
    sim.start_daemon();
    sim.run_until([] { return false; });
    CHECK(herald.told.empty());
}

TEST_CASE("notices: a herald that fails, hangs or throws harms no bisection", "[orchestration]") {
    for (const char* how : {"refuses", "throws", "hangs"}) {
        FakeHerald herald({"command", "webhook"});
        Simulation sim(world_with(herald));
        const std::string word = how;
        herald.refuses = word == "refuses";
        herald.throws = word == "throws";
        if (word == "hangs") {
            herald.clock = &sim.clock;
            herald.takes = 24h;
        }
        sim.start();
        sim.rest();
        sim.run_until([] { return false; });
        INFO(how << "\n" << sim.story());
        REQUIRE(sim.state().ended);
        CHECK(sim.state().ended->ending == Ending::culprit);
        CHECK(herald.told.size() == 2);
        const auto ended = sim.events<NoticeEnded>();
        REQUIRE(ended.size() == 2);
        for (const NoticeEnded& end : ended) {
            CHECK_FALSE(end.delivered);
            CHECK_FALSE(end.cause.empty());
        }
        // The next one goes its way.
        const BisectionId next = sim.start();
        sim.rest(next);
        CHECK(sim.state(next).ended->ending == Ending::culprit);
    }
}

TEST_CASE("notices: they are no part of how long a bisection took", "[orchestration]") {
    FakeHerald herald({"mail"});
    Simulation sim(world_with(herald));
    herald.clock = &sim.clock;
    herald.takes = 20s;
    sim.start();
    sim.rest();
    const std::int64_t at = sim.state().last_ms_utc;
    rest_and_tell(sim);
    CHECK(sim.events<NoticeEnded>().size() == 1);
    CHECK(sim.state().last_ms_utc == at);
}
