#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>
#include <set>

#include "tests/sim/simulation.hpp"

using namespace bisectd;
using namespace bisectd::sim;
using Catch::Matchers::Contains;

namespace {

constexpr unsigned culprit = 13;

/// Fails in one run of `in` by chance, on every commit that has the bug.
World rare(unsigned in) {
    World world = World::line(20, culprit);
    world.recipe.symptoms.front().runs = 0;
    world.changes = [in](unsigned commit, Kernel& kernel) {
        if (commit < culprit) return;
        const auto chance = std::make_shared<std::minstd_rand>(commit);
        (*chance)();
        kernel.run = [in, chance](unsigned) {
            RunStory story;
            story.exit = (*chance)() % in == 0 ? 1 : 0;
            return story;
        };
    };
    return world;
}

void check_culprit(Simulation& sim) {
    INFO(sim.story());
    REQUIRE(sim.state().ended);
    CHECK(sim.state().ended->ending == Ending::culprit);
    CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(culprit)});
    CHECK(sim.false_verdicts() == 0);
}

BisectionId start_on_both(Simulation& sim) {
    StartRequest request = sim.usual_request("b1");
    request.more_boards = {"b2"};
    return sim.ask(std::move(request)).value();
}

Ms hunted_for(Simulation& sim) {
    const Ms start = sim.clock.steady();
    sim.rest();
    check_culprit(sim);
    return sim.clock.steady() - start;
}

/// Its command is "./second".
World with_second_symptom() {
    World world = World::line(20, culprit);
    Symptom second = world.recipe.symptoms.front();
    second.name = "second";
    second.command = "./second";
    second.kernel_log_pattern = "";
    world.recipe.symptoms.push_back(second);
    return world;
}

}  // namespace

TEST_CASE("boards: two that share a bisection take less time than one", "[orchestration]") {
    Simulation one(rare(20), {"b1", "b2"});
    one.start();
    const Ms alone = hunted_for(one);
    Simulation two(rare(20), {"b1", "b2"});
    start_on_both(two);
    const Ms together = hunted_for(two);
    std::set<std::string> used;
    for (const AttemptStarted& started : two.events<AttemptStarted>()) used.insert(started.board);
    CHECK(used == std::set<std::string>{"b1", "b2"});
    INFO("alone " << alone.count() << " ms, together " << together.count() << " ms");
    CHECK(together < alone);
}

TEST_CASE("boards: one that dies for good returns its work, and the other finds the culprit",
          "[orchestration]") {
    Simulation sim(rare(3), {"b1", "b2"});
    sim.world.has_power = true;
    start_on_both(sim);
    sim.run_until([&sim] { return sim.events<RunsStarted>().size() >= 4; });
    sim.board("b2").break_for_good();
    sim.rest();
    check_culprit(sim);
    for (const StepState& step : sim.state().steps)
        CHECK((step.closed || step.purpose == Purpose::search));
}

TEST_CASE("boards: one that cannot tell good from bad never makes a wrong name",
          "[orchestration]") {
    const int always = GENERATE(0, 1);
    Simulation sim(World::line(20, culprit), {"b1", "b2"});
    sim.board("b2").always_exit_with(always);
    start_on_both(sim);
    sim.rest();
    INFO("always " << always << "\n" << sim.story());
    REQUIRE(sim.state().ended);
    // A good end that it calls bad ends the search, with the evidence shown; a suspect that its
    // findings lead to does not stand its proof.
    for (const CommitId& commit : sim.state().ended->commits)
        if (sim.state().ended->ending == Ending::culprit) CHECK(commit == id_of(culprit));
}

TEST_CASE("boards: the only one, when it turns mad, is quarantined and a person asked",
          "[orchestration]") {
    Simulation sim(World::line(20, culprit));
    sim.start();
    sim.run_until([&sim] { return sim.events<VerdictGiven>().size() >= 3; });
    sim.board().always_exit_with(1);
    const BisectionState& state = sim.rest();
    INFO(sim.story());
    if (state.ended) {
        CHECK(state.ended->ending != Ending::culprit);
    } else {
        CHECK(state.activity == Activity::paused);
        CHECK_THAT(state.paused_why, Contains("tell good from bad"));
    }
}

