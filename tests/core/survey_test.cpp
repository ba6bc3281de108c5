#include "core/survey.hpp"

#include <catch2/catch.hpp>

#include "random_history.hpp"

using namespace bisectd;
using bisectd::test::id_of;

namespace {

/// 0 - 1 - ... - n-1, oldest first.
History line_of(unsigned size) {
    std::vector<History::Commit> commits;
    for (unsigned commit = 0; commit < size; ++commit) {
        History::Commit entry{id_of(commit), {}};
        if (commit > 0) entry.parents = {commit - 1};
        commits.push_back(std::move(entry));
    }
    return History(std::move(commits));
}

StepState judged_step(std::uint64_t number, unsigned commit, Verdict verdict) {
    StepState step;
    step.number = number;
    step.commit = id_of(commit);
    step.verdict = VerdictGiven{number, step.commit, "s", verdict, ""};
    return step;
}

}  // namespace

TEST_CASE("survey: each step begins with what the one before left", "[core]") {
    BisectionState state;
    state.steps = {judged_step(1, 9, Verdict::bad), judged_step(2, 4, Verdict::good),
                   judged_step(3, 7, Verdict::bad), judged_step(4, 6, Verdict::skip)};
    const Survey survey = survey_of(state, line_of(10), {});
    REQUIRE(survey.steps.size() == 5);
    CHECK(survey.steps[1].left == std::vector<std::uint64_t>(10, 100));
    CHECK(survey.steps[2].left ==
          std::vector<std::uint64_t>{0, 0, 0, 0, 0, 100, 100, 100, 100, 100});
    CHECK(survey.steps[3].left == std::vector<std::uint64_t>{0, 0, 0, 0, 0, 100, 100, 100, 0, 0});
    CHECK(survey.steps[3].left == survey.steps[4].left);
    CHECK(survey.steps[1].place == Approx(0.45));
    CHECK(survey.suspects == 3);
    CHECK(survey.probability.empty());
    CHECK(survey.around.empty());
}

TEST_CASE("survey: probabilities fall into bins and sum up to all", "[core]") {
    std::vector<double> probability(1000);
    probability[700] = 0.75;
    probability[701] = 0.25;
    const Survey survey = survey_of({}, line_of(1000), probability);
    REQUIRE(survey.probability.size() == 240);
    double sum = 0;
    for (const double each : survey.probability) sum += each;
    CHECK(sum == Approx(1));
    CHECK(survey.probability[700 * 240 / 1000] == Approx(1));
    REQUIRE(survey.likely.size() == 2);
    CHECK(survey.likely[0].commit == id_of(700));
    CHECK(survey.likely[0].suspect);
}

TEST_CASE("survey: the culprit stands among its neighbours, newest first", "[core]") {
    BisectionState state;
    state.steps = {judged_step(1, 99, Verdict::bad), judged_step(2, 49, Verdict::good),
                   judged_step(3, 50, Verdict::bad)};
    state.ended = BisectionEnded{Ending::culprit, {id_of(50)}, ""};
    const Survey survey = survey_of(state, line_of(100), {});
    REQUIRE(survey.around.size() == 22);
    for (std::size_t i = 1; i < survey.around.size(); ++i)
        CHECK(survey.around[i - 1].parents == std::vector<CommitId>{survey.around[i].commit});
    const auto culprit = std::ranges::find(survey.around, id_of(50), &SurveyCommit::commit);
    REQUIRE(culprit != survey.around.end());
    CHECK(culprit->verdict == "bad");
    CHECK(culprit->step == 3);
}

TEST_CASE("survey: findings that contradict each other, and strangers, narrow nothing", "[core]") {
    BisectionState state;
    state.steps = {judged_step(1, 3, Verdict::bad), judged_step(2, 5, Verdict::good),
                   judged_step(3, 77, Verdict::bad)};
    const Survey survey = survey_of(state, line_of(10), {});
    REQUIRE(survey.steps.size() == 4);
    CHECK(survey.steps[3].left == survey.steps[1].left);
    CHECK(survey.steps[2].place == 0);
    CHECK(survey_of(state, History(), {}).steps.empty());
}
