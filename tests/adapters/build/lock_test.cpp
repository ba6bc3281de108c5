#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "adapters/build/builder_lock.hpp"
#include "workbench.hpp"

using namespace workbench;

TEST_CASE("the lock is taken over from the child of a killed daemon", "[adapters][build]") {
    Bench bench;
    const std::string lock = bench.data / "builders/1/lock";
    write(lock, "");
    // A "daemon" that takes the lock, starts a "build" that inherits it, and is killed.
    const std::string script = "exec 9>>" + lock + "; flock 9; setsid sleep 1000 & echo $! > " +
                               (bench.data / "pid") + "; kill -KILL $$";
    const pid_t daemon = fork();
    if (daemon == 0) {
        execlp("sh", "sh", "-c", script.c_str(), nullptr);
        _exit(1);
    }
    waitpid(daemon, nullptr, 0);
    const pid_t left = std::stoi(read(bench.data / "pid"));
    REQUIRE(kill(left, 0) == 0);
    CHECK(bench.prepare(bench.order(bench.first)));
    waitpid(left, nullptr, WNOHANG);
    const auto gone = [left] {
        const std::string state = read("/proc/" + std::to_string(left) + "/stat");
        return state.empty() || state.find(") Z ") != std::string::npos;
    };
    CHECK(gone());
}

TEST_CASE("the lock of a living daemon is respected", "[adapters][build]") {
    Bench bench;
    const std::string file = bench.data / "lock";
    int ready[2];
    REQUIRE(pipe(ready) == 0);
    const pid_t daemon = fork();
    if (daemon == 0) {
        auto lock = finish(build::take_builder_lock(file));
        const char byte = lock ? 'y' : 'n';
        if (write(ready[1], &byte, 1) != 1) _exit(1);
        for (;;) pause();
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    REQUIRE(byte == 'y');
    auto second = finish(build::take_builder_lock(file));
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(second.error().what, Contains(std::to_string(daemon)));
    CHECK(kill(daemon, 0) == 0);
    kill(daemon, SIGKILL);
    waitpid(daemon, nullptr, 0);
    CHECK(finish(build::take_builder_lock(file)));
    close(ready[0]);
    close(ready[1]);
}
