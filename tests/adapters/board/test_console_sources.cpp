#include "adapters/board/drivers.hpp"
#include "adapters/board/file_source.hpp"
#include "tests/adapters/board/bench.hpp"
#include "tests/adapters/board/peer.hpp"

using namespace bisectd;
using namespace bisectd::test;
using Catch::Matchers::Contains;

namespace {

BoardSpec board_with(DriverKind driver, const std::string& text) {
    BoardSpec board;
    board.name = "vb1";
    board.console.driver = driver;
    (driver == DriverKind::command ? board.console.command : board.console.address) = text;
    return board;
}

std::unique_ptr<Console> started(Bench& bench, const BoardSpec& board) {
    ConfiguredDrivers drivers(bench.executor(), bench.folder / "data");
    auto console = drivers.console(board);
    REQUIRE(console);
    REQUIRE((*console)->start());
    REQUIRE((*console)->start());  // harmless
    return std::move(*console);
}

bool shows(Bench& bench, const Console& console, std::uint64_t mark, const std::string& text) {
    const bool seen =
        bench.until([&] { return console.since(mark, 1 << 20).find(text) != std::string::npos; });
    if (!seen) UNSCOPED_INFO(console.since(mark, 2000));
    return seen;
}

}  // namespace

TEST_CASE("console: a file is followed through truncation and rotation", "[adapters]") {
    Bench bench;
    const std::string path = bench.folder / "ser.log";
    write(path, "before the daemon\n");
    auto console = started(bench, board_with(DriverKind::file, path));
    CHECK(console->file() == bench.folder / "data/boards/vb1/console.log");
    CHECK(console->mark() == 0);
    write(path, "one\n", std::ios::app);
    const auto mark = console->mark();  // behind what is in the file already
    CHECK(console->since(0, 100) == "one\n");
    CHECK(console->since(mark, 100).empty());
    write(path, "two\n");  // truncated, and shorter than what was read
    REQUIRE(shows(bench, *console, mark, "two\n"));
    write(path, "three\n", std::ios::app);
    std::filesystem::rename(path, path + ".1");
    write(path + ".1", "four\n", std::ios::app);
    write(path, "five\n");
    REQUIRE(shows(bench, *console, mark, "five\n"));
    CHECK(console->since(mark, 100) == "two\nthree\nfour\nfive\n");
    std::filesystem::remove(path);
    write(path, "six\n");
    REQUIRE(shows(bench, *console, mark, "six\n"));
}

TEST_CASE("console: the file is captured without anybody asking", "[adapters]") {
    Bench bench;
    const std::string path = bench.folder / "ser.log";
    auto console = started(bench, board_with(DriverKind::file, path));
    write(path, "hello\n");  // made only now
    REQUIRE(
        bench.until([&] { return content(console->file()).find("hello") != std::string::npos; }));
}

TEST_CASE("console: after a restart of the daemon the file goes on where it ended", "[adapters]") {
    Bench bench;
    const std::string path = bench.folder / "ser.log";
    write(path, "");
    const auto board = board_with(DriverKind::file, path);
    auto console = started(bench, board);
    write(path, "one\n", std::ios::app);
    CHECK(console->since(0, 100) == "one\n");
    console.reset();
    write(path, "while nobody listened\n", std::ios::app);
    console = started(bench, board);
    const auto mark = console->mark();
    CHECK(console->since(0, 100) == "while nobody listened\n");
    CHECK(console->since(mark, 100).empty());
    write(path, "two\n", std::ios::app);
    REQUIRE(shows(bench, *console, mark, "two\n"));
    CHECK_THAT(content(console->file()), Contains("one") && Contains("while nobody listened"));
}

TEST_CASE("console: a file of our own is emptied once it was read and is long", "[adapters]") {
    Bench bench;
    const std::string path = bench.folder / "console.raw";
    auto log = board::ConsoleLog::open(bench.folder / "log");
    REQUIRE(log);
    board::FileSource source(path, bench.folder / "position", {true, 1000});
    write(path, std::string(2000, 'x') + "\n");
    REQUIRE(source.begin(**log));
    CHECK(std::filesystem::file_size(path) == 0);
    write(path, "again\n", std::ios::app);
    source.catch_up(**log);
    CHECK((*log)->since(2001, 100) == "again\n");
}

TEST_CASE("console: a backlog of many megabytes is cut, and the cut is noted", "[adapters]") {
    Bench bench;
    const std::string path = bench.folder / "console.raw";
    write(path, std::string(6 << 20, 'x') + "\nend\n");
    auto log = board::ConsoleLog::open(bench.folder / "log");
    REQUIRE(log);
    board::FileSource source(path, bench.folder / "position", {true, 0});
    REQUIRE(source.begin(**log));
    CHECK((*log)->mark() == 4 << 20);
    CHECK_THAT((*log)->since(0, 10), Contains("end\n"));
    CHECK_THAT(content(bench.folder / "log").substr(0, 200), Contains("were skipped"));
}

