#include <catch2/catch.hpp>

#include "core/engine/engine.hpp"
#include "tests/core/random_history.hpp"

using namespace bisectd;
using namespace bisectd::engine;
using namespace bisectd::test;

namespace {

/// A chain of `size` commits; commit i has the id i.
History chain(unsigned size) {
    std::vector<std::vector<CommitIndex>> parents(size);
    for (CommitIndex i = 1; i < size; ++i) parents[i] = {i - 1};
    return history_of(parents);
}

/// A question with one column and one idle board.
Question one_board() {
    Question question;
    question.columns.resize(1);
    question.boards.resize(1);
    question.boards[0].columns = {0};
    question.costs.outside_built = {true};
    return question;
}

/// The first bad commit by asking and testing until it is known; every test is one boot. Fails
/// the test when that takes more than `most` boots.
Standing bisect(const History& history, Question question, CommitIndex culprit, unsigned most) {
    const Ancestry ancestry(history);
    for (unsigned boots = 0; boots <= most; ++boots) {
        const Advice advice = advise(ancestry, question);
        if (advice.standings[0].kind != Standing::Kind::open) return advice.standings[0];
        REQUIRE(advice.orders.size() == 1);
        const Order& order = advice.orders[0];
        const bool bad = !order.at.outside && ancestry.is_ancestor(culprit, order.at.index);
        REQUIRE(order.runs[0] > 0);
        question.columns[0].showings.push_back({order.at, order.runs[0], bad ? order.runs[0] : 0});
        if (!order.at.outside) question.costs.built.push_back(order.at.index);
    }
    FAIL("not known after " << most << " boots");
    return {};
}

}  // namespace

TEST_CASE("advise: the bad end is tested first, and the search begins at two hits", "[core]") {
    const History history = chain(100);
    const Ancestry ancestry(history);
    Question question = one_board();
    const Advice first = advise(ancestry, question);
    REQUIRE(first.orders.size() == 1);
    CHECK(first.orders[0].at == Spot{99, false});
    CHECK(std::string(first.orders[0].why) == "bad end");

    question.columns[0].showings = {{{99, false}, 20, 20}};
    const Advice second = advise(ancestry, question);
    REQUIRE(second.orders.size() == 1);
    CHECK(std::string(second.orders[0].why) == "search");
    CHECK(second.orders[0].at.index > 30);
    CHECK(second.orders[0].at.index < 70);
}

TEST_CASE("advise: a failure that always shows is found on a chain in as many boots as git needs",
          "[core]") {
    const History history = chain(100);
    for (CommitIndex culprit : {0U, 1U, 33U, 50U, 98U, 99U}) {
        Question question = one_board();
        question.settings.trust_ends = true;
        question.settings.broken_boot = 0;
        question.columns[0].showings = {{{99, false}, 20, 20}};
        const Standing standing = bisect(history, question, culprit, 7);
        CHECK(standing.kind == Standing::Kind::culprit);
        CHECK(standing.suspects == std::vector<CommitIndex>{culprit});
        CHECK(standing.confidence >= 0.95);
    }
}
