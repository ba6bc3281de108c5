#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>

#include "core/engine/testability.hpp"
#include "core/engine/virtual_world.hpp"
#include "engine_world.hpp"

using namespace bisectd;
using namespace bisectd::engine;
using namespace bisectd::test;

namespace {

Truth truth_of(CommitIndex culprit, double bad, double good) {
    Truth truth;
    truth.columns = {{ColumnTruth::Kind::culprit, culprit, bad, good}};
    return truth;
}

}  // namespace

TEST_CASE("advise: the bad end is tested first, and the search begins at two hits", "[core]") {
    const Ancestry ancestry(chain(100));
    Question question = one_board();
    const Advice first = advise(ancestry, question);
    REQUIRE(first.orders.size() == 1);
    CHECK(first.orders[0].at == Spot{99, false});
    CHECK(std::strcmp(first.orders[0].why, "bad end") == 0);

    question.columns[0].showings = {{{99, false}, 20, 20}};
    const Advice second = advise(ancestry, question);
    REQUIRE(second.orders.size() == 1);
    CHECK(std::strcmp(second.orders[0].why, "search") == 0);
    CHECK(second.orders[0].at.index > 30);
    CHECK(second.orders[0].at.index < 70);
}

TEST_CASE("advise: while one board confirms the bad end the others search", "[core]") {
    const Ancestry ancestry(chain(100));
    Question question = one_board();
    question.boards.resize(3, question.boards[0]);
    const Advice advice = advise(ancestry, question);
    REQUIRE(advice.orders.size() == 3);
    unsigned at_bad_end = 0;
    for (const Order& order : advice.orders) at_bad_end += order.at == Spot{99, false};
    CHECK(at_bad_end == 1);
}

TEST_CASE("advise: a bug older than the range and one that is not here are told", "[core]") {
    const Ancestry ancestry(chain(200));
    Truth truth = truth_of(0, 1, 0);
    truth.columns[0].kind = ColumnTruth::Kind::older;
    const Played old = play(ancestry, one_board(), truth, 0, 200, Chance(1));
    CHECK(old.standings[0].kind == Standing::Kind::older);
    truth.columns[0].kind = ColumnTruth::Kind::not_here;
    const Played nothing = play(ancestry, one_board(), truth, 0, 200, Chance(2));
    CHECK(nothing.standings[0].kind == Standing::Kind::not_here);
}

TEST_CASE("advise: a hint is tested first and never believed", "[core]") {
    const Ancestry ancestry(chain(400));
    Question question = one_board();
    question.columns[0].showings = {{{399, false}, 8, 8}};
    question.hints = {70};
    const Advice advice = advise(ancestry, question);
    REQUIRE(advice.orders.size() == 1);
    CHECK(std::strcmp(advice.orders[0].why, "hint") == 0);
    const std::vector<double> culprit = culprit_probabilities(ancestry, question, 0);
    CHECK(culprit[70] == Approx(culprit[71]));
    // A wrong hint costs two commits, a right one saves most of the bisection.
    const Played wrong = play(ancestry, question, truth_of(300, 1, 0), 0, 200, Chance(3));
    CHECK(wrong.standings[0].suspects == std::vector<CommitIndex>{300});
    const Played right = play(ancestry, question, truth_of(70, 1, 0), 0, 200, Chance(3));
    CHECK(right.standings[0].suspects == std::vector<CommitIndex>{70});
    CHECK(right.builds <= 3);
}

TEST_CASE("advise: two columns share boots and each finds its own culprit", "[core]") {
    const Ancestry ancestry(chain(120));
    Question question = one_board();
    question.columns.resize(2);
    question.columns[1].run_s = 5;
    question.boards[0].columns = {0, 1};
    Truth truth = truth_of(30, 1, 0);
    truth.columns.push_back({ColumnTruth::Kind::culprit, 90, 0.5, 0});
    const Played played = play(ancestry, question, truth, 0, 400, Chance(5));
    REQUIRE(played.standings.size() == 2);
    CHECK(played.standings[0].suspects == std::vector<CommitIndex>{30});
    CHECK(played.standings[1].suspects == std::vector<CommitIndex>{90});
    CHECK(played.builds < 2 * 8);
}

