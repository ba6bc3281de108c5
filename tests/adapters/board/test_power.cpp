#include <chrono>

#include "adapters/board/drivers.hpp"
#include "adapters/board/switched_power.hpp"
#include "tests/adapters/board/bench.hpp"
#include "tests/adapters/board/peer.hpp"

using namespace bisectd;
using namespace bisectd::test;
using Catch::Matchers::Contains;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

PowerSpec command_spec(std::string on, std::string off, std::string cycle = "") {
    PowerSpec spec;
    spec.driver = DriverKind::command;
    spec.on = std::move(on);
    spec.off = std::move(off);
    spec.cycle = std::move(cycle);
    spec.off_time = std::chrono::seconds(0);
    return spec;
}

std::unique_ptr<Power> made(Bench& bench, PowerSpec spec) {
    BoardSpec board;
    board.name = "vb1";
    board.power = std::move(spec);
    ConfiguredDrivers drivers(bench.executor(), bench.folder.path());
    auto power = drivers.power(board);
    REQUIRE(power);
    return std::move(*power);
}

Error refused(PowerSpec spec) {
    BoardSpec board;
    board.name = "vb1";
    board.power = std::move(spec);
    boost::asio::io_context io;
    ConfiguredDrivers drivers(io.get_executor(), "");
    auto power = drivers.power(board);
    REQUIRE_FALSE(power);
    return power.error();
}

}  // namespace

TEST_CASE("power: commands are run by sh, and a cycle is off, a pause, on", "[adapters]") {
    Bench bench;
    const std::string log = bench.folder / "log";
    auto spec = command_spec("echo on >> " + log, "echo off >> " + log);
    spec.off_time = std::chrono::seconds(1);
    auto power = made(bench, spec);
    REQUIRE(power->available());
    REQUIRE(bench.run(power->on()));
    const auto before = steady_clock::now();
    REQUIRE(bench.run(power->cycle()));
    REQUIRE(steady_clock::now() - before >= milliseconds(1000));
    REQUIRE(content(log) == "on\noff\non\n");
}

TEST_CASE("power: a board can be left off where the switch has both off and on", "[adapters]") {
    Bench bench;
    const std::string log = bench.folder / "log";
    auto power = made(bench, command_spec("echo on >> " + log, "echo off >> " + log, "false"));
    REQUIRE(power->can_stay_off());
    REQUIRE(bench.run(power->off()));
    REQUIRE(bench.run(power->on()));
    REQUIRE(content(log) == "off\non\n");
    CHECK_FALSE(made(bench, command_spec("", "", "true"))->can_stay_off());
    CHECK_FALSE(made(bench, command_spec("true", "", "true"))->can_stay_off());
    auto failed = bench.run(made(bench, command_spec("true", "exit 3"))->off());
    REQUIRE_FALSE(failed);
    CHECK_THAT(failed.error().where, Contains("board vb1, power off"));
}

TEST_CASE("power: a configured cycle command is used instead of off and on", "[adapters]") {
    Bench bench;
    const std::string log = bench.folder / "log";
    auto power = made(bench, command_spec("", "", "echo cycle >> " + log));
    REQUIRE(bench.run(power->on()));
    REQUIRE(bench.run(power->cycle()));
    REQUIRE(content(log) == "cycle\n");
}

TEST_CASE("power: a switch that fails twice says why, then works", "[adapters]") {
    Bench bench;
    const std::string count = bench.folder / "count";
    auto power = made(bench, command_spec("", "",
                                          "echo x >> " + count + "; n=$(wc -l < " + count +
                                              "); echo \"relay busy $n\" >&2; [ $n -ge 3 ]"));
    for (int attempt = 1; attempt <= 2; ++attempt) {
        auto failed = bench.run(power->cycle());
        REQUIRE_FALSE(failed);
        CHECK(failed.error().kind == ErrorKind::infrastructure);
        CHECK_THAT(failed.error().where, Contains("board vb1, power cycle"));
        CHECK_THAT(failed.error().what, Contains("exit status 1"));
        CHECK_THAT(failed.error().what, Contains("relay busy " + std::to_string(attempt)));
    }
    REQUIRE(bench.run(power->cycle()));
}

TEST_CASE("power: a command that hangs is ended at its limit, its children too", "[adapters]") {
    Bench bench;
    const std::string pid_file = bench.folder / "pid";
    board::CommandPower power("board vb1, power",
                              command_spec("", "", "sleep 1000 & echo $! > " + pid_file + "; wait"),
                              milliseconds(500));
    auto failed = bench.run(power.cycle());
    REQUIRE_FALSE(failed);
    CHECK_THAT(failed.error().what, Contains("did not end within 500 ms"));
    const std::string pid = content(pid_file).substr(0, content(pid_file).find('\n'));
    REQUIRE_FALSE(std::filesystem::exists("/proc/" + pid));
}

TEST_CASE("power: what a command prints is bounded and harmless in the error", "[adapters]") {
    Bench bench;
    auto power = made(
        bench, command_spec("", "", "head -c 1000000 /dev/zero; printf '\\033[31mred'; exit 7"));
    auto failed = bench.run(power->cycle());
    REQUIRE_FALSE(failed);
    CHECK(failed.error().what.size() < 1000);
    CHECK_THAT(failed.error().what, Contains("exit status 7") && Contains("?[31mred"));
}

