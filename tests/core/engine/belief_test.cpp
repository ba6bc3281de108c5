#include "core/engine/belief.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine_world.hpp"

using namespace bisectd;
using namespace bisectd::engine;
using namespace bisectd::test;

namespace {

/// The posterior by its definition: every suspect times every rate, one by one.
struct BruteForce {
    std::vector<double> culprit;
    double older = 0, not_here = 0;
    double evidence = 0;  ///< the chance of all showings
};

double likelihood(double rate, const Showing& showing, double broken) {
    const auto hits = static_cast<double>(showing.hits);
    const auto runs = static_cast<double>(showing.runs);
    double chance = (1 - broken) * std::pow(rate, hits) * std::pow(1 - rate, runs - hits);
    if (showing.hits == 0) chance += broken / 2;
    if (showing.hits == showing.runs) chance += broken / 2;
    return chance;
}

BruteForce by_definition(const History& history, const Question& question) {
    const Column& column = question.columns[0];
    const Rates& rates = Rates::of(column.never_by_chance);
    const double doubt = question.settings.wrong_range;
    const auto evidence = [&](const auto& is_bad) {
        double sum = 0;
        for (std::size_t t = 0; t < rates.size(); ++t) {
            double chance = rates.prior(t);
            for (const Showing& showing : column.showings)
                chance *= likelihood(is_bad(showing.at) ? rates.bad(t) : rates.good(t), showing,
                                     question.settings.broken_boot);
            sum += chance;
        }
        return sum;
    };
    double weights = 0;
    for (CommitIndex i = 0; i < history.size(); ++i)
        weights += question.weight.empty() ? 1 : question.weight[i];
    BruteForce result;
    double sum = result.older = doubt * evidence([](Spot) { return true; });
    sum += result.not_here = doubt * evidence([](Spot) { return false; });
    for (CommitIndex c = 0; c < history.size(); ++c) {
        const double weight = question.weight.empty() ? 1 : question.weight[c];
        result.culprit.push_back((1 - 2 * doubt) * weight / weights * evidence([&](Spot at) {
                                     return !at.outside && history.ancestors_of(at.index)[c];
                                 }));
        sum += result.culprit.back();
    }
    result.evidence = sum;
    for (double& mass : result.culprit) mass /= sum;
    result.older /= sum;
    result.not_here /= sum;
    return result;
}

}  // namespace

TEST_CASE("belief: the classes hold what every suspect and every rate hold one by one", "[core]") {
    const unsigned seed = std::random_device{}();
    UNSCOPED_INFO("seed " << seed);
    std::mt19937 chance(seed);
    for (unsigned round = 0; round < 60; ++round) {
        const History history = random_history(chance, 2 + chance() % 30);
        const Ancestry ancestry(history);
        Question question = one_board();
        question.columns[0].showings = random_showings(chance, history.size(), 8);
        question.columns[0].never_by_chance = chance() % 4 == 0;
        if (chance() % 2 == 0)
            for (CommitIndex i = 0; i < history.size(); ++i)
                question.weight.push_back(chance() % 3 == 0 ? 0.02 : 1);
        question.hints = {static_cast<CommitIndex>(chance() % history.size())};
        const BruteForce wanted = by_definition(history, question);
        const std::vector<double> culprit = culprit_probabilities(ancestry, question, 0);
        const Belief belief(ancestry, question, 0);
        double sum = belief.classes()[Belief::older].mass + belief.classes()[Belief::not_here].mass;
        for (CommitIndex c = 0; c < history.size(); ++c) {
            CHECK(culprit[c] == Approx(wanted.culprit[c]).epsilon(1e-8).margin(1e-12));
            sum += culprit[c];
        }
        CHECK(sum == Approx(1));
        CHECK(belief.classes()[Belief::older].mass ==
              Approx(wanted.older).epsilon(1e-8).margin(1e-12));

        std::vector<Spot> spots{{0, true}};
        for (CommitIndex x = 0; x < history.size(); ++x) spots.push_back({x, false});
        const std::vector<double> bad = bad_probabilities(ancestry, question, 0, spots);
        CHECK(bad[0] == Approx(wanted.older).epsilon(1e-8).margin(1e-12));
        for (CommitIndex x = 0; x < history.size(); ++x) {
            double expected = wanted.older;
            const std::vector<bool> above = history.ancestors_of(x);
            for (CommitIndex c = 0; c <= x; ++c)
                if (above[c]) expected += wanted.culprit[c];
            CHECK(bad[x + 1] == Approx(expected).epsilon(1e-8).margin(1e-12));
            for (CommitIndex parent : history.parents(x))
                CHECK(bad[parent + 1] <= bad[x + 1] + 1e-12);
        }
    }
}

