#include <catch2/catch.hpp>

#include "tests/sim/simulation.hpp"

using namespace bisectd;
using namespace bisectd::sim;
using Catch::Matchers::Contains;

namespace {

/// "good 3", as the journal has it.
std::vector<std::string> judged(const Simulation& sim, BisectionId id = 1) {
    std::vector<std::string> out;
    for (const CommitJudged& one : sim.events<CommitJudged>(id))
        out.push_back((one.withdrawn ? "withdrawn" : std::string(word(one.verdict))) + " " +
                      std::to_string(number_of(one.commit)));
    return out;
}

template <class T>
std::string error_of(const Result<T>& result) {
    return result ? "no error" : describe(result.error());
}

StartRequest replay(const Simulation& sim, const std::string& log) {
    StartRequest request = sim.usual_request();
    request.bad.clear();
    request.good.clear();
    request.replay = log;
    return request;
}

const std::string ends = "git bisect start 'bad' 'good'\n";

}  // namespace

TEST_CASE("judging: a verdict is journalled with its symptom and reason, and can be withdrawn",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    sim.run_until([&sim] { return sim.events<RunsStarted>().size() == 1; });
    const auto commit = sim.judge({"c7", "usual", Verdict::good, false, "ran it for a week"});
    REQUIRE(commit);
    CHECK(*commit == id_of(7));
    REQUIRE(sim.judge({"bad", "", Verdict::bad, false, ""}));
    REQUIRE(sim.judge({id_of(7).hex(), "", Verdict::skip, true, "wrong machine"}));
    CHECK(judged(sim) == std::vector<std::string>{"good 7", "bad 20", "withdrawn 7"});
    CHECK(sim.events<CommitJudged>()[0].symptom == "usual");
    CHECK(sim.events<CommitJudged>()[0].why == "ran it for a week");
}

TEST_CASE("judging: what cannot be judged is refused and not journalled", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    CHECK_THAT(error_of(sim.judge({"c7", "", Verdict::good, false, ""})),
               Contains("there is none with this number"));
    sim.start();
    CHECK_THAT(error_of(sim.judge({"c99", "", Verdict::good, false, ""})),
               Contains("no tag, branch or commit of this name"));
    CHECK_THAT(error_of(sim.judge({"c7", "unusual", Verdict::good, false, ""})),
               Contains("symptom 'unusual'") && Contains("it has usual"));
    sim.rest();
    REQUIRE(sim.state().ended);
    CHECK_THAT(error_of(sim.judge({"c7", "", Verdict::good, false, ""})),
               Contains("bisection 1: it has ended"));
    CHECK(judged(sim).empty());
}

TEST_CASE("judging: the log tells what people said", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    sim.run_until([&sim] { return sim.events<RunsStarted>().size() == 1; });
    REQUIRE(sim.judge({"c5", "", Verdict::good, false, ""}));
    REQUIRE(sim.judge({"c18", "", Verdict::bad, false, ""}));
    REQUIRE(sim.judge({"c5", "", Verdict::skip, true, ""}));
    CHECK_THAT(sim.git_log(), Contains("git bisect bad " + id_of(18).hex()));
    CHECK_THAT(sim.git_log(), !Contains(id_of(5).hex()));
}

TEST_CASE("judging: a replayed log gives the ends and its verdicts", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    const auto id = sim.ask(replay(
        sim, ends + "git bisect good c4\ngit bisect bad c17\n" + "git bisect skip c6..c8\n"));
    INFO(error_of(id));
    REQUIRE(id);
    CHECK(judged(sim) == std::vector<std::string>{"good 4", "bad 17", "skip 7", "skip 8"});
    for (const CommitJudged& one : sim.events<CommitJudged>()) CHECK(one.why == "git bisect log");
    const BisectionRequested requested = sim.events<BisectionRequested>().front();
    CHECK(requested.request.bad == "bad");
    CHECK(requested.request.good == std::vector<std::string>{"good"});
    CHECK(sim.events<RangeResolved>().size() == 1);
    sim.rest();
    INFO(sim.story());
    REQUIRE(sim.state().ended);
    CHECK(sim.state().ended->commits == std::vector<CommitId>{id_of(13)});
}

