// Hidden: needs a running virtual board (agents/virtual-board). Set BISECTD_TEST_BOARD to its
// folder (id_ed25519, host_key.pub) and BISECTD_TEST_BOARD_PORT to its SSH port on the loopback.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/adapters/ssh/server.hpp"

using namespace bisectd;
using namespace bisectd::test;
using Catch::Matchers::Contains;

namespace {

BoardSpec virtual_board() {
    const char* folder = std::getenv("BISECTD_TEST_BOARD");
    const char* port = std::getenv("BISECTD_TEST_BOARD_PORT");
    if (folder == nullptr || port == nullptr) throw std::runtime_error("no board is named");
    BoardSpec board;
    board.name = "vb1";
    board.ssh.host = "127.0.0.1";
    board.ssh.port = static_cast<std::uint16_t>(std::stoi(port));
    board.ssh.key_file = std::string(folder) + "/id_ed25519";
    board.ssh.host_key = content(std::string(folder) + "/host_key.pub");
    return board;
}

constexpr milliseconds patience{20'000};

}  // namespace

TEST_CASE("board: commands, a full disk, an upload, a reboot under our feet", "[.board]") {
    const BoardSpec board = virtual_board();
    Heard heard = run(hear(board, "echo hello; kill -SEGV $$", patience));
    REQUIRE(heard.end.has_value());
    CHECK(heard.lines == std::vector<std::string>{"hello"});
    CHECK(heard.end->signal == "SEGV");
    heard = run(hear(board, "seq 1 100000; exit 7", patience));
    REQUIRE(heard.end.has_value());
    CHECK(heard.lines.size() == 100'000);
    CHECK(heard.end->exit == 7);

    const Folder folder;
    const std::string kernel = folder.file("kernel", 8'000'000);
    const std::string huge = folder.file("huge", 160'000'000);
    const Result<void> full = run(put(board, huge, "/boot/bisectd-test-upload", {}));
    REQUIRE_FALSE(full.has_value());
    CHECK_THAT(describe(full.error()), Contains("disk is full"));
    const Result<void> done = run(put(board, kernel, "/boot/bisectd-test-upload", {}));
    CHECK((done ? "done" : describe(done.error())) == "done");
    heard = run(hear(board,
                     "sha256sum /boot/bisectd-test-upload; ls /boot; rm /boot/bisectd-test-upload",
                     patience));
    REQUIRE_FALSE(heard.lines.empty());
    CHECK(heard.lines[0].substr(0, 64) == here("sha256sum " + kernel).substr(0, 64));
    CHECK(std::find(heard.lines.begin(), heard.lines.end(), "bisectd-test-upload.tmp") ==
          heard.lines.end());

    const Heard boot = run(hear(board, "cat /proc/sys/kernel/random/boot_id", patience));
    heard = run(hear(board, "echo now; reboot -f; sleep 60", milliseconds(5'000)));
    REQUIRE_FALSE(heard.end.has_value());
    CHECK_THAT(describe(heard.end.error()), Contains("connection lost"));
    // The user network of QEMU accepts at once, whatever the guest does: each try has its limit.
    std::string last;
    for (int i = 0; i < 30 && last != "connected"; ++i)
        last = run(connect_error(board, milliseconds(4'000)));
    CHECK(last == "connected");
    CHECK(run(hear(board, "cat /proc/sys/kernel/random/boot_id", patience)).lines != boot.lines);
}