TEST_CASE("belief: what a test will show leaves it, in the mean, where it is", "[core]") {
    // A martingale: who expected to become surer of one commit would be so already.
    const unsigned seed = std::random_device{}();
    UNSCOPED_INFO("seed " << seed);
    std::mt19937 chance(seed);
    for (unsigned round = 0; round < 40; ++round) {
        const History history = random_history(chance, 2 + chance() % 30);
        const Ancestry ancestry(history);
        Question before = one_board();
        before.columns[0].showings = random_showings(chance, history.size(), 6);
        Spot at{static_cast<CommitIndex>(chance() % history.size()), false};
        if (round % 8 == 0) at = {0, true};
        const std::uint64_t runs = 1 + chance() % 6;
        std::vector<Showing> outcomes{{at, runs, 0}};
        for (std::uint64_t first = 1; first <= runs; ++first) outcomes.push_back({at, first, 1});
        const double evidence = by_definition(history, before).evidence;
        std::vector<double> mean(history.size(), 0);
        double chances = 0;
        for (const Showing& outcome : outcomes) {
            Question after = before;
            after.columns[0].showings.push_back(outcome);
            const double of_it = by_definition(history, after).evidence / evidence;
            const std::vector<double> culprit = culprit_probabilities(ancestry, after, 0);
            for (CommitIndex c = 0; c < history.size(); ++c) mean[c] += of_it * culprit[c];
            chances += of_it;
        }
        CHECK(chances == Approx(1));
        const std::vector<double> culprit = culprit_probabilities(ancestry, before, 0);
        for (CommitIndex c = 0; c < history.size(); ++c)
            CHECK(mean[c] == Approx(culprit[c]).epsilon(1e-7).margin(1e-12));
    }
}

TEST_CASE("belief: a person's verdict outweighs any boot, and contradictory ones leave a posterior",
          "[core]") {
    const Ancestry ancestry(chain(50));
    Question question = one_board();
    question.columns[0].showings = {{{20, false}, 100, 100}, {{20, false}, 100, 100}};
    question.columns[0].judged_good = {{20, false}};
    CHECK(bad_probabilities(ancestry, question, 0, {{20, false}})[0] < 1e-9);
    question.columns[0].judged_bad = {{10, false}};
    const std::vector<double> culprit = culprit_probabilities(ancestry, question, 0);
    for (double mass : culprit) CHECK(std::isfinite(mass));
    const Advice advice = advise(ancestry, question);
    REQUIRE(!advice.contradictions.empty());
    CHECK(advice.contradictions[0].bad == Spot{10, false});
    CHECK(advice.contradictions[0].good == Spot{20, false});
}

TEST_CASE("belief: where the rates are known a clean run never makes its commit worse", "[core]") {
    // Many hits at the bad end make the rate known; no boot is broken as a whole.
    const Ancestry ancestry(chain(40));
    Question question = one_board();
    question.settings.broken_boot = 0;
    question.columns[0].never_by_chance = true;
    question.columns[0].showings = {{{39, false}, 4000, 2000}};
    const auto bad_at = [&] { return bad_probabilities(ancestry, question, 0, {{15, false}})[0]; };
    double before = bad_at();
    for (std::uint64_t runs = 1; runs < 20; ++runs) {
        question.columns[0].showings.resize(1);
        question.columns[0].showings.push_back({{15, false}, runs, 0});
        CHECK(bad_at() <= before + 1e-12);
        before = bad_at();
    }
    question.columns[0].showings.push_back({{15, false}, 1, 1});
    CHECK(bad_at() > 0.999);
}

TEST_CASE("belief: sums over ancestors are those that a walk finds", "[core]") {
    const unsigned seed = std::random_device{}();
    UNSCOPED_INFO("seed " << seed);
    std::mt19937 chance(seed);
    for (unsigned round = 0; round < 40; ++round) {
        const History history = random_history(chance, 1 + chance() % 200);
        const Ancestry ancestry(history);
        std::vector<double> mass;
        for (CommitIndex i = 0; i < history.size(); ++i)
            mass.push_back(static_cast<double>(chance() % 100));
        const std::vector<double> sums = ancestry.sums(mass);
        for (CommitIndex x = 0; x < history.size(); ++x) {
            const std::vector<bool> above = history.ancestors_of(x);
            double wanted = 0;
            std::uint32_t count = 0;
            for (CommitIndex c = 0; c <= x; ++c)
                if (above[c]) {
                    wanted += mass[c];
                    ++count;
                }
            REQUIRE(sums[x] == Approx(wanted));
            REQUIRE(ancestry.count(x) == count);
            const CommitIndex y = chance() % history.size();
            const std::vector<bool> other = history.ancestors_of(y);
            std::uint32_t differing = 0;
            for (CommitIndex c = 0; c < history.size(); ++c) differing += above[c] != other[c];
            REQUIRE(ancestry.distance(x, y) == differing);
            REQUIRE(ancestry.is_ancestor(y, x) == above[y]);
        }
    }
}

TEST_CASE("belief: a history too long for a bit a pair is sampled, and answers alike", "[core]") {
    std::mt19937 chance(7);
    const History history = random_history(chance, Ancestry::most_exact + 1000);
    const Ancestry ancestry(history);
    REQUIRE(!ancestry.exact());
    const CommitIndex last = history.size() - 1;
    std::vector<double> few(history.size(), 0);
    for (unsigned i = 0; i < 200; ++i) few[chance() % history.size()] = 1 + chance() % 5;
    const std::vector<double> even(history.size(), 1.0 / history.size());
    const std::vector<double> sums = ancestry.sums(few);
    const std::vector<double> parts = ancestry.sums(even);
    for (CommitIndex x : {last, last / 2, last / 3, last / 7}) {
        const std::vector<bool> above = history.ancestors_of(x);
        double wanted = 0, part = 0;
        for (CommitIndex c = 0; c <= x; ++c)
            if (above[c]) {
                wanted += few[c];
                part += even[c];
            }
        CHECK(sums[x] == Approx(wanted));
        CHECK(parts[x] == Approx(part).margin(0.02));
        CHECK(ancestry.is_ancestor(x / 2, x) == above[x / 2]);
    }
}
