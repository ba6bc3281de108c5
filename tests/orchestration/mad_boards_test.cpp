#include <catch2/catch.hpp>
#include <set>

#include "tests/sim/simulation.hpp"

// A board that has gone mad calls every commit bad, or every commit good. With another board of the
// same bisection it does no harm but the time it takes.

using namespace bisectd;
using namespace bisectd::sim;
using Catch::Matchers::Contains;

namespace {

BisectionId start_on(Simulation& sim, std::vector<std::string> boards) {
    StartRequest request = sim.usual_request(boards.front());
    request.more_boards.assign(boards.begin() + 1, boards.end());
    return sim.ask(std::move(request)).value();
}

std::set<std::string> quarantined(const Simulation& sim) {
    std::set<std::string> boards;
    for (const BoardQuarantined& one : sim.events<BoardQuarantined>()) boards.insert(one.board);
    return boards;
}

/// Boards that tested an end of the range, as an end or again.
std::set<std::string> asked_about(Simulation& sim, unsigned commit) {
    std::set<std::string> boards;
    for (const StepState& step : sim.state().steps)
        if (step.commit == id_of(commit) && step.purpose != Purpose::search)
            for (const AttemptState& attempt : step.attempts) boards.insert(attempt.board);
    return boards;
}

}  // namespace

TEST_CASE("mad boards: one of two that is mad from the start is found out, and the culprit as well",
          "[orchestration]") {
    const unsigned culprit = GENERATE(1u, 7u, 13u, 20u);
    const int always = GENERATE(0, 1);
    const std::string mad = GENERATE("b1", "b2");
    // As many as the boards want, and a few at a time.
    const unsigned runs = GENERATE(0u, 5u);
    World world = World::line(20, culprit);
    world.recipe.symptoms.front().runs = runs;
    Simulation sim(std::move(world), {"b1", "b2"});
    sim.board(mad).always_exit_with(always);
    start_on(sim, {"b1", "b2"});
    sim.run_until([&sim] {
        return sim.state().activity != Activity::running || sim.journal.records().size() > 5000;
    });
    INFO("culprit " << culprit << ", " << mad << " always exits with " << always << ", orders of "
                    << runs << " runs\n"
                    << sim.story());
    REQUIRE(sim.state().ended);
    CHECK(sim.state().ended->ending == Ending::culprit);
    CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(culprit)});
    for (const std::string& board : quarantined(sim)) CHECK(board == mad);
    // What it had shown is not believed.
    for (const StepState& step : sim.state().steps)
        for (const AttemptState& attempt : step.attempts)
            if (attempt.board == mad && attempt.runs() > 0 && quarantined(sim).contains(mad))
                CHECK(attempt.withdrawn);
}

TEST_CASE("mad boards: one that turns mad on the way is found out, whenever that is",
          "[orchestration]") {
    const int always = GENERATE(0, 1);
    for (std::size_t verdicts = 1; verdicts < 6; ++verdicts) {
        Simulation sim(World::line(40, 23), {"b1", "b2"});
        start_on(sim, {"b1", "b2"});
        sim.run_until([&sim, verdicts] { return sim.events<VerdictGiven>().size() >= verdicts; });
        sim.board("b2").always_exit_with(always);
        sim.rest();
        INFO("always " << always << " after " << verdicts << " verdicts\n" << sim.story());
        REQUIRE(sim.state().ended);
        CHECK(sim.state().ended->ending == Ending::culprit);
        CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(23)});
        CHECK_FALSE(quarantined(sim).contains("b1"));
    }
}

TEST_CASE(
    "mad boards: a fast one that sees nothing is found out before its findings end the search",
    "[orchestration]") {
    const unsigned culprit = GENERATE(range(1u, 16u));
    const int speed = GENERATE(1, 3, 10, 20);
    World world = World::line(15, culprit);
    world.recipe.symptoms.front().runs = 4;
    Simulation sim(std::move(world), {"b1", "b2"});
    sim.board("b2").always_exit_with(0);
    sim.board("b1").run_takes(Ms(30'000));
    sim.board("b2").run_takes(Ms(30'000 / speed));
    start_on(sim, {"b1", "b2"});
    sim.rest();
    INFO("culprit " << culprit << ", " << speed << " times as fast\n" << sim.story());
    REQUIRE(sim.state().ended);
    CHECK(sim.state().ended->ending == Ending::culprit);
    CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(culprit)});
}

TEST_CASE("mad boards: of three, two sane ones outvote the third", "[orchestration]") {
    const int always = GENERATE(0, 1);
    const std::string mad = GENERATE("b1", "b2", "b3");
    Simulation sim(World::line(20, 13), {"b1", "b2", "b3"});
    sim.board(mad).always_exit_with(always);
    start_on(sim, {"b1", "b2", "b3"});
    sim.rest();
    INFO(mad << " always exits with " << always << "\n" << sim.story());
    REQUIRE(sim.state().ended);
    CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(13)});
    for (const std::string& board : quarantined(sim)) CHECK(board == mad);
}

TEST_CASE("mad boards: a range that is wrong is called so once a second board has said it too",
          "[orchestration]") {
    // Commit 0, the good end, has the bug already; or no commit has it.
    const bool older = GENERATE(true, false);
    World world = World::line(20, 0);
    world.recipe.symptoms.front().runs = 0;
    if (!older)
        world.changes = [](unsigned, Kernel& kernel) {
            kernel.run = [](unsigned) { return RunStory{}; };
        };
    Simulation sim(std::move(world), {"b1", "b2"});
    start_on(sim, {"b1", "b2"});
    sim.rest();
    INFO(sim.story());
    REQUIRE(sim.state().ended);
    CHECK(sim.state().ended->ending == Ending::wrong_range);
    CHECK_THAT(sim.state().ended->cause,
               Contains("found on b1 and b2") || Contains("found on b2 and b1"));
    CHECK(asked_about(sim, older ? 0 : 20) == std::set<std::string>{"b1", "b2"});
    CHECK(quarantined(sim).empty());
}

TEST_CASE("mad boards: with one board alone a wrong end is believed at once", "[orchestration]") {
    Simulation sim(World::line(20, 0));
    sim.start();
    sim.rest();
    INFO(sim.story());
    REQUIRE(sim.state().ended);
    CHECK(sim.state().ended->ending == Ending::wrong_range);
    CHECK(sim.state().steps.size() == 2);
}

TEST_CASE("mad boards: the other board is queued for while another bisection has it",
          "[orchestration]") {
    Simulation sim(World::line(20, 13), {"b1", "b2"});
    sim.board("b1").always_exit_with(1);
    sim.start("b2");
    sim.run_until([&sim] { return sim.events<RunsStarted>(1).size() == 1; });
    start_on(sim, {"b1", "b2"});
    sim.rest(2);
    sim.rest(1);
    INFO(sim.story());
    for (const BisectionId id : {1, 2}) {
        REQUIRE(sim.state(id).ended);
        CHECK(sim.state(id).ended->commits == std::vector<CommitId>{id_of(13)});
    }
}
