#include "core/engine/choice.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "core/engine/scene.hpp"
#include "core/suspects.hpp"
#include "engine_world.hpp"

using namespace bisectd;
using namespace bisectd::engine;
using namespace bisectd::test;

namespace {

/// Chance that `runs` runs on a fresh boot at `at` stay clean, together with the culprit's law,
/// by the posterior before and after: what the engine's information must agree with.
double information_by_definition(const Ancestry& ancestry, const Question& question, Spot at,
                                 std::uint64_t runs) {
    const auto distribution = [&](const Question& of) {
        std::vector<double> masses = culprit_probabilities(ancestry, of, 0);
        const Belief belief(ancestry, of, 0);
        masses.push_back(belief.classes()[Belief::older].mass);
        masses.push_back(belief.classes()[Belief::not_here].mass);
        return masses;
    };
    const auto entropy_of = [](const std::vector<double>& masses) {
        double bits = 0;
        for (double mass : masses)
            if (mass > 0) bits -= mass * std::log2(mass);
        return bits;
    };
    const std::vector<double> before = distribution(question);
    Question clean = question;
    clean.columns[0].showings.push_back({at, runs, 0});
    const std::vector<double> after = distribution(clean);
    // The chance of "clean" follows from one culprit's mass and its own chance of staying clean.
    const auto heaviest = static_cast<CommitIndex>(
        std::max_element(before.begin(), before.end() - 2) - before.begin());
    const Belief belief(ancestry, question, 0);
    const SuspectClass& of = belief.classes()[belief.class_of(heaviest)];
    const std::size_t length = length_of(belief.rates(), runs);
    const bool bad = !at.outside && ancestry.is_ancestor(heaviest, at.index);
    const double of_clean =
        before[heaviest] * (bad ? of.clean_bad[length] : of.clean_good[length]) / after[heaviest];
    // The masses after a hit follow, for both together are the masses before.
    std::vector<double> hit;
    for (std::size_t i = 0; i < before.size(); ++i)
        hit.push_back(std::max(0.0, (before[i] - of_clean * after[i]) / (1 - of_clean)));
    return entropy_of(before) - of_clean * entropy_of(after) - (1 - of_clean) * entropy_of(hit);
}

}  // namespace

TEST_CASE("choice: the information expected is that by which the posterior narrows", "[core]") {
    const unsigned seed = std::random_device{}();
    UNSCOPED_INFO("seed " << seed);
    std::mt19937 chance(seed);
    for (unsigned round = 0; round < 25; ++round) {
        const History history = random_history(chance, 3 + chance() % 25);
        const Ancestry ancestry(history);
        Question question = one_board();
        question.settings.confidence = 0.999999;
        question.columns[0].showings = {{{history.size() - 1, false}, 9, 4}};
        const auto more = random_showings(chance, history.size(), 2);
        question.columns[0].showings.insert(question.columns[0].showings.end(), more.begin(),
                                            more.end());
        const Scene scene(ancestry, question);
        if (!scene.searched[0]) continue;
        const Gauge gauge(scene, 0, {});
        for (std::size_t i = 0; i < scene.candidates.size(); ++i) {
            const Gauge::Curve curve = gauge.curve(i);
            for (std::uint64_t runs : {1U, 4U, 32U}) {
                const double bits = curve.bits[length_of(Rates::of(false), runs)];
                CHECK(bits >= 0);
                CHECK(bits <= 1 + 1e-9);
                CHECK(bits == Approx(information_by_definition(ancestry, question,
                                                               scene.candidates[i].at, runs))
                                  .margin(1e-4));
            }
        }
    }
}

TEST_CASE("choice: a reproducer that never lies gets git's choice on every history", "[core]") {
    const unsigned seed = std::random_device{}();
    UNSCOPED_INFO("seed " << seed);
    std::mt19937 chance(seed);
    for (unsigned round = 0; round < 60; ++round) {
        const History history =
            round % 3 == 0 ? chain(2 + chance() % 200) : random_history(chance, 2 + chance() % 120);
        const Ancestry ancestry(history);
        Question question = one_board();
        question.settings.trust_ends = true;
        question.settings.broken_boot = 0;
        question.columns[0].never_by_chance = true;
        question.columns[0].run_s = 0;
        const CommitIndex last = history.size() - 1;
        question.columns[0].showings = {{{last, false}, 400, 400}};
        const CommitIndex culprit = chance() % history.size();
        Evidence evidence{{}, {last}, {}};
        for (unsigned step = 0;; ++step) {
            REQUIRE(step < 60);
            const std::vector<bool> left = suspects(history, evidence);
            const auto git = halving_candidate(history, left, evidence);
            const Advice advice = advise(ancestry, question);
            if (!git) {
                CHECK(advice.standings[0].kind == Standing::Kind::culprit);
                CHECK(advice.standings[0].suspects == std::vector<CommitIndex>{culprit});
                break;
            }
            if (advice.standings[0].kind == Standing::Kind::culprit) {
                // Surer than asked for with some suspects left.
                CHECK(advice.standings[0].confidence >= question.settings.confidence);
                break;
            }
            REQUIRE(advice.orders.size() == 1);
            const CommitIndex ours = advice.orders[0].at.index;
            const std::vector<CommitIndex> possible = possible_culprits(history, left);
            const auto distance = [&](CommitIndex commit) {
                const std::vector<bool> above = history.ancestors_of(commit);
                const auto inside = static_cast<std::size_t>(
                    std::count_if(possible.begin(), possible.end(),
                                  [&above](CommitIndex suspect) { return above[suspect]; }));
                return std::min(inside, possible.size() - inside);
            };
            CHECK(!advice.orders[0].at.outside);
            CHECK(distance(ours) >= distance(*git));
            // A commit that is no suspect can halve better: git never looks at these.
            if (left[ours]) CHECK(ours == *git);
            const bool bad = history.ancestors_of(*git)[culprit];
            (bad ? evidence.bad : evidence.good).push_back(*git);
            question.columns[0].showings.push_back({{*git, false}, 400, bad ? 400U : 0U});
        }
    }
}

