#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>

#include "tests/sim/simulation.hpp"

// Attempts that are stopped on the way, because what they would show is not wanted any more.

using namespace bisectd;
using namespace bisectd::sim;
using Catch::Matchers::Contains;

namespace {

constexpr unsigned culprit = 13;

/// Fails in one run of `in` by chance, on every commit that has the bug.
World rare(unsigned in, unsigned last = 20, unsigned first_bad = culprit) {
    World world = World::line(last, first_bad);
    world.recipe.symptoms.front().runs = 0;
    // One stream for each commit: no boot repeats what another one showed.
    const auto chances = std::make_shared<std::map<unsigned, std::minstd_rand>>();
    world.changes = [in, first_bad, chances](unsigned commit, Kernel& kernel) {
        if (commit < first_bad) return;
        std::minstd_rand& chance = chances->try_emplace(commit, commit).first->second;
        kernel.run = [in, chances, &chance](unsigned) {
            RunStory story;
            story.exit = chance() % in == 0 ? 1 : 0;
            return story;
        };
    };
    return world;
}

std::vector<AttemptEnded> stopped(const Simulation& sim) {
    std::vector<AttemptEnded> all;
    for (const AttemptEnded& ended : sim.events<AttemptEnded>())
        if (ended.stopped) all.push_back(ended);
    return all;
}

/// The step of the search that is open now; null: none.
const StepState* searching(Simulation& sim) {
    for (const StepState* step : sim.state().open_steps())
        if (step->purpose == Purpose::search && !step->attempts.empty()) return step;
    return nullptr;
}

void judge(Simulation& sim, const CommitId& commit, Verdict verdict, bool withdrawn = false) {
    REQUIRE(sim.judge({commit.hex(), "", verdict, withdrawn, "seen on my desk"}));
}

void check_culprit(Simulation& sim) {
    sim.rest();
    INFO(sim.story());
    REQUIRE(sim.state().ended);
    CHECK(sim.state().ended->ending == Ending::culprit);
    CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(culprit)});
}

/// Where an attempt of the search stands.
enum class Stand { boots, runs };

bool stands(const AttemptState& attempt, Stand stand) {
    switch (stand) {
        case Stand::boots:
            return attempt.boot_started && !attempt.proven;
        case Stand::runs:
            return attempt.open_batch() != nullptr;
    }
    return false;
}

}  // namespace

TEST_CASE("stopping: a judgement interrupts the attempt on that commit, wherever it stands",
          "[orchestration]") {
    const Stand stand = GENERATE(Stand::boots, Stand::runs);
    Simulation sim(rare(10));
    sim.start();
    REQUIRE(sim.run_until([&] {
        const StepState* const step = searching(sim);
        return step != nullptr && stands(step->attempts.back(), stand);
    }));
    const CommitId commit = searching(sim)->commit;
    const std::uint64_t number = searching(sim)->number;
    const Ms before = sim.clock.steady();
    judge(sim, commit, number_of(commit) < culprit ? Verdict::good : Verdict::bad);
    REQUIRE(sim.run_until([&] { return sim.state().steps[number - 1].closed; }));
    INFO(sim.story());
    CHECK(sim.clock.steady() - before < Ms(1'000));
    REQUIRE(stopped(sim).size() == 1);
    CHECK(stopped(sim).front().step == number);
    CHECK_THAT(stopped(sim).front().cause, Contains("a person judged this commit"));
    CHECK(sim.events<EvidenceWithdrawn>().empty());
    check_culprit(sim);
    CHECK(sim.state().steps[number - 1].attempts.size() == 1);
    CHECK(sim.events<RecoveryTried>().empty());
    CHECK(sim.events<BisectionPaused>().empty());
    CHECK_FALSE(sim.run_until([] { return false; }));  // the board goes home
    CHECK(sim.supervisor().boards()->front().state == "free");
    CHECK(sim.board().answers());
    CHECK(sim.board().on_fallback());
}

TEST_CASE("stopping: what is taken back is not run to its end", "[orchestration]") {
    Simulation sim(rare(10));
    sim.start();
    REQUIRE(sim.run_until([&] {
        const StepState* const step = searching(sim);
        return step != nullptr && stands(step->attempts.back(), Stand::runs);
    }));
    judge(sim, searching(sim)->commit, Verdict::skip, true);
    REQUIRE(sim.run_until([&sim] { return !stopped(sim).empty(); }));
    CHECK_THAT(stopped(sim).front().cause, Contains("took back what was shown here"));
    check_culprit(sim);
}

TEST_CASE("stopping: a judgement of another commit leaves the attempt alone", "[orchestration]") {
    Simulation sim(rare(10));
    sim.start();
    REQUIRE(sim.run_until([&] { return searching(sim) != nullptr; }));
    const CommitId commit = searching(sim)->commit;
    judge(sim, id_of(1), Verdict::good);
    CHECK(commit != id_of(1));
    check_culprit(sim);
    for (const AttemptEnded& ended : stopped(sim)) CHECK_THAT(ended.cause, !Contains("a person"));
}

TEST_CASE("stopping: a suspect that is judged good is none any more, and its proof ends",
          "[orchestration]") {
    Simulation sim(World::line(20, culprit));
    sim.start();
    REQUIRE(sim.run_until([&sim] {
        const StepState* const step = sim.state().open_step();
        return step != nullptr && step->purpose == Purpose::proof_culprit &&
               !step->attempts.empty() && step->attempts.back().boot_started;
    }));
    judge(sim, id_of(culprit), Verdict::good);
    sim.rest();
    INFO(sim.story());
    REQUIRE_FALSE(stopped(sim).empty());
    CHECK_THAT(stopped(sim).front().cause, Contains("suspect"));
    // People have the last word: the next commit is the first bad one then.
    REQUIRE(sim.state().ended);
    CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(culprit + 1)});
}