TEST_CASE("advise: what is claimed comes true, with rare failures and false alarms", "[core]") {
    const Ancestry ancestry(chain(128));
    for (const auto& [bad, good] : {std::pair(0.3, 0.0), std::pair(0.1, 0.001)}) {
        double right = 0, claimed = 0;
        constexpr unsigned cases = 300;
        for (unsigned i = 0; i < cases; ++i) {
            Chance chance(77 + i);
            const auto culprit = static_cast<CommitIndex>(chance.next() * 128);
            const Truth truth = truth_of(culprit, bad, good);
            const Played played = play(ancestry, one_board(), truth, 0, 500, chance);
            right += played.standings[0].suspects == std::vector<CommitIndex>{culprit};
            claimed += played.standings[0].confidence;
        }
        // Three standard errors of a share of 0.96 in 300 cases.
        CHECK(right / cases >= claimed / cases - 0.034);
        CHECK(claimed / cases >= 0.95);
    }
}

TEST_CASE("advise: another board or builder does not slow a bisection down", "[core]") {
    const Ancestry ancestry(chain(256));
    const auto mean_s = [&](std::size_t boards, unsigned builders) {
        double seconds = 0;
        for (unsigned i = 0; i < 20; ++i) {
            Chance chance(i);
            Question question = one_board();
            question.boards.resize(boards, question.boards[0]);
            question.idle_builders = builders;
            const auto culprit = static_cast<CommitIndex>(chance.next() * 256);
            seconds +=
                play(ancestry, question, truth_of(culprit, 0.3, 0), builders, 500, chance).seconds;
        }
        return seconds / 20;
    };
    const double alone = mean_s(1, 0);
    CHECK(mean_s(2, 0) < 0.8 * alone);
    CHECK(mean_s(4, 0) < 0.55 * alone);
    CHECK(mean_s(1, 4) < 0.75 * alone);
}

TEST_CASE("advise: a showing that nothing explains is a surprise", "[core]") {
    const Ancestry ancestry(chain(100));
    Question question = one_board();
    question.columns[0].never_by_chance = true;
    // Several boots: one that always shows it may be broken.
    question.columns[0].showings.assign(5, {{99, false}, 400, 400});
    question.columns[0].showings.push_back({{60, false}, 400, 200});
    const Advice advice = advise(ancestry, question);
    CHECK(!advice.surprises.empty());
    question.columns[0].showings.back().hits = 400;
    CHECK(advise(ancestry, question).surprises.empty());
}

TEST_CASE("advise: the border of one stretch that does not build is found by halving", "[core]") {
    const Ancestry ancestry(chain(1024));
    for (CommitIndex length : {8U, 60U, 300U}) {
        Truth truth = truth_of(500 + length, 1, 0);
        truth.untestable.assign(1024, false);
        for (CommitIndex i = 500; i < 500 + length; ++i) truth.untestable[i] = true;
        const Played played = play(ancestry, one_board(), truth, 0, 500, Chance(9));
        const auto& suspects = played.standings[0].suspects;
        CHECK(std::find(suspects.begin(), suspects.end(), 500 + length) != suspects.end());
        CHECK(played.builds <= 1 + 2 * 10 + 2);
    }
}

TEST_CASE("advise: commits enclosed by one stretch that does not build are not tried", "[core]") {
    // 60 and 70 do not build, and nothing between them does as far as anybody knows.
    const Ancestry ancestry(chain(128));
    Question question = one_board();
    question.columns[0].showings = {
        {{127, false}, 8, 8}, {{50, false}, 20, 0}, {{80, false}, 8, 8}};
    question.tried = {{50, true}, {60, false}, {70, false}, {80, true}, {127, true}};
    const Testability testability(ancestry, question.tried);
    for (CommitIndex commit = 61; commit < 70; ++commit) CHECK(testability.enclosed(commit));
    for (CommitIndex commit : {51U, 59U, 71U, 79U}) {
        CHECK(!testability.enclosed(commit));
        CHECK(testability.untestable(commit) <= 0.98);
    }
    const Advice advice = advise(ancestry, question);
    REQUIRE(advice.orders.size() == 1);
    CHECK(!testability.enclosed(advice.orders[0].at.index));

    // One of them that builds after all ends that: there are two stretches.
    question.tried.push_back({65, true});
    const Testability two(ancestry, question.tried);
    for (CommitIndex commit = 61; commit < 70; ++commit) CHECK(!two.enclosed(commit));
    // Nor are far ones enclosed: they are likely to belong to two stretches.
    const Testability far(ancestry, {{20, false}, {100, false}});
    for (CommitIndex commit = 21; commit < 100; ++commit) CHECK(!far.enclosed(commit));
}

