#include <sys/prctl.h>

#include <catch2/catch.hpp>
#include <thread>

#include "tests/adapters/ssh/server.hpp"

using namespace bisectd;
using namespace bisectd::test;

namespace {

BoardSpec this_machine() {
    BoardSpec board;
    board.name = "here";
    board.transport = Transport::local;
    return board;
}

/// The state letter of a process; empty when it is gone.
std::string state_of(const std::string& pid) {
    return here("ps -o stat= -p " + pid + " | cut -c1");
}

bool comes_true(const std::function<bool()>& condition) {
    for (int i = 0; i < 500; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
}

}  // namespace

TEST_CASE("local shell: what a command detaches lives on and is reaped later", "[adapters]") {
    // As in the daemon: orphans come to us.
    REQUIRE(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    const Folder folder;
    const std::string release = folder / "release";
    here("mkfifo " + release);
    const Heard heard = run(hear(
        this_machine(), "setsid sh -c 'read x < " + release + "' & echo $!", milliseconds(5'000)));
    REQUIRE(heard.end.has_value());
    REQUIRE(heard.lines.size() == 1);
    const std::string& pid = heard.lines[0];
    CHECK(state_of(pid) == "S");
    here("echo go > " + release);
    CHECK(comes_true([&pid] { return state_of(pid) == "Z"; }));
    const Heard next = run(hear(this_machine(), "true", milliseconds(5'000)));
    CHECK(next.end.has_value());
    CHECK(state_of(pid).empty());
}

TEST_CASE("local shell: a silent command's group is killed", "[adapters]") {
    const Heard heard = run(hear(this_machine(), "sleep 100 & echo $!; wait", milliseconds(300)));
    REQUIRE_FALSE(heard.end.has_value());
    REQUIRE(heard.lines.size() == 1);
    const std::string& pid = heard.lines[0];
    CHECK(comes_true([&pid] {
        const std::string state = state_of(pid);
        return state.empty() || state == "Z";
    }));
}
