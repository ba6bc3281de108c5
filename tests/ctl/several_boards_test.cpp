#include <catch2/catch.hpp>

#include "tests/adapters/http/test_server.hpp"
#include "tests/ctl/ctl_run.hpp"

// What bisectctl shows and asks where there is more than one: boards, symptoms, bisections.

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;

namespace {

CtlRun ask(const TestServer& server, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--socket", server.socket()});
    return bisectctl(std::move(arguments));
}

/// A step that a second board is at, on its way through the boot.
StepState second_step() {
    StepState step;
    step.number = 7;
    step.commit = commit_of('5');
    step.subject = "fs: second";
    step.purpose = Purpose::search;
    AttemptState attempt;
    attempt.number = 1;
    attempt.board = "vb2";
    step.attempts.push_back(attempt);
    return step;
}

void two_boards(FakeControl& control) {
    BisectionState state = running_bisection(1);
    state.requested->request.more_boards = {"vb2"};
    state.steps.push_back(second_step());
    control.add(std::move(state));
    control.everywhere = {{"runs", 150, 300, "", "vb1"}, {"boot", 0, 0, "waiting for vb2", "vb2"}};
}

}  // namespace

TEST_CASE("ctl: status tells where each board of a bisection stands", "[ctl]") {
    TestServer server(two_boards);
    const std::string out = ask(server, {"status", "1"}).out;
    CHECK_THAT(out, Contains("step 6 on vb1, search: 444444444444"));
    CHECK_THAT(out, Contains("150 of 300"));
    CHECK_THAT(out, Contains("step 7 on vb2, search: 555555555555 fs: second"));
    CHECK_THAT(out, Contains("waiting for vb2"));
    CHECK_THAT(out, !Contains("upload"));
}

TEST_CASE("ctl: status tells what is expected, and since when", "[ctl]") {
    TestServer server([](FakeControl& control) {
        BisectionState state = running_bisection(1);
        Estimated estimated;
        estimated.seconds = 12'000;
        estimated.steps = 11;
        estimated.runs = 2'400;
        state.estimates = {estimated};
        state.estimated_ms_utc = state.last_ms_utc - 720'000;
        control.add(std::move(state));
    });
    const std::string out = ask(server, {"status", "1"}).out;
    CHECK_THAT(out, Contains("expected: 3 h 20 min, 11 commits, 2,400 runs (said 12 min"));
    CHECK_THAT(out, !Contains("to go"));
}

TEST_CASE("ctl: doctor takes several boards", "[ctl]") {
    TestServer server;
    CHECK(ask(server, {"doctor", "--board", "vb1", "--board", "vb2"}).code == 1);
    server.with([](FakeControl& control) {
        CHECK(control.last_start->boards() == std::vector<std::string>{"vb1", "vb2"});
    });
    CHECK(ask(server, {"doctor"}).code == 1);
    server.with([](FakeControl& control) {
        CHECK(control.last_start->boards() == std::vector<std::string>{""});
    });
}

TEST_CASE("ctl: the log of one of several symptoms is asked for by its name", "[ctl]") {
    TestServer server([](FakeControl& control) { control.add(running_bisection(1)); });
    CHECK(ask(server, {"log", "1", "--symptom", "slow & wrong"}).code == 0);
    CHECK(ask(server, {"log", "1"}).code == 0);
    server.with([](FakeControl& control) {
        REQUIRE(control.asked.size() >= 2);
        CHECK(control.asked[control.asked.size() - 2] == "log slow & wrong");
        CHECK(control.asked.back() == "log ");
    });
    const CtlRun unknown = ask(server, {"log", "1", "--symptom", "unknown"});
    CHECK(unknown.code == 1);
    CHECK_THAT(unknown.err, Contains("symptom 'unknown': the recipe has none"));
}

TEST_CASE("ctl: start hands over a priority, and a wrong one is refused", "[ctl]") {
    TestServer server;
    const std::vector<std::string> start{"start",    "--good", "v6.0",    "--bad", "v6.1",
                                         "--recipe", "brk",    "--board", "vb1"};
    const auto with = [&start](std::vector<std::string> more) {
        more.insert(more.begin(), start.begin(), start.end());
        return more;
    };
    REQUIRE(ask(server, with({"--priority", "-3"})).code == 0);
    server.with([](FakeControl& control) { CHECK(control.last_start->priority == -3); });
    const CtlRun odd = ask(server, with({"--priority", "11"}));
    CHECK(odd.code == 1);
    CHECK_THAT(odd.err, Contains("11 is not from -10 to 10"));
    CHECK(ask(server, with({"--priority", "high"})).code == 2);
}

TEST_CASE("ctl: boards tells who waits for a board", "[ctl]") {
    TestServer server([](FakeControl& control) {
        BoardStatus board;
        board.name = "vb1";
        board.kind = "rpi4";
        board.holder = 2;
        board.state = "leased";
        board.waiting = {5, 3};
        control.board_list = {board};
    });
    CHECK_THAT(ask(server, {"boards"}).out, Contains("leased, bisection 2, then 5, 3"));
}

TEST_CASE("ctl: boards of two kinds get a bisection each, boards of one kind share one", "[ctl]") {
    TestServer server([](FakeControl& control) {
        for (const auto& [name, kind] :
             {std::pair{"pi-1", "pi"}, {"pi-2", "pi"}, {"orin-1", "orin"}}) {
            BoardStatus board;
            board.name = name;
            board.kind = kind;
            control.board_list.push_back(board);
        }
    });
    const auto start = [&server](std::vector<std::string> boards) {
        std::vector<std::string> words{"start", "--good",   "v6.0", "--bad",
                                       "v6.1",  "--recipe", "brk"};
        for (const std::string& board : boards) words.insert(words.end(), {"--board", board});
        return ask(server, words);
    };
    CHECK(start({"pi-1", "orin-1", "pi-2"}).code == 0);
    server.with([](FakeControl& control) {
        REQUIRE(control.states.size() == 2);
        CHECK(control.states[0]->requested->request.boards() ==
              std::vector<std::string>{"pi-1", "pi-2"});
        CHECK(control.states[1]->requested->request.boards() == std::vector<std::string>{"orin-1"});
    });
    CHECK(start({"pi-1", "pi-2"}).code == 0);
    server.with([](FakeControl& control) { CHECK(control.states.size() == 3); });
}
