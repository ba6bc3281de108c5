#include <catch2/catch.hpp>

#include "tests/sim/farm/season.hpp"

using namespace bisectd::sim;

namespace {

std::string said(const SeasonReport& report) {
    std::string text = "bisectd-sim-farm --trace --seeds " + std::to_string(report.seed);
    for (const std::string& broken : report.broken) text += "\n" + broken;
    return text;
}

}  // namespace

TEST_CASE("farm: no rule is broken, whatever the seeds bring", "[sim]") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const SeasonReport report = play_season(seed, {});
        INFO(said(report));
        REQUIRE(report.broken.empty());
    }
}

TEST_CASE("farm: no rule is broken when the daemon is killed before and after every write",
          "[sim]") {
    SeasonWish wish;
    wish.boards = 1;
    wish.bisections = 1;
    wish.faults = 4;
    play_every_kill(1, wish, [](const SeasonReport& report, const SeasonWish& played) {
        INFO(said(report) << "\n--kill-before " << played.kill_before << " --kill-after "
                          << played.kill_after);
        REQUIRE(report.broken.empty());
        CHECK(report.daemons > (played.kill_before + played.kill_after == 0 ? 0 : 1));
    });
}

TEST_CASE("farm: a seed replays to the last event", "[sim]") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const SeasonReport one = play_season(seed, {}), other = play_season(seed, {});
        CHECK(one.digest == other.digest);
        CHECK(one.events == other.events);
        CHECK(one.drawn == other.drawn);
    }
}