TEST_CASE("symptoms: two in one recipe have a culprit each, from the same boots",
          "[orchestration]") {
    World world = with_second_symptom();
    world.changes = [](unsigned commit, Kernel& kernel) {
        kernel.run_of = [commit](const std::string& command) {
            RunStory story;
            story.exit = commit >= (command == "./second" ? 6u : culprit) ? 1 : 0;
            return story;
        };
    };
    Simulation sim(std::move(world));
    sim.start();
    const BisectionState& state = sim.rest();
    INFO(sim.story());
    REQUIRE(state.ended);
    CHECK(state.ended->ending == Ending::culprit);
    CHECK(state.conclusions.at("usual").commits == std::vector<CommitId>{id_of(culprit)});
    CHECK(state.conclusions.at("second").commits == std::vector<CommitId>{id_of(6)});
    CHECK_THAT(sim.git_log(1, "usual"), Contains("first bad commit: [" + id_of(culprit).hex()));
    CHECK_THAT(sim.git_log(1, "second"), Contains("first bad commit: [" + id_of(6).hex()));
    CHECK_THAT(sim.git_log(1, "second"), !Contains("git bisect good " + id_of(12).hex()));
}

TEST_CASE("symptoms: where what one tests does not exist the other is tested all the same",
          "[orchestration]") {
    // The feature of one came with its bug, or a little before; the bug of the other is commit 9.
    const std::string late = GENERATE("./second", "./reproduce");
    const unsigned since = GENERATE(5u, culprit);
    World world = with_second_symptom();
    world.changes = [late, since](unsigned commit, Kernel& kernel) {
        kernel.run_of = [late, since, commit](const std::string& command) {
            RunStory story;
            const bool is_late = (command == "./second") == (late == "./second");
            if (is_late)
                story.exit = commit < since ? 77 : commit >= culprit;
            else
                story.exit = commit >= 9;
            return story;
        };
    };
    Simulation sim(std::move(world));
    sim.start();
    sim.run_until([&sim] {
        return sim.state().activity != Activity::running || sim.journal.records().size() > 3000;
    });
    INFO(late << " since " << since << "\n" << sim.story());
    REQUIRE(sim.state().ended);
    const std::string usual = sim.world.recipe.symptoms.front().name;
    const auto& ends = sim.state().conclusions;
    CHECK(ends.at(late == "./second" ? "second" : usual).commits ==
          std::vector<CommitId>{id_of(culprit)});
    CHECK(ends.at(late == "./second" ? usual : "second").commits ==
          std::vector<CommitId>{id_of(9)});
    CHECK_THAT(sim.story(), Contains("the tested feature does not exist here"));
}

TEST_CASE("symptoms: a commit that can tell nothing of one is not booted for it again",
          "[orchestration]") {
    // What the second tests is gone between 9 and 13.
    const unsigned second = GENERATE(3u, 11u, 17u);
    World world = with_second_symptom();
    world.recipe.symptoms.back().on_not_applicable = OnNotApplicable::skip;
    world.changes = [second](unsigned commit, Kernel& kernel) {
        kernel.run_of = [second, commit](const std::string& command) {
            RunStory story;
            if (command != "./second")
                story.exit = commit >= culprit;
            else
                story.exit = commit >= 9 && commit < 14 ? 77 : commit >= second;
            return story;
        };
    };
    Simulation sim(std::move(world));
    sim.start();
    const BisectionState& state = sim.rest();
    INFO("the second came with " << second << "\n" << sim.story());
    REQUIRE(state.ended);
    CHECK(state.conclusions.at("usual").commits == std::vector<CommitId>{id_of(culprit)});
    const std::vector<CommitId>& of_second = state.conclusions.at("second").commits;
    if (second == 11) {
        std::vector<CommitId> gone;
        for (unsigned commit = 9; commit <= 14; ++commit) gone.push_back(id_of(commit));
        CHECK(of_second == gone);
        CHECK_THAT(state.conclusions.at("second").cause, Contains("cannot be tested"));
    } else {
        CHECK(of_second == std::vector<CommitId>{id_of(second)});
    }
    std::map<CommitId, unsigned> searched;
    for (const StepStarted& step : sim.events<StepStarted>())
        if (step.purpose == Purpose::search) CHECK(++searched[step.commit] <= 2);
}

