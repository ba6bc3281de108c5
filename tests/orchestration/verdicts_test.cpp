#include <catch2/catch.hpp>

#include "tests/sim/simulation.hpp"

using namespace bisectd;
using namespace bisectd::sim;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

constexpr unsigned culprit = 13;
/// The first commit that a bisection of 1 to 20 tests after the ends, whichever the engine takes.
unsigned first_candidate() {
    Simulation sim(World::line(20, culprit));
    sim.start();
    const auto found = [&sim]() -> const StepState* {
        for (const StepState& step : sim.state().steps)
            if (step.purpose == Purpose::search) return &step;
        return nullptr;
    };
    sim.run_until([&found] { return found() != nullptr; });
    return number_of(found()->commit);
}

const unsigned first = first_candidate();

/// Commit `first` is the odd one; `odd` makes it so.
World with_odd(std::function<void(Kernel&)> odd) {
    World world = World::line(20, culprit);
    world.changes = [odd = std::move(odd)](unsigned commit, Kernel& kernel) {
        if (commit == first) odd(kernel);
    };
    return world;
}

World with_odd_run(RunStory story) {
    return with_odd([story](Kernel& kernel) { kernel.run = [story](unsigned) { return story; }; });
}

RunStory exits(int exit) {
    RunStory story;
    story.exit = exit;
    return story;
}

RunStory dies(Death death, std::string last_words) {
    RunStory story;
    story.death = death;
    story.last_words = std::move(last_words);
    return story;
}

/// The step of a commit after the bisection came to rest.
const StepState& step_of(Simulation& sim, unsigned commit) {
    for (const StepState& step : sim.state().steps)
        if (step.commit == id_of(commit)) return step;
    FAIL("commit " << commit << " was not tested\n" << sim.story());
    return sim.state().steps.front();
}

Verdict verdict_of(Simulation& sim, unsigned commit) {
    const StepState& step = step_of(sim, commit);
    INFO(sim.story());
    REQUIRE(step.verdict);
    return step.verdict->verdict;
}

void check_culprit(Simulation& sim) {
    INFO(sim.story());
    REQUIRE(sim.state().ended);
    CHECK(sim.state().ended->ending == Ending::culprit);
    CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(culprit)});
}

void hunt(Simulation& sim) {
    sim.start();
    sim.rest();
}

}  // namespace

TEST_CASE("verdict: a commit that does not build is skipped", "[orchestration]") {
    Simulation sim(World::line(20, culprit));
    sim.world.builds = [](unsigned commit) { return commit != first; };
    hunt(sim);
    CHECK(verdict_of(sim, first) == Verdict::skip);
    CHECK_THAT(step_of(sim, first).verdict->cause, Contains("expected ';'"));
    check_culprit(sim);
}

TEST_CASE("verdict: a commit that never boots is skipped at its second failed boot",
          "[orchestration]") {
    const auto boot = GENERATE(BootStory::hangs, BootStory::panics);
    const bool console = GENERATE(true, false);
    Simulation sim(with_odd([boot](Kernel& kernel) { kernel.boot = boot; }));
    sim.world.has_console = console;
    hunt(sim);
    const StepState& step = step_of(sim, first);
    INFO(sim.story());
    REQUIRE(step.attempts.size() == 2);
    CHECK(step.attempts[0].ended->outcome == Outcome::infrastructure);
    CHECK(step.attempts[1].ended->outcome == Outcome::skip);
    CHECK(verdict_of(sim, first) == Verdict::skip);
    check_culprit(sim);
}

TEST_CASE("verdict: where boot failures are hunted, two of them are bad", "[orchestration]") {
    World world = World::line(20, culprit);
    world.changes = [](unsigned commit, Kernel& kernel) {
        if (commit >= culprit) kernel.boot = BootStory::panics;
    };
    world.recipe.boot.on_failure = OnBootFailure::bad;
    Simulation sim(std::move(world));
    hunt(sim);
    check_culprit(sim);
}

TEST_CASE("verdict: kernels that answer wrongly three times pause the bisection",
          "[orchestration]") {
    Simulation sim(World::line(20, culprit));
    sim.world.faults.wrong_kernels = 3;
    hunt(sim);
    INFO(sim.story());
    REQUIRE(sim.state().activity == Activity::paused);
    CHECK_THAT(sim.state().paused_why, Contains("another kernel answers"));
    REQUIRE(sim.supervisor().resume(1));
    sim.rest();
    check_culprit(sim);
}

