#include <catch2/catch.hpp>
#include <fstream>

#include "tests/adapters/http/test_server.hpp"
#include "tests/ctl/ctl_run.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

CtlRun ask(const TestServer& server, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--socket", server.socket()});
    return bisectctl(std::move(arguments));
}

std::vector<std::string> start(std::vector<std::string> more) {
    std::vector<std::string> all{"start",    "--good", "v6.0",    "--bad", "v6.1",
                                 "--recipe", "brk",    "--board", "vb1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

}  // namespace

TEST_CASE("ctl: judge says who, what and why, and prints the commit that was meant", "[ctl]") {
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); });
    const CtlRun run =
        ask(server, {"judge", "1", "v6.0-rc1", "bad", "--symptom", "segfault", "--why", "saw it"});
    CHECK(run.code == 0);
    CHECK(run.out == "bisection 1: 777777777777 is bad\n");
    server.with([](FakeControl& control) {
        CHECK(control.last_judgement->commit == "v6.0-rc1");
        CHECK(control.last_judgement->symptom == "segfault");
        CHECK(control.last_judgement->why == "saw it");
    });
    CHECK(ask(server, {"judge", "1", "HEAD", "withdraw"}).out ==
          "bisection 1: 777777777777 has no verdict any more\n");
    CHECK(ask(server, {"judge", "1", "HEAD", "maybe"}).code == 2);
    CHECK(ask(server, {"judge", "1", "HEAD"}).code == 2);
    CHECK(ask(server, {"judge", "9", "HEAD", "good"}).code == 1);
}

TEST_CASE("ctl: start hands over boards, hints and what was seen", "[ctl]") {
    TestServer server;
    REQUIRE(ask(server, start({"--board", "vb2", "--board", "vb3", "--hint", "abc1", "--hint",
                               "abc2", "--seen", "3/2400", "--trust-ends", "--confidence", "0.99",
                               "--", "mm", "fs"}))
                .code == 0);
    server.with([](FakeControl& control) {
        const StartRequest& wish = *control.last_start;
        CHECK(wish.boards() == std::vector<std::string>{"vb1", "vb2", "vb3"});
        CHECK(wish.hints == std::vector<std::string>{"abc1", "abc2"});
        CHECK(wish.seen_failures == 3);
        CHECK(wish.seen_runs == 2400);
        CHECK(wish.trust_ends);
        CHECK(wish.confidence == 0.99);
        CHECK(wish.paths == std::vector<std::string>{"mm", "fs"});
    });
    for (const char* seen : {"3", "3/", "/3", "a/b", "3/4/5", "-1/3", "3 / 4"}) {
        const CtlRun run = ask(server, start({std::string("--seen=") + seen}));
        CHECK(run.code == 2);
        CHECK_THAT(run.err, Contains("write FAILURES/RUNS, such as 3/2400"));
    }
    const CtlRun odd = ask(server, start({"--confidence", "1"}));
    CHECK(odd.code == 1);
    CHECK_THAT(odd.err, Contains("1 is not from 0.5 to 0.9999"));
}

