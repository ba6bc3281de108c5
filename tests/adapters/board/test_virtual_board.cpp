#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <cstdlib>

#include "adapters/board/drivers.hpp"
#include "adapters/board/qemu_command.hpp"
#include "adapters/board/qemu_process.hpp"
#include "adapters/board/waiting.hpp"
#include "adapters/process/process.hpp"
#include "tests/adapters/board/bench.hpp"

using namespace bisectd;
using namespace bisectd::test;
using board::QemuProcess;
using boost::asio::ip::tcp;
using Catch::Matchers::Contains;

namespace {

BoardSpec virtual_board(const std::string& folder, const std::string& arch = "arm64") {
    BoardSpec board;
    board.name = "vb1";
    board.power.driver = DriverKind::virtual_board;
    board.console.driver = DriverKind::virtual_board;
    board.virtual_board.arch = arch;
    board.virtual_board.folder = folder;
    return board;
}

/// A board folder whose QEMU is gone with the object, whatever the test did.
struct BoardFolder {
    std::string path;
    explicit BoardFolder(std::string folder) : path(std::move(folder)) {}
    BoardFolder(const BoardFolder&) = delete;
    BoardFolder& operator=(const BoardFolder&) = delete;
    ~BoardFolder() {
        const auto qemu = QemuProcess::find(path);
        if (!qemu) return;
        ::kill(qemu->id(), SIGKILL);
        waitpid(qemu->id(), nullptr, 0);  // fails at once when it is no child of ours
    }
    pid_t qemu() const {
        const auto found = QemuProcess::find(path);
        return found ? found->id() : 0;
    }
    std::string port() const { return content(path + "/ssh-port"); }
};

std::unique_ptr<Power> power_of(Bench& bench, const BoardSpec& board) {
    ConfiguredDrivers drivers(bench.executor(), bench.folder / "data");
    auto power = drivers.power(board);
    REQUIRE(power);
    return std::move(*power);
}

std::unique_ptr<Console> console_of(Bench& bench, const BoardSpec& board) {
    ConfiguredDrivers drivers(bench.executor(), bench.folder / "data");
    auto console = drivers.console(board);
    REQUIRE(console);
    REQUIRE((*console)->start());
    return std::move(*console);
}

/// An empty disk: the firmware runs and prints, and finds nothing to boot.
std::string blank_board(const Bench& bench, const std::string& name = "board") {
    const std::string folder = bench.folder / name;
    std::filesystem::create_directories(folder);
    write(folder + "/disk.img", "");
    std::filesystem::resize_file(folder + "/disk.img", 1 << 20);
    return folder;
}

Task<std::string> read_banner(std::uint16_t port) {
    tcp::socket socket(co_await boost::asio::this_coro::executor);
    const tcp::endpoint target(boost::asio::ip::address_v4::loopback(), port);
    auto [refused] = co_await socket.async_connect(target, board::as_result);
    if (refused) co_return refused.message();
    std::string text;
    auto buffer = boost::asio::dynamic_buffer(text, 1000);
    auto [failed, bytes] =
        co_await boost::asio::async_read_until(socket, buffer, '\n', board::as_result);
    co_return failed ? failed.message() : text;
}

bool answers(Bench& bench, const BoardFolder& folder, std::chrono::seconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < deadline) {
        auto probe = board::within(
            std::chrono::milliseconds(1500),
            read_banner(static_cast<std::uint16_t>(std::atoi(folder.port().c_str()))));
        const auto banner = bench.run(std::move(probe));
        if (banner && banner->starts_with("SSH-2.0")) return true;
        bench.until([] { return false; }, std::chrono::milliseconds(200));
    }
    return false;
}

}  // namespace

TEST_CASE("virtual board: what is missing is named, with what to do", "[adapters]") {
    Bench bench;
    auto missing = bench.run(power_of(bench, virtual_board(bench.folder / "nowhere"))->on());
    REQUIRE_FALSE(missing);
    CHECK_THAT(describe(missing.error()),
               Contains("disk.img is missing") && Contains("make-board"));
    const std::string folder = blank_board(bench);
    auto unknown = bench.run(power_of(bench, virtual_board(folder, "vax"))->on());
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().kind == ErrorKind::request);
    const std::string path = std::getenv("PATH");
    setenv("PATH", "/nonexistent", 1);
    auto no_qemu = bench.run(power_of(bench, virtual_board(folder))->on());
    setenv("PATH", path.c_str(), 1);
    REQUIRE_FALSE(no_qemu);
    CHECK_THAT(no_qemu.error().what, Contains("install the package qemu-system-arm"));
    auto huge = virtual_board(folder);
    huge.virtual_board.memory_mib = 1'000'000;
    CHECK_FALSE(bench.run(power_of(bench, huge)->on()));
}