TEST_CASE("symptoms: a second reproducer that is broken stops the bisection, and says so",
          "[orchestration]") {
    World world = with_second_symptom();
    world.changes = [](unsigned commit, Kernel& kernel) {
        kernel.run_of = [commit](const std::string& command) {
            RunStory story;
            story.exit = command == "./second" ? 126 : commit >= culprit;
            return story;
        };
    };
    Simulation sim(std::move(world));
    sim.start();
    sim.run_until([&sim] {
        return sim.state().activity != Activity::running || sim.journal.records().size() > 3000;
    });
    INFO(sim.story());
    CHECK(sim.state().activity == Activity::paused);
    CHECK_THAT(sim.state().paused_why, Contains("the reproducer of 'second' is broken"));
}

TEST_CASE("symptoms: an end that hangs the board cannot be tested for any of them",
          "[orchestration]") {
    World world = with_second_symptom();
    world.changes = [](unsigned commit, Kernel& kernel) {
        kernel.run_of = [commit](const std::string&) {
            RunStory story;
            if (commit == 20) story.death = Death::freeze;
            return story;
        };
    };
    Simulation sim(std::move(world));
    sim.start();
    const BisectionState& state = sim.rest();
    INFO(sim.story());
    REQUIRE(state.ended);
    CHECK(state.ended->ending == Ending::inconclusive);
    for (const auto& [symptom, conclusion] : state.conclusions)
        CHECK_THAT(conclusion.cause, Contains("the bad end") && Contains("cannot be tested"));
    CHECK(state.conclusions.size() == 2);
}

TEST_CASE("prior: commits that touch nothing that is built are not booted", "[orchestration]") {
    World world = World::line(20, culprit);
    world.touches_build = [](unsigned commit) { return commit == 4 || commit == culprit; };
    Simulation sim(std::move(world));
    sim.start();
    sim.rest();
    check_culprit(sim);
    unsigned searched = 0;
    for (const StepState& step : sim.state().steps)
        if (step.purpose == Purpose::search && !step.attempts.back().ended->stopped) ++searched;
    INFO(sim.story());
    REQUIRE(sim.events<PriorWeighed>().size() == 1);
    CHECK(sim.events<PriorWeighed>().front().unlikely == 18);
    CHECK(searched <= 3);
}

TEST_CASE("prior: binaries equal to the good end's rule out what lies between", "[orchestration]") {
    World world = World::line(20, culprit);
    world.touches_build = [](unsigned commit) { return commit >= culprit; };
    Simulation sim(std::move(world));
    sim.start();
    sim.rest();
    check_culprit(sim);
    std::set<CommitId> searched;
    for (const StepState& step : sim.state().steps)
        if (step.purpose == Purpose::search) {
            INFO(sim.story());
            CHECK(searched.insert(step.commit).second);  // none twice
        }
}

TEST_CASE("estimates: what it will take is said before it is begun, and again when it is known",
          "[orchestration]") {
    Simulation sim(rare(10));
    sim.start();
    sim.rest();
    check_culprit(sim);
    const auto estimates = sim.events<Estimated>();
    REQUIRE(estimates.size() >= 2);
    CHECK(estimates[0].when == "start");
    CHECK(estimates[1].when == "calibrated");
    CHECK(estimates[1].failure_rate > 0.02);
    CHECK(estimates[1].failure_rate < 0.4);
    CHECK(estimates[1].seconds > 0);
}

