#include <algorithm>
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <filesystem>

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

void fill(FakeControl& control) {
    control.add(ended_bisection(1));
    control.add(running_bisection(2));
    control.now = {"upload", 5'000'000, 10'000'000, hostile};
    control.board_list = {{"vb1", "rpi4", 2, "parked", "Is it on? " + hostile, ""}};
}

}  // namespace

TEST_CASE("ctl: a daemon that is not there is exit code 5 and says what to do", "[ctl]") {
    TestFolder folder;
    for (const char* command : {"list", "status", "watch", "events", "doctor", "recipes"}) {
        const CtlRun run = bisectctl({"--socket", folder.path() + "/none.sock", command});
        CHECK(run.code == 5);
        CHECK(run.out.empty());
        CHECK_THAT(run.err, StartsWith("bisectctl: " + folder.path() +
                                       "/none.sock: bisectd "
                                       "cannot be reached here"));
        CHECK_THAT(run.err, Contains("--socket PATH"));
    }
    CHECK(bisectctl({"--socket", std::string(200, 'x'), "list"}).code == 5);
}

TEST_CASE("ctl: a wrong command line is exit code 2, help is 0 and names the codes", "[ctl]") {
    CHECK(bisectctl({}).code == 2);
    CHECK(bisectctl({"begin"}).code == 2);
    CHECK(bisectctl({"start", "--bad", "v6.1"}).code == 2);
    CHECK(bisectctl({"pause"}).code == 2);
    CHECK(bisectctl({"show", "one"}).code == 2);
    const CtlRun help = bisectctl({"--help"});
    CHECK(help.code == 0);
    CHECK_THAT(help.out, Contains("5 the daemon is\nnot reachable"));
}

TEST_CASE("ctl: start hands over an absolute path, every good end and the paths", "[ctl]") {
    TestServer server;
    const CtlRun run =
        ask(server, {"start", "--repo", "some/../clone", "--good", "v6.0", "--good", "v5.15.80",
                     "--bad", "v6.1", "--recipe", "brk", "--board", "vb1", "--first-parent",
                     "--title", "brk()", "--", "mm", "--odd"});
    CHECK(run.code == 0);
    CHECK(run.out == "bisection 1 begins; \"bisectctl watch 1\" shows it\n");
    server.with([](FakeControl& control) {
        REQUIRE(control.last_start);
        const StartRequest& wish = *control.last_start;
        CHECK(wish.repository == (std::filesystem::current_path() / "clone").string());
        CHECK(wish.good == std::vector<std::string>{"v6.0", "v5.15.80"});
        CHECK(wish.paths == std::vector<std::string>{"mm", "--odd"});
        CHECK(wish.first_parent);
        CHECK(wish.title == "brk()");
    });
}

TEST_CASE("ctl: the daemon's no is exit code 1, with where and what", "[ctl]") {
    TestServer server([](FakeControl& control) {
        control.refusal = Error{ErrorKind::request, "good v6.0", "it is no commit; fetch it first"};
        control.add(running_bisection(1));
    });
    const CtlRun run = ask(
        server, {"start", "--good", "v6.0", "--bad", "v6.1", "--recipe", "brk", "--board", "vb1"});
    CHECK(run.code == 1);
    CHECK(run.err == "bisectctl: good v6.0: it is no commit; fetch it first\n");
    CHECK(ask(server, {"pause", "1"}).code == 1);
    const CtlRun none = ask(server, {"show", "9"});
    CHECK(none.code == 1);
    CHECK_THAT(none.err, Contains("there is no such bisection"));
}

TEST_CASE("ctl: show, list, status and boards say the same as the state, printable", "[ctl]") {
    TestServer server(fill);
    const CtlRun shown = ask(server, {"show", "1"});
    CHECK(shown.code == 0);
    CHECK_THAT(shown.out, StartsWith("bisection 1: brk() of a static PIE [ended]\n"));
    for (const char* fact :
         {"good        v6.0, v5.15.80\n", "1 of 13,524 suspects left", "took        2 h 31 min\n",
          "hit in run 17 of 300", "the build fails at this commit", "\nculprit found\n",
          "dddddddddddddddddddddddddddddddddddddddd mm: let brk()",
          "step 17, proof of culprit: dddddddddddd is bad, rebuilt from clean: "
          "identical\n",
          "step 18, proof of parent: eeeeeeeeeeee is good\n"}) {
        INFO(fact);
        CHECK_THAT(shown.out, Contains(fact));
    }
    const CtlRun listed = ask(server, {"list"});
    CHECK_THAT(listed.out, Contains("   1  culprit               1     18  vb1 "));
    const CtlRun status = ask(server, {"status"});
    CHECK_THAT(status.out, Contains("step 6, search: 444444444444 <script>alert(1)"));
    CHECK_THAT(status.out, !Contains("bisection 1"));
    const CtlRun boards = ask(server, {"boards"});
    CHECK_THAT(boards.out, Contains("parked, bisection 2: Is it on?"));
    const CtlRun artefacts = ask(server, {"artefacts"});
    CHECK_THAT(artefacts.out, StartsWith("store           1 artefact, 11.2 MB of 20.0 GB\n"));
    CHECK_THAT(artefacts.out, Contains("90 % of 1,000 compilations were there"));
    CHECK_THAT(artefacts.out, Contains("\naaaaaaaaaaaa  dddddddddddd    11.2 MB  20"));
    for (const CtlRun& run : {artefacts, shown, listed, status, boards, ask(server, {"show", "2"}),
                              ask(server, {"recipes"}), ask(server, {"doctor"})}) {
        CHECK_THAT(run.out, !Contains("\x1b") && !Contains("\r") && !Contains("\xff"));
    }
}