TEST_CASE("advise: while a column is open and nothing is under way somebody gets an order",
          "[core]") {
    const unsigned seed = std::random_device{}();
    UNSCOPED_INFO("seed " << seed);
    std::mt19937 chance(seed);
    unsigned open = 0;
    for (unsigned round = 0; round < 150; ++round) {
        const History history = random_history(chance, 2 + chance() % 60);
        const Ancestry ancestry(history);
        Question question = one_board();
        question.settings.proof_follows = chance() % 2 == 0;
        question.settings.trust_ends = chance() % 3 == 0;
        question.columns[0].showings = random_showings(chance, history.size(), 10);
        if (chance() % 2 == 0)
            question.hints = {static_cast<CommitIndex>(chance() % history.size())};
        for (CommitIndex i = 0; i + 1 < history.size(); ++i)
            if (chance() % 4 == 0) question.tried.push_back({i, chance() % 3 == 0});
        const Advice advice = advise(ancestry, question);
        if (advice.standings[0].kind != Standing::Kind::open) continue;
        ++open;
        CAPTURE(round);
        REQUIRE(advice.orders.size() == 1);
        CHECK(advice.orders[0].runs.at(0) > 0);
        // No order to what is known not to build.
        for (const Tried& tried : question.tried)
            if (!tried.testable && !advice.orders[0].at.outside &&
                std::none_of(question.tried.begin(), question.tried.end(), [&](const Tried& other) {
                    return other.commit == tried.commit && other.testable;
                }))
                CHECK(advice.orders[0].at.index != tried.commit);
    }
    CHECK(open > 30);
}

TEST_CASE("advise: with runs that cost next to nothing orders are few and large", "[core]") {
    const Ancestry ancestry(chain(200));
    const auto orders_on_one_boot = [&](double order_s) {
        Question question = one_board();
        question.columns[0].run_s = 0.001;
        question.costs.order_s = order_s;
        question.columns[0].showings = {{{199, false}, 30, 8}, {{100, false}, 1, 0}};
        question.costs.built = {100, 199};
        question.boards[0].booted = Spot{100, false};
        unsigned orders = 0;
        for (; orders < 100; ++orders) {
            question.boards[0].open = {question.columns[0].showings.back()};
            const Advice advice = advise(ancestry, question);
            if (advice.orders.empty() || !advice.orders[0].stay) break;
            question.columns[0].showings.back().runs += advice.orders[0].runs[0];
        }
        // Left as good: more runs on this boot say less than that it may be broken.
        CHECK(question.columns[0].showings.back().runs >= 20);
        return orders;
    };
    CHECK(orders_on_one_boot(2) <= 8);
    CHECK(orders_on_one_boot(2) <= orders_on_one_boot(0));
}

TEST_CASE("advise: however little an order tells, a board runs on rather than boot the same again",
          "[core]") {
    // The symptom is hardly more frequent than false alarms: each order tells next to nothing.
    const double on_bad = 1.0 / 444, on_good = 1.0 / 1000;
    const CommitIndex culprit = 17;
    const Ancestry ancestry(chain(30));
    unsigned orders = 0, needless = 0;
    for (unsigned seed = 0; seed < 6; ++seed) {
        Chance chance(seed);
        Question question = one_board();
        question.settings.confidence = 0.99;
        question.settings.proof_follows = true;
        auto& showings = question.columns[0].showings;
        for (unsigned own_orders = 0;; ++own_orders, ++orders) {
            REQUIRE(own_orders < 3000);
            const Advice advice = advise(ancestry, question);
            if (advice.standings[0].kind != Standing::Kind::open) break;
            const Order& order = advice.orders.at(0);
            const bool same = question.boards[0].booted == order.at;
            // A boot that shows some hits and some clean runs is not a broken one.
            needless += same && !order.stay && showings.back().hits > 0;
            if (!order.stay) showings.push_back({order.at, 0, 0});
            if (!order.at.outside) question.costs.built.push_back(order.at.index);
            const bool bad = !order.at.outside && order.at.index >= culprit;
            Showing& boot = showings.back();
            for (std::uint64_t run = 0; run < order.runs.at(0); ++run) {
                ++boot.runs;
                if (chance.next() >= (bad ? on_bad : on_good)) continue;
                ++boot.hits;
                break;
            }
            question.boards[0].booted = order.at;
            question.boards[0].open = {boot};
        }
    }
    CHECK(orders > 100);
    CHECK(needless == 0);
}