TEST_CASE("virtual board: the forwarded port is found in what QEMU says", "[adapters]") {
    const auto* text =
        "Hub -1 (net):\n"
        "  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\n"
        "  TCP[ESTABLISHED]   14       127.0.0.1 40000       10.0.2.15    22     0     0\n"
        "  TCP[HOST_FORWARD]  13       127.0.0.1 35933       10.0.2.15    22     0     0\n";
    CHECK(board::forwarded_ssh_port(text) == 35933);
    CHECK(board::forwarded_ssh_port("") == std::nullopt);
    CHECK(board::forwarded_ssh_port("TCP[HOST_FORWARD] 1 h 99999 g 22\n") == std::nullopt);
}

TEST_CASE("virtual board: a QEMU that ends at once is quoted", "[adapters]") {
    Bench bench;
    const BoardFolder folder(blank_board(bench));
    const auto board = virtual_board(folder.path);
    REQUIRE(bench.run(power_of(bench, board)->on()));
    // The record is lost, the QEMU still holds its disk.
    const std::string record = content(folder.path + "/qemu.pid");
    std::filesystem::remove(folder.path + "/qemu.pid");
    auto second = bench.run(power_of(bench, board)->on());
    write(folder.path + "/qemu.pid", record);
    REQUIRE_FALSE(second);
    CHECK_THAT(second.error().what, Contains("QEMU ended at once") && Contains("lock"));
    REQUIRE(folder.qemu() != 0);
}

TEST_CASE("virtual board: a recycled process id is never taken for the board", "[adapters]") {
    Bench bench;
    const BoardFolder folder(blank_board(bench));
    for (const std::string& record :
         {std::to_string(getpid()) + " 1\n", std::string("1 1\n"), std::string("junk"),
          std::string(""), std::string("-1 5\n"), std::string("0 0\n")}) {
        write(folder.path + "/qemu.pid", record);
        CHECK(folder.qemu() == 0);
    }
}

TEST_CASE("virtual board: on, on again, pull the plug, a hung QEMU, a new daemon", "[adapters]") {
    Bench bench;
    const std::string arch = GENERATE(as<std::string>{}, "arm64", "x86_64");
    const BoardFolder folder(blank_board(bench, "a folder, with a " + std::string(100, 'n')));
    const auto board = virtual_board(folder.path, arch);
    auto console = console_of(bench, board);
    auto power = power_of(bench, board);
    REQUIRE(bench.run(power->on()));
    const pid_t first = folder.qemu();
    REQUIRE(first != 0);
    CHECK(getsid(first) == first);
    CHECK(std::atoi(folder.port().c_str()) > 0);
    if (arch == "arm64") REQUIRE(bench.until([&] { return !console->since(0, 1 << 20).empty(); }));

    std::filesystem::remove(folder.path + "/ssh-port");
    REQUIRE(bench.run(power->on()));
    CHECK(folder.qemu() == first);
    CHECK(std::atoi(folder.port().c_str()) > 0);

    power.reset();
    console.reset();
    power = power_of(bench, board);
    REQUIRE(bench.run(power->on()));
    CHECK(folder.qemu() == first);

    ::kill(first, SIGSTOP);
    REQUIRE(bench.run(power->on()));  // a hung board is on
    REQUIRE(bench.run(power->cycle()));
    const pid_t second = folder.qemu();
    CHECK(second != 0);
    CHECK(second != first);
    CHECK_FALSE(std::filesystem::exists("/proc/" + std::to_string(first)));

    REQUIRE(power->can_stay_off());
    REQUIRE(bench.run(power->off()));
    CHECK(folder.qemu() == 0);
    CHECK_FALSE(std::filesystem::exists("/proc/" + std::to_string(second)));
    REQUIRE(bench.run(power->off()));  // harmless
    REQUIRE(bench.run(power->on()));
    const pid_t third = folder.qemu();
    CHECK(third != 0);

    ::kill(third, SIGKILL);  // as a guest that powers itself off
    REQUIRE(bench.until([&folder] { return folder.qemu() == 0; }));
    REQUIRE(bench.run(power->on()));
    CHECK(folder.qemu() != 0);
}

