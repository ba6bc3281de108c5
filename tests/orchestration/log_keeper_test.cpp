#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/orchestration/watched_world.hpp"

using namespace bisectd;
using namespace bisectd::sim;
using Catch::Matchers::Contains;
using namespace std::chrono_literals;

namespace {

bool all_closed(const Simulation& sim) {
    return std::ranges::all_of(sim.logs.all(), [](const auto& log) { return log.second.closed; });
}

}  // namespace

TEST_CASE("logs: those of attempts that have ended are closed after a rest, and read as before",
          "[orchestration]") {
    Simulation sim(watched_world());
    sim.start();
    sim.run_until([&sim] { return !sim.events<AttemptEnded>().empty(); });
    const auto runs = sim.supervisor().log_file(1, 1, 1, "runs");
    REQUIRE(runs);
    CHECK_FALSE(sim.logs.all().at(*runs).closed);
    std::string buffer;
    const std::string before(sim.supervisor().open_log(*runs)->read(buffer, 0, 10'000));
    CHECK_THAT(before, Contains("run 1: "));
    let_pass(sim, 12min);
    CHECK(sim.logs.all().at(*runs).closed);
    CHECK(sim.supervisor().log_file(1, 1, 1, "runs") == *runs);
    CHECK(sim.supervisor().open_log(*runs)->read(buffer, 0, 10'000) == before);
    sim.rest();
    let_pass(sim, 15min);
    CHECK(all_closed(sim));
}

TEST_CASE("logs: a daemon that starts closes what its forerunner left open", "[orchestration]") {
    Simulation sim(watched_world());
    sim.start();
    sim.rest();
    sim.stop();
    CHECK_FALSE(all_closed(sim));
    sim.start_daemon();
    let_pass(sim, 1min);
    CHECK(all_closed(sim));
}

TEST_CASE("logs: what cannot be closed is tried again", "[orchestration]") {
    Simulation sim(watched_world());
    sim.start();
    sim.rest();
    sim.logs.fails_to_close = true;
    let_pass(sim, 20min);
    CHECK_FALSE(all_closed(sim));
    sim.logs.fails_to_close = false;
    let_pass(sim, 90min);
    CHECK(all_closed(sim));
}

TEST_CASE("logs: of bisections that have ended they go when they are too large together",
          "[orchestration]") {
    World world = watched_world();
    world.limits.logs_bytes = 0;
    Simulation sim(std::move(world));
    sim.start();
    sim.rest();
    CHECK(sim.events<LogsEvicted>().empty());  // not while it goes on
    const std::int64_t ended = sim.state().last_ms_utc;
    let_pass(sim, 2h);
    REQUIRE(sim.events<LogsEvicted>().size() == 1);
    CHECK(sim.events<LogsEvicted>()[0].bytes > 0);
    CHECK(sim.logs.all().empty());
    CHECK(sim.state().last_ms_utc == ended);
    const auto gone = sim.supervisor().log_file(1, 1, 1, "runs");
    REQUIRE_FALSE(gone);
    CHECK_THAT(gone.error().what, Contains("removed to keep the disk from filling"));
}