TEST_CASE("ctl: a list of more than one page is listed whole, or its newest ones", "[ctl]") {
    constexpr std::size_t count = 2103;
    TestServer server([](FakeControl& control) {
        for (std::size_t id = 1; id <= count; ++id) control.add(ended_bisection(id));
        // Neither the first nor the last, so that neither is taken for the one that goes on.
        control.states[1500] = std::make_unique<BisectionState>(running_bisection(1501));
    });
    const auto lines_of = [](const std::string& text) {
        return static_cast<std::size_t>(std::ranges::count(text, '\n'));
    };
    const std::string all = ask(server, {"list"}).out;
    CHECK(lines_of(all) == count + 1);
    CHECK_THAT(all, Contains("\n   1  culprit") && Contains("\n2103  culprit"));
    const std::string few = ask(server, {"list", "--limit", "2"}).out;
    CHECK(lines_of(few) == 3);
    CHECK(few.find("\n2102  ") < few.find("\n2103  "));
    CHECK(lines_of(ask(server, {"list", "--limit", "1500"}).out) == 1501);
    CHECK_THAT(ask(server, {"list", "--state", "open"}).out, Contains("\n1501  running"));
    CHECK(lines_of(ask(server, {"list", "--search", "nobody said this"}).out) == 1);
    CHECK(ask(server, {"list", "--state", "happy"}).code == 1);
    CHECK(ask(server, {"list", "--limit", "0"}).code == 2);
    const auto json = boost::json::parse(ask(server, {"list", "--json"}).out).as_object();
    CHECK(json.at("bisections").as_array().size() == count);
    CHECK(json.at("total").to_number<std::size_t>() == count);
    CHECK_THAT(ask(server, {"status"}).out, StartsWith("bisection 1501 "));
    CHECK_THAT(ask(server, {"show"}).out, StartsWith("bisection 1501:"));
    const std::string names = ask(server, {"names", "bisections"}).out;
    CHECK(names.ends_with("\n2102\n2103\n"));
}

TEST_CASE("ctl: --json prints the daemon's answer as it is", "[ctl]") {
    TestServer server(fill);
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"list"},
                                               {"status"},
                                               {"show", "1"},
                                               {"log", "1"},
                                               {"boards"},
                                               {"recipes"},
                                               {"artefacts"},
                                               {"doctor"},
                                               {"pause", "2"},
                                               {"boards", "resume", "vb1"}}) {
        std::vector<std::string> arguments = command;
        arguments.push_back("--json");
        const CtlRun run = ask(server, arguments);
        INFO(command.front());
        boost::json::error_code error;
        CHECK(boost::json::parse(run.out, error).is_object());
        CHECK_FALSE(error);
    }
}

TEST_CASE("ctl: pause, resume, cancel, a returned board and doctor reach the daemon", "[ctl]") {
    TestServer server(fill);
    CHECK(ask(server, {"pause", "2"}).out == "bisection 2: pause taken, it is paused\n");
    CHECK(ask(server, {"resume", "2"}).code == 0);
    CHECK(ask(server, {"cancel", "2"}).code == 0);
    CHECK(ask(server, {"boards", "resume", "vb1"}).out == "board vb1 is given back\n");
    server.with([](FakeControl& control) {
        CHECK(control.asked ==
              std::vector<std::string>{"pause 2", "resume 2", "cancel 2", "return vb1"});
    });
    const CtlRun doctor = ask(server, {"doctor", "--board", "vb1"});
    CHECK(doctor.code == 1);
    CHECK_THAT(doctor.out, StartsWith("good  tool chain: aarch64-linux-gnu-gcc 12.2.0\nbad   "));
    server.with([](FakeControl& control) {
        CHECK(control.last_start->board == "vb1");
        CHECK(control.last_start->repository.empty());
    });
}

TEST_CASE("ctl: log into a pipe is what git bisect replay takes", "[ctl]") {
    TestServer server(fill);
    CHECK_THAT(ask(server, {"log", "2"}).out,
               StartsWith("git bisect start\n# bad: [" + commit_of('b').hex() + "]"));
}