TEST_CASE("console: a device is no file", "[adapters]") {
    Bench bench;
    ConfiguredDrivers drivers(bench.executor(), bench.folder / "data");
    auto console = drivers.console(board_with(DriverKind::file, "/dev/null"));
    REQUIRE(console);
    auto begun = (*console)->start();
    REQUIRE_FALSE(begun);
    CHECK(begun.error().kind == ErrorKind::request);
    CHECK_THAT(begun.error().what, Contains("command"));
}

TEST_CASE("console: a unix socket is connected again when it was lost", "[adapters]") {
    Bench bench;
    const std::string path = bench.folder / "con.sock";
    auto console = started(bench, board_with(DriverKind::unix_socket, path));
    REQUIRE(bench.until(
        [&] { return content(console->file()).find("trying again") != std::string::npos; }));
    UnixPeer server(bench.io, path);
    REQUIRE(bench.until([&server] { return server.connected(); }));
    server.send(std::string("one\0\x1b[31m\n", 10));
    REQUIRE(shows(bench, *console, 0, "one\x1b[31m\n"));
    server.hang_up();
    REQUIRE(bench.until([&server] { return server.connections == 2 && server.connected(); }));
    server.send("two\n");
    REQUIRE(shows(bench, *console, 0, "two\n"));
    CHECK_THAT(content(console->file()), Contains("bisectd: console connection to"));
}

TEST_CASE("console: a TCP server that hangs up at once is not hammered", "[adapters]") {
    Bench bench;
    TcpPeer server(bench.io, loopback());
    server.hangs_up_at_once = true;
    const auto port = std::to_string(server.endpoint().port());
    auto console = started(bench, board_with(DriverKind::tcp, "localhost:" + port));
    REQUIRE(bench.until([&server] { return server.connections >= 2; }));
    bench.until([] { return false; }, std::chrono::milliseconds(1000));
    CHECK(server.connections <= 4);  // after 0, 0.2, 0.6 and 1.4 s, at the earliest
    server.hangs_up_at_once = false;
    REQUIRE(bench.until([&server] { return server.connected(); }));
    server.send("works\n");
    REQUIRE(shows(bench, *console, 0, "works\n"));
}

TEST_CASE("console: a flood from a socket is kept in bounded memory", "[adapters]") {
    Bench bench;
    const auto board = board_with(DriverKind::command,
                                  "head -c 20000000 /dev/zero | tr '\\0' 'y'; "
                                  "printf '\\nthe end\\n'; sleep 1000");
    auto console = started(bench, board);
    REQUIRE(shows(bench, *console, 0, "the end\n"));
    CHECK(console->mark() == 20'000'009);
    CHECK(console->since(0, 1 << 30).size() <= 2U << 20);
}

TEST_CASE("console: a command that ends is started again, and dies with the console",
          "[adapters]") {
    Bench bench;
    const std::string pids = bench.folder / "pids";
    auto console = started(
        bench, board_with(DriverKind::command, "echo $$ >> " + pids + "; n=$(wc -l < " + pids +
                                                   "); echo \"start $n\"; echo on stderr >&2; "
                                                   "[ $n -lt 3 ] || exec sleep 1000"));
    REQUIRE(shows(bench, *console, 0, "start 3"));
    CHECK_THAT(console->since(0, 1000), Contains("start 1") && Contains("on stderr"));
    CHECK_THAT(content(console->file()), Contains("ended with exit status 0; starting it again"));
    std::string pid = content(pids);  // the last line: the one that still runs
    pid.pop_back();
    pid = pid.substr(pid.rfind('\n') + 1);
    REQUIRE(std::filesystem::exists("/proc/" + pid));
    console.reset();
    REQUIRE(bench.until([&pid] { return !std::filesystem::exists("/proc/" + pid); }));
}

TEST_CASE("console: a console dropped while it waits for its next try ends at once", "[adapters]") {
    Bench bench;
    const std::string runs = bench.folder / "runs";
    auto console =
        started(bench, board_with(DriverKind::command, "echo run >> " + runs + "; exit 3"));
    REQUIRE(bench.until([&] { return content(runs) == "run\nrun\n"; }));
    REQUIRE(bench.until(
        [&] { return content(console->file()).find("exit status 3") != std::string::npos; }));
    console.reset();
    bench.until([] { return false; }, std::chrono::milliseconds(1500));
    CHECK(content(runs).size() <= 12);  // one that was about to start may have
}

TEST_CASE("console: settings that can never work are refused when they are read", "[adapters]") {
    Bench bench;
    ConfiguredDrivers drivers(bench.executor(), bench.folder / "data");
    for (const auto driver : {DriverKind::command, DriverKind::file, DriverKind::tcp,
                              DriverKind::unix_socket, DriverKind::virtual_board}) {
        auto console = drivers.console(board_with(driver, ""));
        REQUIRE_FALSE(console);
        CHECK(console.error().kind == ErrorKind::request);
    }
    auto escape = board_with(DriverKind::file, "/x");
    escape.name = "../../etc";
    REQUIRE_FALSE(drivers.console(escape));
    auto none = drivers.console(BoardSpec{});
    REQUIRE(none);
    CHECK_FALSE((*none)->available());
    CHECK((*none)->start());
}