TEST_CASE("verdict: a hang in a run means what on_hang says", "[orchestration]") {
    const auto [on_hang, verdict] = GENERATE(table<OnHang, Verdict>({
        {OnHang::retry, Verdict::uncertain},
        {OnHang::skip, Verdict::skip},
    }));
    Simulation sim(with_odd_run(dies(Death::freeze, "")));
    sim.world.recipe.symptoms.front().on_hang = on_hang;
    hunt(sim);
    CHECK(verdict_of(sim, first) == verdict);
    CHECK(step_of(sim, first).attempts.size() == (on_hang == OnHang::retry ? 3 : 1));
    check_culprit(sim);
}

TEST_CASE("verdict: three lost boards on one commit are not held against the next",
          "[orchestration]") {
    Simulation sim(with_odd_run(dies(Death::freeze, "")));
    sim.start();
    sim.run_until([&sim] { return sim.events<VerdictGiven>().size() == 3; });
    CHECK(verdict_of(sim, first) == Verdict::uncertain);
    sim.world.faults.forgotten_kernels = 1;
    sim.rest();
    check_culprit(sim);
}

TEST_CASE("verdict: where hangs are hunted, a hang is bad", "[orchestration]") {
    World world = World::line(20, culprit);
    world.changes = [](unsigned commit, Kernel& kernel) {
        if (commit >= culprit) kernel.run = [](unsigned) { return dies(Death::freeze, ""); };
    };
    world.recipe.symptoms.front().on_hang = OnHang::bad;
    Simulation sim(std::move(world));
    hunt(sim);
    check_culprit(sim);
}

TEST_CASE("verdict: a panic that matches the kernel log pattern is the symptom",
          "[orchestration]") {
    World world = World::line(20, culprit);
    world.changes = [](unsigned commit, Kernel& kernel) {
        if (commit < culprit) return;
        kernel.run = [](unsigned) {
            return dies(Death::panic, "Kernel panic - not syncing: the symptom");
        };
    };
    Simulation sim(std::move(world));
    hunt(sim);
    check_culprit(sim);
    CHECK_THAT(sim.state().ended->cause, Contains("not syncing: the symptom"));
}

TEST_CASE("verdict: a panic of another kind is skipped when it comes again", "[orchestration]") {
    Simulation sim(with_odd_run(dies(Death::panic, "Kernel panic - not syncing: another bug")));
    hunt(sim);
    CHECK(verdict_of(sim, first) == Verdict::skip);
    CHECK(step_of(sim, first).attempts.size() == 2);
    check_culprit(sim);
}

TEST_CASE("verdict: a panic of another kind that comes once is tried again", "[orchestration]") {
    unsigned panics = 1;
    World world = World::line(20, culprit);
    world.changes = [&panics](unsigned commit, Kernel& kernel) {
        if (commit != first) return;
        kernel.run = [&panics](unsigned) {
            if (panics == 0) return RunStory{};
            --panics;
            return dies(Death::panic, "Kernel panic - not syncing: another bug");
        };
    };
    Simulation sim(std::move(world));
    hunt(sim);
    CHECK(verdict_of(sim, first) == Verdict::good);
    CHECK(step_of(sim, first).attempts.size() == 2);
    check_culprit(sim);
}

TEST_CASE("verdict: the failure of something else is no symptom", "[orchestration]") {
    RunStory oops = exits(0);
    oops.klog = KernelLog::oops;
    const RunStory story = GENERATE_COPY(values({exits(3), exits(139), oops}));
    Simulation sim(with_odd_run(story));
    hunt(sim);
    CHECK(verdict_of(sim, first) == Verdict::skip);
    check_culprit(sim);
}

TEST_CASE("verdict: what is not there is good, unless the recipe says otherwise",
          "[orchestration]") {
    const auto [meaning, verdict] = GENERATE(table<OnNotApplicable, Verdict>({
        {OnNotApplicable::good, Verdict::good},
        {OnNotApplicable::skip, Verdict::skip},
    }));
    Simulation sim(with_odd_run(exits(77)));
    sim.world.recipe.symptoms.front().on_not_applicable = meaning;
    hunt(sim);
    CHECK(verdict_of(sim, first) == verdict);
    check_culprit(sim);
}

