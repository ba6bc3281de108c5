#include "core/weights.hpp"

#include <catch2/catch.hpp>

#include "core/suspects.hpp"
#include "random_history.hpp"

using namespace bisectd;
using namespace bisectd::test;

namespace {

/// The definition, commit by commit.
std::vector<std::uint32_t> counted_one_by_one(const History& history,
                                              const std::vector<bool>& suspects) {
    std::vector<std::uint32_t> result(history.size(), 0);
    for (CommitIndex i = 0; i < history.size(); ++i) {
        if (!suspects[i]) continue;
        const std::vector<bool> reached = history.ancestors_of(i);
        for (CommitIndex j = 0; j <= i; ++j)
            if (reached[j] && suspects[j] && history.counted(j)) ++result[i];
    }
    return result;
}

}  // namespace

TEST_CASE("weights: a merge weighs both of its sides, the fork only once", "[core]") {
    //       1---2
    //      /     \ .
    // 0---+       5---6
    //      \     /
    //       3---4
    const History history = history_of({{}, {0}, {1}, {0}, {3}, {2, 4}, {5}});
    CHECK(weights(history, std::vector<bool>(7, true)) ==
          std::vector<std::uint32_t>{1, 2, 3, 2, 3, 6, 7});
}

TEST_CASE("weights: commits that are no suspects or do not count weigh nothing", "[core]") {
    const History history({{id_of(0), {}, true},
                           {id_of(1), {0}, true},
                           {id_of(2), {1}, false},
                           {id_of(3), {2}, true}});
    CHECK(weights(history, {false, true, true, true}) == std::vector<std::uint32_t>{0, 1, 1, 2});
}

TEST_CASE("weights: an empty history and an empty set of suspects are no accident", "[core]") {
    CHECK(weights(History(), {}).empty());
    CHECK(weights(history_of({{}, {0}}), {false, false}) == std::vector<std::uint32_t>{0, 0});
}

TEST_CASE("weights: equal the definition on random histories, for what evidence leaves", "[core]") {
    const unsigned seed = std::random_device{}();
    UNSCOPED_INFO("seed " << seed);
    std::mt19937 chance(seed);
    for (unsigned round = 0; round < 300; ++round) {
        // Above 512 chains several blocks of masks are needed.
        const unsigned size = round % 25 == 0 ? 1500 : 1 + chance() % 150;
        const History history = random_history(chance, size, round % 3 == 0 ? 0.4 : 0);
        Evidence evidence;
        for (unsigned goods = chance() % 3; goods > 0 && size > 1; --goods)
            evidence.good.push_back(chance() % (size - 1));
        const std::vector<bool> left = suspects(history, evidence);
        REQUIRE(left.size() == size);
        REQUIRE(weights(history, left) == counted_one_by_one(history, left));
    }
}
