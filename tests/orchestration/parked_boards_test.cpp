#include <catch2/catch.hpp>

#include "tests/sim/simulation.hpp"

// A board that one bisection has parked, and others that use it as well.

using namespace bisectd;
using namespace bisectd::sim;
using Catch::Matchers::Contains;

namespace {

/// The only board dies and is parked by bisection 1.
void park(Simulation& sim) {
    sim.start();
    sim.run_until([&sim] { return sim.board().jobs_started() == 3; });
    sim.world.faults.dead_fallback = true;
    REQUIRE(sim.rest().activity == Activity::parked);
    sim.world.faults.dead_fallback = false;
}

void check_culprit(Simulation& sim, BisectionId id) {
    INFO(sim.story());
    REQUIRE(sim.state(id).ended);
    CHECK(sim.state(id).ended->commits == std::vector<CommitId>{id_of(13)});
}

}  // namespace

TEST_CASE("parked boards: one that is at work for another bisection is taken back by itself",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    park(sim);
    sim.board().cycle();  // somebody mends it, and forgets to say so
    const BisectionId other = sim.ask(sim.usual_request()).value();
    sim.rest(other);
    sim.rest(1);
    REQUIRE(sim.events<BoardReturned>(1).size() == 1);
    CHECK_THAT(sim.story(), Contains("board b1 is in order again: bisection 2 works on it"));
    CHECK_FALSE(sim.supervisor().return_board("b1"));  // nobody waits for it
    check_culprit(sim, 1);
    check_culprit(sim, other);
}

TEST_CASE("parked boards: one that others cannot use either stays parked", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    park(sim);
    sim.world.faults.dead_fallback = true;
    const BisectionId other = sim.ask(sim.usual_request()).value();
    INFO(sim.story());
    sim.rest(other);
    CHECK(sim.state(1).activity == Activity::parked);
    CHECK(sim.events<BoardReturned>(1).empty());
}