TEST_CASE("verdict: runs that do not count pause the bisection after three attempts",
          "[orchestration]") {
    Simulation sim(with_odd_run(exits(127)));
    hunt(sim);
    INFO(sim.story());
    REQUIRE(sim.state().activity == Activity::paused);
    CHECK_THAT(sim.state().paused_why, Contains("3 attempts in a row"));
    CHECK_THAT(sim.state().paused_why, Contains("the reproducer itself is broken"));
    CHECK_FALSE(step_of(sim, first).verdict);

    sim.world.changes = nullptr;  // a person mended it
    REQUIRE(sim.supervisor().resume(1));
    sim.rest();
    check_culprit(sim);
}

TEST_CASE("verdict: a good end that is bad ends the bisection", "[orchestration]") {
    Simulation sim(World::line(20, 0));
    hunt(sim);
    REQUIRE(sim.state().ended);
    CHECK(sim.state().ended->ending == Ending::wrong_range);
}

TEST_CASE("verdict: a culprit behind commits that do not build is one of several",
          "[orchestration]") {
    Simulation sim(World::line(20, culprit));
    sim.world.builds = [](unsigned commit) { return commit != 12 && commit != 13; };
    hunt(sim);
    INFO(sim.story());
    REQUIRE(sim.state().ended);
    CHECK(sim.state().ended->ending == Ending::inconclusive);
    CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(12), id_of(13), id_of(14)});
}

TEST_CASE("verdict: a culprit on a side branch is found and all its parents tested",
          "[orchestration]") {
    // 0 - 1 - 2 - 3 - 4 ------ 8 - 9
    //      \- 5 - 6(culprit) - 7 -/
    World world;
    world = World::line(9, 6);
    world.parents = {{}, {0}, {1}, {2}, {3}, {1}, {5}, {6}, {4, 7}, {8}};
    Simulation sim(std::move(world));
    hunt(sim);
    INFO(sim.story());
    REQUIRE(sim.state().ended);
    CHECK(sim.state().ended->ending == Ending::culprit);
    CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(6)});
}

TEST_CASE("verdict: a kernel that floods its console and does not come up was started",
          "[orchestration]") {
    World world = with_odd([](Kernel& kernel) { kernel.boot = BootStory::hangs; });
    const std::string first_words = "Linux version " + world.kernel(first).release;
    Simulation sim(std::move(world));
    sim.start();
    std::size_t flooded = 0;
    sim.run_until([&] {
        std::string& console = sim.board().console();
        const std::size_t at = console.rfind(first_words);
        if (at != std::string::npos && at >= flooded) {
            console += std::string(2 << 20, 'x') + "\n";
            flooded = console.size();
        }
        return sim.state().activity != Activity::running;
    });
    REQUIRE(sim.state().ended);
    CHECK(flooded > 0);
    CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(culprit)});
}

TEST_CASE("verdict: a job that another journal left on the board under its name is not its own",
          "[orchestration]") {
    World world = World::line(20, culprit);
    world.recipe.build.kind = BuildKind::command;
    Simulation sim(std::move(world));
    AgentJob old;
    old.id = "b1s1a1r1";
    old.command = "./reproducer";
    old.runs = 8;
    const std::string folder = sim.board().spec().work_folder + "/jobs/" + old.id;
    sim.board().put(folder + "/job", encode_job(old));
    REQUIRE(sim.board().start(folder));
    sim.start();
    const BisectionState& state = sim.rest();
    INFO(sim.story());
    REQUIRE(state.ended);
    CHECK(state.ended->commits == std::vector<CommitId>{id_of(culprit)});
    CHECK(sim.world.ledger.jobs.at(old.id).size() == 2);  // the old one, and the bad end's
}

TEST_CASE("verdict: the recipe's prepare step is seen to for one board at a time",
          "[orchestration]") {
    World world = World::line(20, culprit);
    world.prepare_takes = 30s;
    Simulation sim(std::move(world), {"b1", "b2"});
    StartRequest request = sim.usual_request();
    request.more_boards = {"b2"};
    REQUIRE(sim.ask(request));
    const BisectionState& state = sim.rest();
    INFO(sim.story());
    REQUIRE(state.ended);
    CHECK(sim.world.ledger.wrongs.empty());
}
