#include <catch2/catch.hpp>

#include "tests/sim/simulation.hpp"

using namespace bisectd;
using namespace bisectd::sim;

TEST_CASE("bisection: a whole hunt finds the culprit and proves it", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    const BisectionState& state = sim.rest();
    INFO(sim.story());
    REQUIRE(state.ended);
    CHECK(state.ended->ending == Ending::culprit);
    CHECK(state.ended->commits == std::vector<CommitId>{id_of(13)});
    // Built once for the search and once more, clean, for the proof.
    CHECK(sim.world.builds_made.at(13) == 2);
    CHECK(sim.world.builds_made.at(12) == 2);
    CHECK(sim.events<RecoveryTried>().empty());
    for (const AttemptEnded& ended : sim.events<AttemptEnded>())
        CHECK(ended.outcome != Outcome::infrastructure);
}