TEST_CASE("estimates: they are renewed as the bisection goes on, and come down to nothing",
          "[orchestration]") {
    Simulation sim(rare(10));
    sim.start();
    sim.rest();
    check_culprit(sim);
    std::vector<EventRecord> said;
    std::size_t verdicts = 0;
    for (const EventRecord& record : sim.journal.records()) {
        if (std::holds_alternative<VerdictGiven>(record.event)) ++verdicts;
        if (std::holds_alternative<Estimated>(record.event)) said.push_back(record);
    }
    INFO(sim.story());
    REQUIRE(said.size() >= 5);
    CHECK(said.size() <= verdicts + 8);
    for (std::size_t i = 2; i < said.size(); ++i) {
        CHECK(std::get<Estimated>(said[i].event).when == "renewed");
        CHECK(said[i].at_ms_utc - said[i - 1].at_ms_utc >= 60'000);
    }
    CHECK(std::get<Estimated>(said.back().event).seconds <
          std::get<Estimated>(said[1].event).seconds / 2);
}

TEST_CASE("progress: what goes on is told of each board of the bisection", "[orchestration]") {
    Simulation sim(rare(20), {"b1", "b2"});
    start_on_both(sim);
    std::set<std::string> together;
    sim.run_until([&sim, &together] {
        const std::vector<Progress> all = sim.supervisor().all_progress(1);
        std::set<std::string> boards;
        for (const Progress& one : all) boards.insert(one.board);
        if (boards.contains("b1") && boards.contains("b2")) together = boards;
        return !together.empty();
    });
    CHECK(together.contains("b1"));
    CHECK(together.contains("b2"));
    CHECK(sim.supervisor().progress(1).board == "b1");
    CHECK(sim.supervisor().all_progress(9).empty());
}

TEST_CASE("judge: what a person says steers the search at once", "[orchestration]") {
    Simulation sim(World::line(20, culprit));
    sim.start();
    sim.run_until([&sim] { return sim.events<VerdictGiven>().size() >= 2; });
    for (unsigned commit : {12u, 13u}) {
        Judgement judgement;
        judgement.commit = id_of(commit).hex();
        judgement.verdict = commit < culprit ? Verdict::good : Verdict::bad;
        judgement.why = "seen on my desk";
        REQUIRE(sim.judge(judgement));
    }
    sim.rest();
    check_culprit(sim);
    unsigned searched = 0;
    for (const StepState& step : sim.state().steps)
        if (step.purpose == Purpose::search && !step.attempts.back().ended->stopped) ++searched;
    INFO(sim.story());
    CHECK(searched <= 1);
}

TEST_CASE("boards: while one shows the bad end, the good end is built", "[orchestration]") {
    Simulation sim(rare(3), {"b1"});
    sim.start();
    sim.run_until([&sim] { return sim.state().steps.size() == 2; });
    INFO(sim.story());
    REQUIRE(sim.state().builds_ahead.size() >= 1);
    const BuildAheadState& first = sim.state().builds_ahead.front();
    CHECK(first.commit == sim.state().range->good.front());
    sim.rest();
    check_culprit(sim);
    CHECK(sim.world.builds_made.at(0) == 1);
}

TEST_CASE("boards: two do not follow each other to a commit that cannot be tested",
          "[orchestration]") {
    const unsigned first = GENERATE(9u, 11u, 12u), last = GENERATE(13u, 14u, 16u);
    Simulation sim(World::line(20, 13), {"b1", "b2"});
    sim.world.changes = [first, last](unsigned commit, Kernel& kernel) {
        if (commit >= first && commit <= last) kernel.boot = BootStory::hangs;
    };
    StartRequest request = sim.usual_request("b1");
    request.more_boards = {"b2"};
    REQUIRE(sim.ask(std::move(request)));
    const BisectionState& state = sim.rest();
    INFO(sim.story());
    REQUIRE(state.ended);
    std::map<CommitId, unsigned> skipped;
    for (const StepState& step : state.steps)
        if (step.verdict && step.verdict->verdict == Verdict::skip) ++skipped[step.commit];
    for (const auto& [commit, times] : skipped) CHECK(times <= 2);  // each board once
}
