#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <random>

#include "tests/core/random_history.hpp"
#include "tests/sim/decisions/engine_bisect.hpp"
#include "tests/sim/decisions/experiment.hpp"
#include "tests/sim/decisions/git_bisect.hpp"

using namespace bisectd;
using namespace bisectd::simulate;

namespace {

const Ground& real_ground() {
    static const Ground ground = [] {
        Result<Range> range = history_file(BISECTD_HISTORY);
        REQUIRE(range);
        return ground_of(std::move(*range), "git-2.40-2.41", 2);
    }();
    return ground;
}

const Ground& chain_ground() {
    static const Ground ground = ground_of(*chain(500), "chain", 2);
    return ground;
}

Scenario scenario(double rate, unsigned bisects) {
    Scenario scenario;
    scenario.rate = rate;
    scenario.bisects = bisects;
    return scenario;
}

/// The share that was right is not below the share that was claimed, but for chance.
void check_calibrated(const Summary& it) {
    INFO("right " << it.right << ", claimed " << it.claimed);
    CHECK(it.right >= it.claimed - 3 * it.standard_error());
    CHECK(it.gave_up == 0);
}

}  // namespace

TEST_CASE("simulate: a bug that always shows is found, as sure as it is claimed", "[simulate]") {
    check_calibrated(play_engine(real_ground(), scenario(1, 30)));
}

TEST_CASE("simulate: a bug of one run in ten is found, as sure as it is claimed", "[simulate]") {
    check_calibrated(play_engine(real_ground(), scenario(0.1, 40)));
}

TEST_CASE("simulate: false alarms and commits that do not build keep the claim", "[simulate]") {
    Scenario it = scenario(0.1, 25);
    it.noise = 0.001;
    it.unbuildable = 0.05;
    check_calibrated(play_engine(real_ground(), it));
}

TEST_CASE("simulate: two boards and two builders keep the claim and save time", "[simulate]") {
    Scenario it = scenario(0.3, 20);
    const Summary one = play_engine(real_ground(), it);
    it.boards = 2;
    const Summary boards = play_engine(real_ground(), it);
    check_calibrated(boards);
    CHECK(boards.wall_s < one.wall_s);
    it.boards = 1;
    it.builders = 2;
    const Summary builders = play_engine(real_ground(), it);
    check_calibrated(builders);
    CHECK(builders.wall_s < one.wall_s);
}

TEST_CASE("simulate: one boot that lies never gives a wrong name without a warning", "[simulate]") {
    // The thousand of docs/benchmark-decisions.md in small.
    for (const double rate : {1.0, 0.1})
        for (const Scenario::Lie lie : {Scenario::Lie::good, Scenario::Lie::bad}) {
            Scenario it = scenario(rate, 30);
            it.lie = lie;
            it.proof = true;
            const Summary summary = play_engine(real_ground(), it);
            CHECK(summary.lied_to > 15);
            CHECK(summary.silently_wrong == 0);
        }
}

TEST_CASE("simulate: a failure that the boot decides gives no wrong name without a warning",
          "[simulate]") {
    Scenario it = scenario(0.3, 40);
    it.boot_decides = true;
    it.proof = true;
    const Summary summary = play_engine(real_ground(), it);
    CHECK(summary.silently_wrong == 0);
    CHECK(summary.gave_up == 0);
    CHECK(summary.right > 0.97);
}

TEST_CASE(
    "simulate: with believed ends and boots a bug that always shows costs no boot more than git",
    "[simulate]") {
    Scenario it = scenario(1, 100);
    it.trust_ends = true;
    it.seen_hits = it.seen_runs = 8;
    it.broken_boot_prior = 0;
    const Summary ours = play_engine(chain_ground(), it);
    const Summary git = summarise(play_all(
        chain_ground().range, it, 2, [](const Truth& truth) { return git_bisect(truth, 1); }));
    CHECK(ours.right > 0.999);
    // Which of two equal halves comes first is a matter of taste, and of some hundredths of a boot.
    CHECK(ours.boots <= git.boots + 0.05);
}

TEST_CASE("simulate: a seed gives the same bytes, whatever the number of threads", "[simulate]") {
    Scenario it = scenario(0.3, 10);
    it.boards = 2;
    it.unbuildable = 0.05;
    const auto printed = [&it](unsigned jobs) {
        std::mt19937 chance(11);
        const Ground ground =
            ground_of(Range(test::random_history(chance, 120)), "random history", jobs);
        Report report = compare(ground, it, true);
        report.cpu = false;
        return as_text(report) + as_json(report);
    };
    const std::string once = printed(2);
    CHECK(printed(1) == once);
    it.seed = 2;
    CHECK(printed(2) != once);
}