TEST_CASE("ctl: replay hands over the text of the log, whole", "[ctl]") {
    TestServer server;
    TestFolder folder;
    const std::string text = "> git bisect start\r\n> # bad: [\"odd\" \t text\n";
    std::ofstream(folder.path() + "/log") << text;
    const std::vector<std::string> wishes{"--recipe", "brk", "--board", "vb1", "--hint", "abc1"};
    const auto replay = [&server, &wishes](const std::string& file) {
        std::vector<std::string> all{"replay", file};
        all.insert(all.end(), wishes.begin(), wishes.end());
        return ask(server, all);
    };
    CHECK(replay(folder.path() + "/log").out ==
          "bisection 1 begins; \"bisectctl watch 1\" shows it\n");
    server.with([&text](FakeControl& control) {
        CHECK(control.last_start->replay == text);
        CHECK(control.last_start->good.empty());
        CHECK(control.last_start->hints == std::vector<std::string>{"abc1"});
    });
    CHECK_THAT(replay(folder.path() + "/none").err, Contains("none: cannot be read: No such file"));
    CHECK(replay(folder.path() + "/none").code == 2);
    CHECK(replay(folder.path()).code == 2);
    std::ofstream(folder.path() + "/empty");
    CHECK_THAT(replay(folder.path() + "/empty").err, Contains("is empty"));
    std::ofstream(folder.path() + "/large") << std::string(300'000, 'x');
    CHECK_THAT(replay(folder.path() + "/large").err, Contains("is longer than 200 KiB"));
    server.with(
        [](FakeControl& control) { CHECK(control.asked == std::vector<std::string>{"start"}); });
}

TEST_CASE("ctl: status and show tell what stands beside the steps, printable", "[ctl]") {
    TestServer server([](FakeControl& control) {
        BisectionState state = running_bisection(1);
        state.requested->request.more_boards = {"vb2"};
        state.requested->request.hints = {commit_of('6').hex()};
        state.requested->request.seen_failures = 3;
        state.requested->request.seen_runs = 2400;
        state.requested->request.trust_ends = true;
        state.steps[2].verdict->bad_probability = 0.997;
        state.steps[3].verdict->bad_probability = 0.25;
        control.add(state);
        control.add(ended_bisection(2));
        control.happen(1, CommitJudged{commit_of('3'), "", Verdict::bad, false, hostile});
        control.happen(1, CommitJudged{commit_of('5'), "segfault", Verdict::skip, true, ""});
        control.happen(1, Estimated{"start", 12'000, 10.6, 2'400, 0.002, 1'500});
        control.happen(1, BuildAheadStarted{1, commit_of('8'), hostile});
        control.happen(1, BoardQuarantined{"vb2", "cannot tell " + hostile});
        control.happen(1, ContradictionFound{commit_of('1'), commit_of('2'), "s", hostile});
    });
    const CtlRun shown = ask(server, {"show", "1"});
    for (const char* fact :
         {"shared by   vb2\n", "hints       6666666666", "seen        3 failures in 2,400 runs\n",
          "ends        trusted, not tested\n", "confidence  95 %\n",
          "expected    3 h 20 min, 11 commits, 2,400 runs (said ",
          "ahead       building 888888888888\n", "not used    vb2: cannot tell <script>",
          "doubt       111111111111 was bad and its descendant 222222222222 good: ",
          "\nsaid by people\n  333333333333 bad: <script>", "  555555555555 withdrawn (segfault)\n",
          "  bad, 99.7 %  ", "  good, 75.0 %  "}) {
        INFO(fact);
        CHECK_THAT(shown.out, Contains(fact));
    }
    const CtlRun status = ask(server, {"status", "1"});
    CHECK_THAT(status.out, Contains("expected: 3 h 20 min, 11 commits, 2,400 runs (said ") &&
                               Contains("ahead: building 888888888888\n") &&
                               Contains("not used: vb2") && Contains("doubt: 111111111111"));
    CHECK(status.out == ask(server, {"status"}).out);
    for (const CtlRun& run : {shown, status})
        CHECK_THAT(run.out, !Contains("\x1b") && !Contains("\r") && !Contains("\xff"));
}

TEST_CASE("ctl: status of one that has ended tells its ending", "[ctl]") {
    TestServer server([](FakeControl& control) { control.add(ended_bisection(1)); });
    const CtlRun status = ask(server, {"status", "1"});
    CHECK(status.code == 0);
    CHECK_THAT(status.out, StartsWith("bisection 1 brk()") && Contains("\nculprit found\n"));
    CHECK_THAT(ask(server, {"status"}).out, Contains("nothing goes on"));
    CHECK_THAT(ask(server, {"status", "1", "--json"}).out, StartsWith("{\"id\":1"));
    CHECK(ask(server, {"status", "9"}).code == 1);
}

TEST_CASE("ctl: the help names every command", "[ctl]") {
    const std::string help = bisectctl({"--help"}).out;
    for (const char* command :
         {"start", "replay", "watch", "status", "list", "show", "log", "judge", "pause", "resume",
          "cancel", "boards", "recipes", "doctor", "events"})
        CHECK_THAT(help, Contains(std::string("\n  ") + command));
    const std::string start_help = bisectctl({"start", "--help"}).out;
    for (const char* option : {"--board", "--hint", "--seen", "--trust-ends", "--confidence"})
        CHECK_THAT(start_help, Contains(option));
}
