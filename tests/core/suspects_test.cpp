#include "core/suspects.hpp"

#include <catch2/catch.hpp>

#include "random_history.hpp"

using namespace bisectd;
using namespace bisectd::test;

namespace {

//       1---2
//      /     \ .
// 0---+       5---6
//      \     /
//       3---4
History diamond() {
    return history_of({{}, {0}, {1}, {0}, {3}, {2, 4}, {5}});
}

std::vector<CommitIndex> left_of(const History& history, const Evidence& evidence) {
    return possible_culprits(history, suspects(history, evidence));
}

}  // namespace

TEST_CASE("suspects: are what the bad commit has and the good ones lack", "[core]") {
    struct Row {
        Evidence evidence;
        std::vector<CommitIndex> left;
    };
    const std::vector<Row> rows{
        {{}, {0, 1, 2, 3, 4, 5, 6}},
        {{{2}, {6}, {}}, {3, 4, 5, 6}},
        {{{2, 3}, {5}, {}}, {4, 5}},
        {{{0}, {4}, {}}, {3, 4}},
        {{{0}, {6, 5, 2}, {}}, {1, 2}},
        {{{}, {2, 4}, {}}, {0}},  // bad on both sides: it came before the fork
        {{{5}, {6}, {6}}, {6}},
    };
    for (const Row& row : rows) CHECK(left_of(diamond(), row.evidence) == row.left);
}

TEST_CASE("suspects: contradicting evidence leaves nobody", "[core]") {
    CHECK(suspects(diamond(), {{5}, {2}, {}}).empty());
    CHECK(suspects(diamond(), {{3}, {3}, {}}).empty());
    CHECK(suspects(diamond(), {{0}, {2, 4}, {}}).empty());
}

TEST_CASE("candidate: the most even halves, then the lowest id", "[core]") {
    // Weights 1 2 3 2 3 6 7 of 7: commits 2 and 4 both split 3 to 4.
    const History history = diamond();
    const Evidence nothing;
    CHECK(halving_candidate(history, suspects(history, nothing), nothing) == CommitIndex{2});
    const Evidence skipped{{}, {6}, {2, 4}};
    CHECK(halving_candidate(history, suspects(history, skipped), skipped) == CommitIndex{1});
}

TEST_CASE("candidate: none when one suspect or only skipped ones are left", "[core]") {
    const History history = diamond();
    const Evidence found{{5}, {6}, {}};
    CHECK_FALSE(halving_candidate(history, suspects(history, found), found));
    const Evidence stuck{{2, 3}, {6}, {4, 5}};
    CHECK_FALSE(halving_candidate(history, suspects(history, stuck), stuck));
    CHECK(left_of(history, stuck) == std::vector<CommitIndex>{4, 5, 6});
}

TEST_CASE("candidate: a commit that does not count is never chosen", "[core]") {
    const History history({{id_of(0), {}, true},
                           {id_of(1), {0}, false},
                           {id_of(2), {1}, true},
                           {id_of(3), {2}, false}});
    const std::vector<bool> all = suspects(history, {});
    CHECK(halving_candidate(history, all, {}) == CommitIndex{0});
    CHECK(possible_culprits(history, all) == std::vector<CommitIndex>{0, 2});
}

TEST_CASE("candidate: honest verdicts lead to the culprit in any history", "[core]") {
    const unsigned seed = std::random_device{}();
    UNSCOPED_INFO("seed " << seed);
    std::mt19937 chance(seed);
    for (unsigned round = 0; round < 200; ++round) {
        const History history = random_history(chance, 1 + chance() % 120);
        const CommitIndex culprit = chance() % history.size();
        Evidence evidence;
        evidence.bad.push_back(history.size() - 1);
        if (!history.ancestors_of(history.size() - 1)[culprit]) continue;
        for (unsigned steps = 0;; ++steps) {
            REQUIRE(steps <= history.size());
            const std::vector<bool> left = suspects(history, evidence);
            const auto candidate = halving_candidate(history, left, evidence);
            if (!candidate) {
                REQUIRE(possible_culprits(history, left) == std::vector<CommitIndex>{culprit});
                break;
            }
            const bool bad = history.ancestors_of(*candidate)[culprit];
            (bad ? evidence.bad : evidence.good).push_back(*candidate);
        }
    }
}
