#include <algorithm>
#include <catch2/catch.hpp>

#include "core/decide.hpp"
#include "core/needed_artefacts.hpp"
#include "tests/orchestration/watched_world.hpp"
#include "tests/sim/fake_herald.hpp"

using namespace bisectd;
using namespace bisectd::sim;
using Catch::Matchers::Contains;
using namespace std::chrono_literals;

namespace {

void finds_the_culprit(Simulation& sim, BisectionId id = 1) {
    const BisectionState& state = sim.rest(id);
    INFO(sim.story());
    REQUIRE(state.ended);
    CHECK(state.ended->commits == std::vector<CommitId>{id_of(13)});
    CHECK(sim.false_verdicts(id) == 0);
}

std::size_t begun(const Simulation& sim) {
    return sim.events<AttemptStarted>().size() + sim.events<BuildStarted>().size() +
           sim.events<BuildAheadStarted>().size();
}

}  // namespace

TEST_CASE("space: nothing is begun while there is too little, and it goes on by itself",
          "[orchestration]") {
    Simulation sim(watched_world());
    sim.start();
    sim.run_until([&sim] { return sim.events<VerdictGiven>().size() == 2; });
    sim.world.disk.free = sim.world.disk.floor / 4;
    const std::size_t before = begun(sim);
    // What runs, runs on; then it waits, and says for what.
    REQUIRE(sim.run_until([&sim] { return !sim.state().awaits_space.empty(); }));
    CHECK(sim.state().activity == Activity::running);
    CHECK_THAT(sim.state().awaits_space,
               Contains("the data folder") && Contains("238 MiB") && Contains("goes on by itself"));
    let_pass(sim, 48h);
    CHECK(begun(sim) == before);
    CHECK(sim.events<SpaceRanOut>().size() == 1);
    sim.world.disk.free = 2 * sim.world.disk.floor;
    finds_the_culprit(sim);
    CHECK(sim.events<SpaceReturned>().size() == 1);
    CHECK(sim.state().awaits_space.empty());
    for (const AttemptEnded& ended : sim.events<AttemptEnded>())
        CHECK(ended.outcome != Outcome::infrastructure);
}

TEST_CASE("space: a disk that is a little full for a moment is not told", "[orchestration]") {
    Simulation sim(watched_world());
    sim.start();
    sim.run_until([&sim] { return sim.events<VerdictGiven>().size() == 1; });
    sim.world.disk.free = 0;
    let_pass(sim, 30s);
    sim.world.disk.free = sim.world.disk.floor;
    finds_the_culprit(sim);
    CHECK(sim.events<SpaceRanOut>().empty());
}

TEST_CASE("space: a build that the full disk ended waits for room and is no verdict",
          "[orchestration]") {
    Simulation sim(watched_world());
    sim.start();
    sim.run_until([&sim] { return sim.events<BuildStarted>().size() == 3; });
    sim.world.disk.free = 0;
    let_pass(sim, 12h);
    CHECK(sim.events<BuildStarted>().size() == 3);
    // Not even a note could be written: the journal is on that disk.
    sim.world.disk.free = 2 * sim.world.disk.floor;
    finds_the_culprit(sim);
    for (const AttemptEnded& ended : sim.events<AttemptEnded>())
        CHECK(ended.outcome != Outcome::skip);
}

TEST_CASE("space: people are told once, however many bisections wait", "[orchestration]") {
    FakeHerald herald({"mail"});
    World world = watched_world();
    world.herald = &herald;
    Simulation sim(std::move(world), {"b1", "b2"});
    sim.start("b1");
    sim.start("b2");
    sim.run_until([&sim] {
        return sim.events<VerdictGiven>(1).size() > 1 && sim.events<VerdictGiven>(2).size() > 1;
    });
    sim.world.disk.free = 1'000'000;
    REQUIRE(sim.run_until([&sim] {
        return !sim.state(1).awaits_space.empty() && !sim.state(2).awaits_space.empty();
    }));
    let_pass(sim, 1h);
    REQUIRE(herald.told.size() == 1);
    CHECK(herald.told[0].second.kind == NoticeKind::needs_person);
    CHECK(herald.told[0].second.outcome == "no-space");
    CHECK_THAT(herald.told[0].second.text, Contains("0 MiB are free"));
    sim.world.disk.free = 2 * sim.world.disk.floor;
    finds_the_culprit(sim, 1);
    finds_the_culprit(sim, 2);
}

TEST_CASE("space: what nobody needs makes room before anybody waits", "[orchestration]") {
    Simulation sim(watched_world());
    sim.start();
    finds_the_culprit(sim);
    const std::size_t stored = sim.stock().artefacts.size();
    REQUIRE(stored > 5);
    // Two artefacts' worth is missing.
    sim.world.disk.free = sim.world.disk.floor - 300'000'000;
    let_pass(sim, 1min);
    const auto evicted = sim.events<ArtefactEvicted>(0);
    CHECK(evicted.size() == 2);
    const std::vector<StoredArtefact> left = sim.stock().artefacts;
    CHECK(left.size() == stored - 2);
    for (const ArtefactEvicted& gone : evicted)
        CHECK(std::ranges::find(left, gone.key, &StoredArtefact::key) == left.end());
    // The same commits again: what is gone is built again, the rest is not.
    REQUIRE(sim.ask(sim.usual_request()));
    finds_the_culprit(sim, 2);
    CHECK(sim.events<SpaceRanOut>(2).empty());
}