TEST_CASE("judging: other words mean bad and good, and names that moved give way to ids",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    const std::string log = "# broken: [" + id_of(20).hex() + "] x\n# fixed: [" + id_of(0).hex() +
                            "] y\ngit bisect start --term-new=broken --term-old=fixed bad c3\n" +
                            "git bisect broken c15\n";
    REQUIRE(sim.ask(replay(sim, log)));
    CHECK(judged(sim) == std::vector<std::string>{"bad 15"});
    const BisectionRequested requested = sim.events<BisectionRequested>().front();
    CHECK(requested.request.bad == "bad");
    CHECK(requested.request.good == std::vector<std::string>{id_of(0).hex()});
}

TEST_CASE("judging: a wrong log starts nothing and says the line", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    const auto refused = [&sim](const std::string& log) {
        return error_of(sim.ask(replay(sim, log)));
    };
    CHECK_THAT(refused(ends + "git bisect good c99\n"),
               Contains("git bisect log, line 2: 'c99': no tag, branch or commit"));
    CHECK_THAT(refused(ends + "\ngit bisect good " + std::string(40, 'e')), Contains("line 3"));
    CHECK_THAT(refused("git bisect start 'v9' 'good'\n"), Contains("line 1") && Contains("'v9'"));
    CHECK_THAT(refused(ends + "git bisect good c9\ngit bisect bad c8\n"),
               Contains("git bisect log, line 3") && Contains("good in line 2"));
    CHECK_THAT(refused("Hello\n"), Contains("it names no bad commit"));
    CHECK(sim.journal.records().empty());
}

TEST_CASE("judging: a daemon killed while a log is replayed replays the rest", "[orchestration]") {
    const std::string log = ends + "git bisect good c4\ngit bisect bad c17\ngit bisect skip c9\n";
    for (std::uint64_t event = 1; event < 8; ++event) {
        Simulation sim(World::line(20, 13));
        sim.journal.kill_after = event;
        static_cast<void>(sim.ask(replay(sim, log)));
        sim.run_until([&sim] { return !sim.events<StepStarted>().empty(); });
        INFO("killed after event " << event << "\n" << sim.story());
        CHECK(sim.deaths == 1);
        CHECK(judged(sim) == std::vector<std::string>{"good 4", "bad 17", "skip 9"});
        CHECK(sim.events<RangeResolved>().size() == 1);
    }
}

TEST_CASE("judging: hints are pinned to commits of the range", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    StartRequest request = sim.usual_request();
    request.hints = {"c13", "c20"};
    REQUIRE(sim.ask(request));
    CHECK(sim.state().requested->request.hints ==
          std::vector<std::string>{id_of(13).hex(), id_of(20).hex()});
    request.hints = {"good"};
    CHECK_THAT(error_of(sim.ask(request)),
               Contains("hint 'good'") && Contains("does not lie between"));
    request.hints = {"c77"};
    CHECK_THAT(error_of(sim.ask(request)), Contains("hint 'c77': no tag, branch or commit"));
}

TEST_CASE("judging: every board is checked with the recipe", "[orchestration]") {
    Simulation sim(World::line(20, 13), {"b1", "b2", "other"});
    StartRequest request = sim.usual_request();
    request.more_boards = {"b2", "other"};
    CHECK_THAT(error_of(sim.ask(request)), Contains("boards b1 and other: are of different kinds"));
    request.more_boards = {"b2", "b9"};
    CHECK_THAT(error_of(sim.ask(request)), Contains("board b9"));
    request.more_boards = {"b2", "b1"};
    CHECK_THAT(error_of(sim.ask(request)), Contains("board b1: it is named twice"));
    CHECK(sim.journal.records().empty());
    request.more_boards = {"b2"};
    CHECK(sim.ask(request));
}
