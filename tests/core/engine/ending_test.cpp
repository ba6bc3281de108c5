#include <catch2/catch.hpp>

#include "core/engine/virtual_world.hpp"
#include "engine_world.hpp"

using namespace bisectd;
using namespace bisectd::engine;
using namespace bisectd::test;

namespace {

/// Any bug in any history: rare, with false alarms as frequent as itself, among commits that do not
/// build, or with no bug at all.
Truth random_truth(std::mt19937& chance, CommitIndex size) {
    const double rates[] = {1, 0.3, 0.05, 0.01, 1.0 / 800};
    const double alarms[] = {0, 0, 1e-3, 5e-3};
    Truth truth;
    ColumnTruth column;
    column.culprit = chance() % size;
    column.hit_on_good = alarms[chance() % std::size(alarms)];
    const double rate = rates[chance() % std::size(rates)];
    column.hit_on_bad = 1 - (1 - rate) * (1 - column.hit_on_good);
    if (chance() % 10 == 0) column.kind = ColumnTruth::Kind::not_here;
    if (chance() % 10 == 0) column.kind = ColumnTruth::Kind::older;
    truth.columns = {column};
    truth.broken_boot = chance() % 2 == 0 ? 0.01 : 0;
    if (chance() % 2 == 0)
        for (CommitIndex i = 0; i < size; ++i) truth.untestable.push_back(chance() % 4 == 0);
    if (!truth.untestable.empty()) truth.untestable.back() = false;
    return truth;
}

}  // namespace

TEST_CASE("ending: every bisection ends, whatever the bug, the history and the boots", "[core]") {
    const unsigned seed = 21112026;
    UNSCOPED_INFO("seed " << seed);
    std::mt19937 chance(seed);
    for (unsigned round = 0; round < 60; ++round) {
        const History history = random_history(chance, 2 + chance() % 50);
        const Ancestry ancestry(history);
        Question question = one_board();
        question.settings.proof_follows = chance() % 2 == 0;
        question.settings.confidence = chance() % 2 == 0 ? 0.95 : 0.99;
        const Truth truth = random_truth(chance, history.size());
        CAPTURE(round, truth.columns[0].hit_on_bad, truth.columns[0].hit_on_good);
        const Played played = play(ancestry, question, truth, 0, 20'000, Chance(seed + round));
        CHECK(played.standings[0].kind != Standing::Kind::open);
    }
}

TEST_CASE("ending: a symptom that both ends show alike ends the search, old or by chance",
          "[core]") {
    // False alarms of 1 in 1000 and no bug look like a bug of 1 in 1000 that is older than the
    // range. It once took 20,000 orders, and was still open.
    const Ancestry ancestry(chain(42));
    for (unsigned round = 0; round < 10; ++round) {
        Question question = one_board();
        question.settings.confidence = 0.99;
        Truth truth;
        truth.columns = {{ColumnTruth::Kind::not_here, 0, 0.3, 1e-3}};
        truth.broken_boot = 0.01;
        const Played played = play(ancestry, question, truth, 0, 5000, Chance(round));
        CAPTURE(round);
        const Standing& standing = played.standings[0];
        CHECK(standing.kind == Standing::Kind::ends_alike);
        CHECK(standing.confidence == Approx(standing.older + standing.not_here));
        CHECK(standing.confidence >= 0.99);
    }
}

TEST_CASE("ending: an older bug whose rate no false alarm has is told as such", "[core]") {
    const Ancestry ancestry(chain(42));
    for (unsigned round = 0; round < 10; ++round) {
        Truth truth;
        truth.columns = {{ColumnTruth::Kind::older, 0, 0.05, 0}};
        const Played played = play(ancestry, one_board(), truth, 0, 1000, Chance(round));
        CAPTURE(round);
        CHECK(played.standings[0].kind == Standing::Kind::older);
    }
}

TEST_CASE("ending: boards that show what no culprit explains end a bisection as well", "[core]") {
    // Each boot draws anew how often it shows the symptom, whatever its commit is.
    const unsigned seed = std::random_device{}();
    UNSCOPED_INFO("seed " << seed);
    std::mt19937 chance(seed);
    for (unsigned round = 0; round < 20; ++round) {
        const History history = random_history(chance, 2 + chance() % 30);
        const Ancestry ancestry(history);
        Question question = one_board();
        question.settings.confidence = 0.99;
        unsigned orders = 0;
        for (; orders < 5000; ++orders) {
            const Advice advice = advise(ancestry, question);
            if (advice.standings[0].kind != Standing::Kind::open) break;
            REQUIRE(advice.orders.size() == 1);
            Showing showing{advice.orders[0].at, advice.orders[0].runs.at(0), 0};
            if (chance() % 2 == 0) showing.hits = chance() % (showing.runs + 1);
            question.columns[0].showings.push_back(showing);
            if (!showing.at.outside) question.costs.built.push_back(showing.at.index);
        }
        CAPTURE(round);
        CHECK(orders < 5000);
    }
}

TEST_CASE("ending: what took a hundred times too long is no answer, and says who is left",
          "[core]") {
    const Ancestry ancestry(chain(8));
    Question question = one_board();
    question.columns[0].showings = {{{7, false}, 8, 4}, {{3, false}, 40, 0}};
    CHECK(advise(ancestry, question).standings[0].kind == Standing::Kind::open);
    // The good end is booted again and again, and tells nothing of those that are left.
    question.columns[0].showings.insert(question.columns[0].showings.end(), 8000,
                                        {{0, true}, 20, 0});
    const Advice advice = advise(ancestry, question);
    CHECK(advice.orders.empty());
    CHECK(advice.standings[0].kind == Standing::Kind::too_dear);
    CHECK(advice.standings[0].suspects == std::vector<CommitIndex>{4, 5, 6, 7});
    CHECK(advice.standings[0].confidence >= question.settings.confidence);
}

TEST_CASE("ending: who hangs after a few runs leaves an answer with both sides of it", "[core]") {
    // 0 does not build; 2 was clean twice before its board hung, which the recipe calls untestable.
    // The good and the bad end were booted in turn until the search was given up, and the end named
    // the commits up to 2 alone.
    const Ancestry ancestry(chain(5));
    Question question = one_board();
    question.tried = {{0, false}, {3, true}, {4, true}};
    question.columns[0].showings = {
        {{0, true}, 11, 0}, {{4, false}, 61, 30}, {{2, false}, 2, 0}, {{3, false}, 8, 4}};
    CHECK(advise(ancestry, question).standings[0].kind == Standing::Kind::open);
    question.tried.push_back({2, false});
    const Advice advice = advise(ancestry, question);
    CHECK(advice.orders.empty());
    const Standing& standing = advice.standings[0];
    CHECK(standing.kind == Standing::Kind::set);
    CHECK(standing.suspects == std::vector<CommitIndex>{0, 1, 2, 3});
    CHECK(standing.confidence >= question.settings.confidence);
}