TEST_CASE("choice: the order of showings changes not one bit of the advice", "[core]") {
    const unsigned seed = std::random_device{}();
    UNSCOPED_INFO("seed " << seed);
    std::mt19937 chance(seed);
    for (unsigned round = 0; round < 30; ++round) {
        const History history = random_history(chance, 2 + chance() % 80);
        const Ancestry ancestry(history);
        Question question = one_board();
        question.boards.push_back(question.boards[0]);
        question.columns[0].showings = random_showings(chance, history.size(), 12);
        const Advice once = advise(ancestry, question);
        std::shuffle(question.columns[0].showings.begin(), question.columns[0].showings.end(),
                     chance);
        const Advice again = advise(ancestry, question);
        REQUIRE(once.orders.size() == again.orders.size());
        for (std::size_t i = 0; i < once.orders.size(); ++i) {
            CHECK(once.orders[i].at == again.orders[i].at);
            CHECK(once.orders[i].runs == again.orders[i].runs);
            CHECK(once.orders[i].stay == again.orders[i].stay);
        }
        CHECK(once.standings[0].confidence == again.standings[0].confidence);
        CHECK(once.standings[0].suspects == again.standings[0].suspects);
    }
}

TEST_CASE("choice: on a chain good and bad mirror each other", "[core]") {
    // Never a chance hit, always a hit: a clean commit i and a bad commit n-2-i mirror each other.
    const unsigned size = 101;
    const Ancestry ancestry(chain(size));
    const auto choice_after = [&](Spot at, bool bad) {
        Question question = one_board();
        question.settings.trust_ends = true;
        question.settings.broken_boot = 0;
        question.columns[0].never_by_chance = true;
        question.columns[0].run_s = 0;
        question.columns[0].showings = {{{size - 1, false}, 400, 400}, {at, 400, bad ? 400U : 0U}};
        const Advice advice = advise(ancestry, question);
        REQUIRE(advice.orders.size() == 1);
        return advice.orders[0].at.index;
    };
    for (CommitIndex i : {9U, 29U, 49U, 79U}) {
        const CommitIndex after_good = choice_after({i, false}, false);
        const CommitIndex after_bad = choice_after({size - 2 - i, false}, true);
        // Halves of an odd number of suspects differ by one; ties go to the lower id.
        const CommitIndex mirrored = size - 2 - after_bad;
        CHECK((after_good == mirrored || after_good + 1 == mirrored));
    }
}

TEST_CASE("choice: several boards split the range between them", "[core]") {
    const Ancestry ancestry(chain(1000));
    Question question = one_board();
    question.settings.trust_ends = true;
    question.columns[0].showings = {{{999, false}, 50, 50}};
    question.boards.resize(3, question.boards[0]);
    const Advice advice = advise(ancestry, question);
    REQUIRE(advice.orders.size() == 3);
    std::vector<CommitIndex> at;
    for (const Order& order : advice.orders) at.push_back(order.at.index);
    std::sort(at.begin(), at.end());
    CHECK(at[0] == Approx(250).margin(60));
    CHECK(at[1] == Approx(500).margin(60));
    CHECK(at[2] == Approx(750).margin(60));
}

TEST_CASE("choice: builders prepare other commits than boards test, and no finished one",
          "[core]") {
    const Ancestry ancestry(chain(1000));
    Question question = one_board();
    question.settings.trust_ends = true;
    question.columns[0].showings = {{{999, false}, 50, 50}};
    question.costs.built = {499};
    question.idle_builders = 3;
    const Advice advice = advise(ancestry, question);
    REQUIRE(advice.orders.size() == 1);
    CHECK(advice.orders[0].at == Spot{499, false});
    CHECK(advice.builds.size() == 3);
    for (CommitIndex commit : advice.builds) CHECK(commit != 499);
}

TEST_CASE("choice: a boot that decides is never run on", "[core]") {
    const Ancestry ancestry(chain(64));
    Question question = one_board();
    question.columns[0].boot_decides = true;
    question.columns[0].showings = {{{63, false}, 1, 1}, {{63, false}, 1, 0}};
    question.boards[0].booted = Spot{63, false};
    question.boards[0].open = {{{63, false}, 1, 0}};
    for (unsigned hits : {1U, 2U}) {
        if (hits == 2) question.columns[0].showings.push_back({{63, false}, 1, 1});
        const Advice advice = advise(ancestry, question);
        REQUIRE(advice.orders.size() == 1);
        CHECK(!advice.orders[0].stay);
        CHECK(advice.orders[0].runs == std::vector<std::uint64_t>{1});
    }
}

TEST_CASE("choice: a commit that cannot be tested is not chosen, and stays a suspect", "[core]") {
    const Ancestry ancestry(chain(5));
    Question question = one_board();
    question.settings.trust_ends = true;
    question.columns[0].showings = {{{4, false}, 50, 50}};
    for (CommitIndex i = 0; i < 4; ++i) question.tried.push_back({i, false});
    const Advice advice = advise(ancestry, question);
    CHECK(advice.orders.empty());
    CHECK(advice.standings[0].kind == Standing::Kind::set);
    CHECK(advice.standings[0].suspects == std::vector<CommitIndex>{0, 1, 2, 3, 4});
}