TEST_CASE("power: a password of the command is in no error", "[adapters]") {
    Bench bench;
    const std::string line = "set -- -P swordfish-7; echo login with $2 refused; exit 1";
    auto power = made(bench, command_spec("", "", line));
    auto failed = bench.run(power->cycle());
    REQUIRE_FALSE(failed);
    CHECK_THAT(failed.error().what, Contains("login with *** refused"));
    CHECK_THAT(describe(failed.error()), !Contains("swordfish"));
}

TEST_CASE("power: lines go to a unix socket, one connection each", "[adapters]") {
    Bench bench;
    const std::string path = bench.folder / "relay";
    UnixPeer relay(bench.io, path);
    auto spec = command_spec("relay 3 on", "relay 3 off");
    spec.driver = DriverKind::unix_socket;
    spec.address = path;
    auto power = made(bench, spec);
    REQUIRE(bench.run(power->cycle()));
    REQUIRE(bench.until([&relay] { return relay.received == "relay 3 off\nrelay 3 on\n"; }));
    CHECK(relay.connections == 2);
}

TEST_CASE("power: a unix socket with a path longer than the kernel takes works", "[adapters]") {
    Bench bench;
    const std::string deep = bench.folder / std::string(120, 'd');
    std::filesystem::create_directory(deep);
    const std::string was = std::filesystem::current_path();
    std::filesystem::current_path(deep);
    UnixPeer relay(bench.io, std::string("relay"));
    std::filesystem::current_path(was);
    auto spec = command_spec("on", "off");
    spec.driver = DriverKind::unix_socket;
    spec.address = deep + "/relay";
    auto power = made(bench, spec);
    REQUIRE(bench.run(power->on()));
    REQUIRE(bench.until([&relay] { return relay.received == "on\n"; }));
}

TEST_CASE("power: lines go to a TCP port; a dead one is an error, then it works", "[adapters]") {
    Bench bench;
    auto relay = std::make_unique<TcpPeer>(bench.io, loopback());
    const auto port = relay->endpoint().port();
    auto spec = command_spec("1", "0");
    spec.driver = DriverKind::tcp;
    spec.address = "127.0.0.1:" + std::to_string(port);
    auto power = made(bench, spec);
    REQUIRE(bench.run(power->on()));
    REQUIRE(bench.until([&relay] { return relay->received == "1\n"; }));
    relay.reset();
    auto failed = bench.run(power->cycle());
    REQUIRE_FALSE(failed);
    CHECK_THAT(describe(failed.error()), Contains("board vb1, power off") && Contains("refused"));
    TcpPeer again(bench.io, loopback(port));
    REQUIRE(bench.run(power->cycle()));
    REQUIRE(bench.until([&again] { return again.received == "0\n1\n"; }));
}

TEST_CASE("power: a socket that takes nothing is given up at the limit", "[adapters]") {
    Bench bench;
    // A listener that never accepts, its queue full: further connections hang.
    using boost::asio::ip::tcp;
    tcp::acceptor closed(bench.io, loopback());
    closed.listen(0);
    const auto port = closed.local_endpoint().port();
    std::vector<tcp::socket> fillers;
    for (int i = 0; i < 4; ++i) {
        fillers.emplace_back(bench.io);
        fillers.back().async_connect(closed.local_endpoint(), [](boost::system::error_code) {});
    }
    board::SocketPower power("board vb1, power", command_spec("1", "0"),
                             board::Endpoint{{}, "127.0.0.1", std::to_string(port)},
                             milliseconds(300));
    bench.until([] { return false; }, milliseconds(100));
    auto failed = bench.run(power.on());
    REQUIRE_FALSE(failed);
    CHECK_THAT(failed.error().what, Contains("within 300 ms"));
}

TEST_CASE("power: a board without a switch says so", "[adapters]") {
    Bench bench;
    auto power = made(bench, PowerSpec{});
    CHECK_FALSE(power->available());
    REQUIRE(bench.run(power->on()));
    auto failed = bench.run(power->cycle());
    REQUIRE_FALSE(failed);
    CHECK_THAT(failed.error().what, Contains("no power switch"));
}

TEST_CASE("power: settings that can never work are refused when they are read", "[adapters]") {
    CHECK_THAT(refused(command_spec("on", "")).what, Contains("cannot be cycled"));
    auto tcp = command_spec("1", "0");
    tcp.driver = DriverKind::tcp;
    for (const auto* address : {"", "host", ":1", "host:", "host:0", "host:70000", "::1:23"}) {
        tcp.address = address;
        CHECK(refused(tcp).kind == ErrorKind::request);
    }
    PowerSpec file;
    file.driver = DriverKind::file;
    CHECK_THAT(refused(file).what, Contains("cannot switch power"));
    PowerSpec nowhere;
    nowhere.driver = DriverKind::virtual_board;
    CHECK_THAT(refused(nowhere).what, Contains("make-board"));
}