TEST_CASE("virtual board: it lives on when the daemon is killed", "[adapters]") {
    Bench bench;
    const BoardFolder folder(blank_board(bench));
    const auto board = virtual_board(folder.path);
    const pid_t daemon = fork();
    REQUIRE(daemon >= 0);
    if (daemon == 0) {
        boost::asio::io_context io;
        ConfiguredDrivers drivers(io.get_executor(), bench.folder / "data");
        auto power = drivers.power(board);
        boost::asio::co_spawn(io, (*power)->on(), [](std::exception_ptr, Result<void> on) {
            if (on) ::kill(getpid(), SIGKILL);
        });
        io.run();
        _exit(1);
    }
    int status = 0;
    REQUIRE(waitpid(daemon, &status, 0) == daemon);
    REQUIRE(WIFSIGNALED(status));
    const pid_t qemu = folder.qemu();
    REQUIRE(qemu != 0);
    REQUIRE(bench.run(power_of(bench, board)->on()));
    CHECK(folder.qemu() == qemu);
    REQUIRE(bench.run(power_of(bench, board)->cycle()));  // a QEMU that is not our child
    CHECK(folder.qemu() != qemu);
}

// Needs a folder made by agents/virtual-board/make-board in BISECTD_TEST_BOARD; works on a copy.
TEST_CASE("virtual board: a real board boots, hangs and comes back", "[.board]") {
    const char* original = std::getenv("BISECTD_TEST_BOARD");
    if (original == nullptr) {
        WARN("BISECTD_TEST_BOARD is not set: nothing was tested");
        return;
    }
    Bench bench;
    std::filesystem::copy(original, bench.folder / "board");
    const BoardFolder folder(bench.folder / "board");
    const char* arch = std::getenv("BISECTD_TEST_BOARD_ARCH");
    const auto board = virtual_board(folder.path, arch != nullptr ? arch : "arm64");
    auto console = console_of(bench, board);
    auto power = power_of(bench, board);
    const auto before = console->mark();
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(bench.run(power->on()));
    REQUIRE(answers(bench, folder, std::chrono::seconds(180)));
    const std::chrono::duration<double> boot = std::chrono::steady_clock::now() - start;
    WARN("from power-on to the SSH banner: " << boot.count() << " s");
    CHECK_THAT(console->since(before, 1 << 20), Contains("Linux version"));

    const pid_t first = folder.qemu();
    CHECK_THAT(content("/proc/" + std::to_string(first) + "/cmdline"), Contains("-sandbox"));
    REQUIRE(bench.run(power->on()));
    CHECK(folder.qemu() == first);
    CHECK(answers(bench, folder, std::chrono::seconds(20)));

    const auto before_reboot = console->mark();
    ProcessSpec reboot;
    reboot.arguments = {"ssh",
                        "-F",
                        "/dev/null",
                        "-i",
                        folder.path + "/id_ed25519",
                        "-p",
                        std::to_string(std::atoi(folder.port().c_str())),
                        "-o",
                        "StrictHostKeyChecking=no",
                        "-o",
                        "UserKnownHostsFile=/dev/null",
                        "root@127.0.0.1",
                        "(sleep 0.2; reboot -f) >/dev/null 2>&1 &"};
    const auto asked = bench.run(run_process(reboot, {}));
    REQUIRE(asked);
    CHECK(asked->exit == 0);
    REQUIRE(bench.until([&] {
        return console->since(before_reboot, 1 << 20).find("Linux version") != std::string::npos;
    }));
    CHECK(folder.qemu() == first);  // a guest that reboots reboots
    REQUIRE(answers(bench, folder, std::chrono::seconds(180)));

    power.reset();  // the daemon ends; the board does not
    console.reset();
    bench.until([] { return false; }, std::chrono::milliseconds(100));
    power = power_of(bench, board);
    console = console_of(bench, board);
    REQUIRE(bench.run(power->on()));
    CHECK(folder.qemu() == first);
    CHECK(answers(bench, folder, std::chrono::seconds(20)));

    ::kill(first, SIGSTOP);
    CHECK_FALSE(answers(bench, folder, std::chrono::seconds(3)));
    const auto mark = console->mark();
    REQUIRE(bench.run(power->cycle()));
    CHECK(folder.qemu() != first);
    REQUIRE(answers(bench, folder, std::chrono::seconds(180)));
    CHECK_THAT(console->since(mark, 1 << 20), Contains("Linux version"));
    CHECK_THAT(content(console->file()), Contains("Z ") && Contains("Linux version"));
}