TEST_CASE("advise: a board that still builds what others have decided is to drop it", "[core]") {
    const Ancestry ancestry(chain(200));
    Question question = one_board();
    question.settings.proof_follows = true;
    question.boards.resize(2, question.boards[0]);
    question.columns[0].showings = {{{199, false}, 8, 8}, {{50, false}, 8, 8}};
    // 50 is bad: what board 1 builds is so as well.
    question.boards[1].busy_at = Spot{150, false};
    question.boards[1].busy_setup_s = 340;
    question.boards[1].busy_runs = {3};
    CHECK(advise(ancestry, question).preempt == std::vector<std::size_t>{1});
    // What is not decided yet goes on.
    question.boards[1].busy_at = Spot{24, false};
    CHECK(advise(ancestry, question).preempt.empty());
    // The bad end is never dropped: it is what all else rests on.
    question.boards[1].busy_at = Spot{199, false};
    CHECK(advise(ancestry, question).preempt.empty());
}

TEST_CASE("outlook: tells within half again what then happens", "[core]") {
    const Ancestry ancestry(chain(300));
    Question question = one_board();
    question.columns[0].showings = {{{299, false}, 27, 8}};
    question.costs.built = {299};
    const Outlook outlook = engine::outlook(ancestry, question, 20);
    double seconds = 0;
    for (unsigned i = 0; i < 20; ++i) {
        Chance chance(900 + i);
        const auto culprit = static_cast<CommitIndex>(chance.next() * 300);
        seconds += play(ancestry, question, truth_of(culprit, 0.3, 0), 0, 500, chance).seconds / 20;
    }
    CHECK(outlook.seconds < 1.5 * seconds);
    CHECK(outlook.seconds > seconds / 1.5);
    CHECK(engine::outlook(ancestry, question, 5).seconds ==
          engine::outlook(ancestry, question, 5).seconds);
}

TEST_CASE("outlook: before anything has run a good verdict is not said to take thousands of runs",
          "[core]") {
    const Ancestry ancestry(chain(100));
    Question question = one_board();
    CHECK(outlook(ancestry, question, 3).good_verdict_runs <= 100);
    // Once the rate is known it is what that rate takes: ln(50) times the runs for a hit.
    question.columns[0].showings = {{{99, false}, 8, 8}};
    CHECK(outlook(ancestry, question, 3).good_verdict_runs <= 4);
    question.columns[0].showings = {{{99, false}, 10000, 100}};
    const double runs = outlook(ancestry, question, 3).good_verdict_runs;
    CHECK(runs >= 256);
    CHECK(runs <= 768);
}

TEST_CASE("outlook: a history too long to play on is played on in small, and told alike",
          "[core]") {
    const CommitIndex size = 5000;
    const Ancestry ancestry(chain(size));
    Question question = one_board();
    question.columns[0].showings = {{{size - 1, false}, 8, 8}};
    question.costs.built = {size - 1};
    std::vector<double> seconds;
    for (CommitIndex culprit : {CommitIndex{700}, CommitIndex{2600}, CommitIndex{4100}})
        seconds.push_back(
            play(ancestry, question, truth_of(culprit, 1, 0), 0, 200, Chance(culprit)).seconds);
    std::sort(seconds.begin(), seconds.end());
    const Outlook told = outlook(ancestry, question, 12);
    CHECK(told.seconds > seconds[1] / 1.5);
    CHECK(told.seconds < seconds[1] * 1.5);
    CHECK(told.commits > 9);
    CHECK(told.commits < 18);
}