TEST_CASE("stopping: a daemon killed right after an attempt was stopped goes on from there",
          "[orchestration]") {
    Simulation sim(rare(10));
    sim.start();
    REQUIRE(sim.run_until([&] {
        const StepState* const step = searching(sim);
        return step != nullptr && stands(step->attempts.back(), Stand::runs);
    }));
    const CommitId commit = searching(sim)->commit;
    sim.journal.kill_after = sim.journal.records().size() + 2;  // judged, stopped
    judge(sim, commit, number_of(commit) < culprit ? Verdict::good : Verdict::bad);
    check_culprit(sim);
    CHECK(sim.deaths == 1);
    CHECK(stopped(sim).size() == 1);
}

TEST_CASE("stopping: a board is taken from a commit that others have decided, and nothing is lost",
          "[orchestration]") {
    // Which range and rate it comes to that depends on the engine: these do, among many.
    std::size_t preempted = 0;
    for (unsigned first_bad = 3; first_bad < 60; first_bad += 4) {
        Simulation sim(rare(5, 64, first_bad), {"b1", "b2", "b3"});
        StartRequest request = sim.usual_request("b1");
        request.more_boards = {"b2", "b3"};
        REQUIRE(sim.ask(std::move(request)));
        sim.rest();
        INFO(sim.story());
        REQUIRE(sim.state().ended);
        CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(first_bad)});
        CHECK(sim.events<RecoveryTried>().empty());
        for (const AttemptEnded& ended : stopped(sim)) {
            ++preempted;
            CHECK_THAT(ended.cause, Contains("what was found meanwhile"));
            const StepState& step = sim.state().steps[ended.step - 1];
            CHECK(step.closed);
            CHECK_FALSE(step.attempts[ended.attempt - 1].withdrawn);
        }
    }
    CHECK(preempted > 0);
}

TEST_CASE("stopping: a build ahead that has become useless makes way for the one a board waits for",
          "[orchestration]") {
    // Which range it comes to that in depends on the engine: these do, among many.
    std::size_t stopped_builds = 0;
    for (unsigned first_bad = 3; first_bad < 60; first_bad += 4) {
        Simulation sim(rare(3, 64, first_bad));
        sim.start();
        sim.rest();
        INFO(sim.story());
        REQUIRE(sim.state().ended);
        CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(first_bad)});
        std::map<std::uint64_t, int> ends;
        for (const BuildAheadEnded& ended : sim.events<BuildAheadEnded>()) {
            CHECK(++ends[ended.build] == 1);
            if (!ended.cause.starts_with("stopped: ")) continue;
            ++stopped_builds;
            CHECK(ended.outcome == Outcome::infrastructure);
            CHECK(ended.commit != id_of(first_bad));
        }
    }
    CHECK(stopped_builds > 0);
}
