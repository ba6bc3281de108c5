#include <catch2/catch.hpp>
#include <csignal>

#include "tests/adapters/ssh/server.hpp"

using namespace bisectd;
using namespace bisectd::test;
using Catch::Matchers::Contains;

namespace {

constexpr milliseconds patience{10'000};

/// Every kind of shell there is; the server lives as long as this.
struct AnyBoard {
    explicit AnyBoard(const std::string& which) {
        if (which == "openssh") server.emplace(Kind::openssh);
        if (which == "dropbear") server.emplace(Kind::dropbear);
        if (server && server->runs()) board = server->board();
        if (!server) board.transport = Transport::local;
        usable = !server || server->runs();
    }
    std::optional<Server> server;
    BoardSpec board;
    bool usable = false;
};

/// Several commands on one connection.
Task<std::vector<int>> exits_of(BoardSpec board, std::vector<std::string> commands) {
    AnyShells shells;
    std::vector<int> exits;
    auto shell = co_await shells.connect(std::move(board), patience);
    if (!shell) co_return exits;
    for (const std::string& command : commands) {
        auto end = co_await (*shell)->execute(command, {}, patience);
        exits.push_back(end ? end->exit : -2);
    }
    co_return exits;
}

}  // namespace

TEST_CASE("shell: lines, exit codes and signals come through", "[adapters]") {
    const std::string which = GENERATE("openssh", "dropbear", "local");
    CAPTURE(which);
    const AnyBoard any(which);
    if (!any.usable) return;

    Heard heard =
        run(hear(any.board, "echo one; printf 'two\\n\\nlast'; echo oops >&2; exit 3", patience));
    REQUIRE(heard.end.has_value());
    CHECK(heard.lines == std::vector<std::string>{"one", "two", "", "last"});
    CHECK(heard.end->exit == 3);
    CHECK(heard.end->signal.empty());
    CHECK(heard.end->errors == "oops\n");

    heard = run(hear(any.board, "kill -SEGV $$", patience));
    REQUIRE(heard.end.has_value());
    CHECK(heard.end->signal == "SEGV");
    CHECK(heard.end->exit == -1);

    const std::vector<std::string> commands{"exit 0", "exit 255", "no-such-command", "cat"};
    const std::vector<int> exits = run(exits_of(any.board, commands));
    CHECK(exits == std::vector<int>{0, 255, 127, 0});
}

TEST_CASE("shell: much output, long lines and noise", "[adapters]") {
    const std::string which = GENERATE("openssh", "dropbear", "local");
    CAPTURE(which);
    const AnyBoard any(which);
    if (!any.usable) return;

    Heard heard = run(hear(any.board, "seq 1 700000; head -c 200000 /dev/zero >&2", patience));
    REQUIRE(heard.end.has_value());
    CHECK(heard.end->exit == 0);
    REQUIRE(heard.lines.size() == 700'000);
    CHECK(heard.lines.front() == "1");
    CHECK(heard.lines.back() == "700000");
    CHECK(heard.end->errors.size() == 4096);

    heard =
        run(hear(any.board, "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo short", patience));
    REQUIRE(heard.lines.size() == 2);
    CHECK(heard.lines[0] == std::string(16 * 1024, 'x'));
    CHECK(heard.lines[1] == "short");

    heard = run(hear(any.board, "head -c 1000000 /dev/urandom; echo; echo end", patience));
    REQUIRE(heard.end.has_value());
    CHECK(heard.lines.back() == "end");
}

TEST_CASE("shell: a command that prints nothing for too long is lost", "[adapters]") {
    const std::string which = GENERATE("openssh", "dropbear", "local");
    CAPTURE(which);
    const AnyBoard any(which);
    if (!any.usable) return;
    const auto before = std::chrono::steady_clock::now();
    const Heard heard = run(hear(any.board, "echo first; sleep 100", milliseconds(700)));
    const auto took = std::chrono::steady_clock::now() - before;
    REQUIRE_FALSE(heard.end.has_value());
    CHECK(heard.end.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(describe(heard.end.error()), Contains("board vb1") || Contains("this machine"));
    CHECK_THAT(describe(heard.end.error()), Contains("700 ms"));
    CHECK(heard.lines == std::vector<std::string>{"first"});
    CHECK(took < milliseconds(5'000));
}

TEST_CASE("shell: output that keeps coming is never silence", "[adapters]") {
    const std::string which = GENERATE("openssh", "dropbear", "local");
    CAPTURE(which);
    const AnyBoard any(which);
    if (!any.usable) return;
    const Heard heard = run(
        hear(any.board, "for i in 1 2 3 4 5 6; do echo $i; sleep 0.3; done", milliseconds(1200)));
    REQUIRE(heard.end.has_value());
    CHECK(heard.lines.size() == 6);
}

TEST_CASE("shell: a board that dies in the middle of a command is lost at once", "[adapters]") {
    const Kind kind = GENERATE(Kind::openssh, Kind::dropbear);
    const Server server(kind);
    if (!server.runs()) return;
    const int number = GENERATE(SIGKILL, SIGSTOP);
    CAPTURE(number);
    AnyShells shells;
    // The command's first line is the moment to strike.
    auto story = [](const Server& at, int sent, AnyShells& all) -> Task<Result<CommandEnd>> {
        auto shell = co_await all.connect(at.board(), patience);
        if (!shell) co_return std::unexpected(shell.error());
        LineSink strike = [&at, sent](std::string_view) { at.signal_sessions(sent); };
        auto end = co_await (*shell)->execute("echo go; sleep 5", strike, milliseconds(1500));
        auto again = co_await (*shell)->execute("true", {}, milliseconds(1500));
        if (again) co_return infrastructure("test", "a lost shell ran a command");
        co_return end;
    };
    const auto before = std::chrono::steady_clock::now();
    const Result<CommandEnd> end = run(story(server, number, shells));
    const auto took = std::chrono::steady_clock::now() - before;
    REQUIRE_FALSE(end.has_value());
    CHECK(end.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(describe(end.error()), Contains("run: connection lost"));
    CHECK(took < milliseconds(4'500));
    server.signal_sessions(SIGCONT);
}