TEST_CASE("space: what went while the journal was full is told when it can be written",
          "[orchestration]") {
    Simulation sim(watched_world());
    sim.start();
    finds_the_culprit(sim);
    const std::size_t stored = sim.stock().artefacts.size();
    bool full = true;
    sim.journal.fail_if = [&full](BisectionId, const Event&) { return full; };
    sim.world.disk.free = sim.world.disk.floor - 300'000'000;
    let_pass(sim, 1min);
    CHECK(sim.stock().artefacts.size() == stored - 2);
    CHECK(sim.events<ArtefactEvicted>(0).empty());
    full = false;
    let_pass(sim, 1min);
    CHECK(sim.events<ArtefactEvicted>(0).size() == 2);
}

TEST_CASE("space: what goes on keeps its artefacts", "[orchestration]") {
    Simulation sim(watched_world());
    sim.start();
    sim.run_until([&sim] { return !sim.events<SuspectNamed>().empty(); });
    sim.world.disk.free = 0;
    let_pass(sim, 10min);
    const std::set<std::string> needed = needed_artefacts(sim.state());
    CHECK(needed.size() >= 4);  // the ends, the suspect and its parent
    for (const ArtefactEvicted& gone : sim.events<ArtefactEvicted>(0))
        CHECK_FALSE(needed.contains(gone.key));
    sim.world.disk.free = 2 * sim.world.disk.floor;
    finds_the_culprit(sim);
}

TEST_CASE("space: a start is refused while there is too little", "[orchestration]") {
    Simulation sim(watched_world());
    sim.world.disk.free = 1;
    const auto refused = sim.ask(sim.usual_request());
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().what, Contains("too little free space"));
    CHECK(sim.journal.records().empty());
    sim.world.disk.free = sim.world.disk.floor;
    CHECK(sim.ask(sim.usual_request()));
}

TEST_CASE("space: a daemon that starts while there is too little waits, too", "[orchestration]") {
    Simulation sim(watched_world());
    sim.start();
    sim.run_until([&sim] { return sim.events<VerdictGiven>().size() == 2; });
    sim.stop();
    sim.world.disk.free = 1;
    sim.start_daemon();
    REQUIRE(sim.run_until([&sim] { return !sim.state().awaits_space.empty(); }));
    sim.stop();
    sim.world.disk.free = 2 * sim.world.disk.floor;
    sim.start_daemon();
    finds_the_culprit(sim);
    CHECK(sim.events<SpaceReturned>().size() == 1);
}

TEST_CASE("space: pause, resume and cancel work while it waits", "[orchestration]") {
    Simulation sim(watched_world());
    sim.start();
    sim.run_until([&sim] { return sim.events<VerdictGiven>().size() == 2; });
    sim.world.disk.free = 1;
    REQUIRE(sim.run_until([&sim] { return !sim.state().awaits_space.empty(); }));
    REQUIRE(sim.supervisor().pause(1));
    sim.world.disk.free = 2 * sim.world.disk.floor;
    let_pass(sim, 1h);
    CHECK(sim.state().activity == Activity::paused);
    CHECK(sim.state().awaits_space.empty());
    sim.world.disk.free = 1;
    REQUIRE(sim.supervisor().resume(1));
    REQUIRE(sim.run_until([&sim] { return !sim.state().awaits_space.empty(); }));
    REQUIRE(sim.supervisor().cancel(1));
    CHECK(sim.state().awaits_space.empty());
}

TEST_CASE(
    "space: wherever a bisection stands, without space it begins nothing and concludes nothing",
    "[orchestration]") {
    Simulation sim(watched_world());
    sim.start();
    finds_the_culprit(sim);
    std::vector<History::Commit> commits;
    for (unsigned commit = 1; commit <= 20; ++commit) {
        commits.push_back({id_of(commit), {}});
        if (commit > 1) commits.back().parents = {commit - 2};
    }
    Knowledge knowledge;
    knowledge.history = std::make_shared<const History>(std::move(commits));
    knowledge.ancestry = std::make_shared<const engine::Ancestry>(knowledge.history);
    Hands hands;
    hands.no_space = true;
    BisectionState state;
    const auto& records = sim.journal.records();
    for (std::size_t i = 0; i + 1 < records.size(); ++i) {
        evolve(state, records[i]);
        if (state.ended) break;
        INFO("after " << Simulation::told(records[i].event));
        for (const Decision& decision : decide(state, knowledge, sim.world.recipe, hands)) {
            CHECK_FALSE(std::holds_alternative<ResolveRange>(decision));
            CHECK_FALSE(std::holds_alternative<TestCommit>(decision));
            CHECK_FALSE(std::holds_alternative<TryAgain>(decision));
            CHECK_FALSE(std::holds_alternative<BuildAhead>(decision));
            // What is written down now is what was written down then.
            if (const auto* conclusion = std::get_if<Conclude>(&decision))
                CHECK(kind(conclusion->event) == kind(records[i + 1].event));
        }
    }
}
