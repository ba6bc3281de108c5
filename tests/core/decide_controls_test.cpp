#include <catch2/catch.hpp>

#include "core/decide.hpp"

// When a board is asked to show that it can tell good from bad.

using namespace bisectd;

namespace {

CommitId id(unsigned number) {
    const std::string digits = std::to_string(number);
    return *CommitId::parse(std::string(40 - digits.size(), '0') + digits);
}

/// Commits 1 to 30 behind the good one, 100.
History line() {
    std::vector<History::Commit> commits(30);
    for (unsigned i = 0; i < 30; ++i) {
        commits[i].id = id(i + 1);
        if (i > 0) commits[i].parents = {i - 1};
    }
    return History(std::move(commits));
}

/// One board that has tested for a while.
struct Tested {
    BisectionState state;
    Knowledge knowledge;
    Recipe recipe;
    std::uint64_t seq = 0;

    Tested() {
        knowledge.history = std::make_shared<History>(line());
        knowledge.ancestry = std::make_shared<engine::Ancestry>(*knowledge.history);
        recipe.symptoms.emplace_back();
        recipe.symptoms.front().name = "s";
        recipe.build.kind = BuildKind::command;
        BisectionRequested requested;
        requested.request.board = "b";
        tell(requested);
        tell(RangeResolved{id(30), {id(100)}, {}, 30});
        Estimated estimated;
        estimated.when = "start";
        tell(estimated);
    }
    void tell(const Event& event) {
        evolve(state, EventRecord{++seq, 1, static_cast<std::int64_t>(seq), event, ""});
    }
    void step(Purpose purpose, unsigned commit, Look look, Verdict verdict) {
        StepStarted step;
        step.step = state.steps.size() + 1;
        step.commit = id(commit);
        step.purpose = purpose;
        tell(step);
        tell(AttemptStarted{step.step, 1, "b"});
        Built built;
        built.step = step.step;
        built.attempt = 1;
        tell(built);
        const std::string batch = "batch" + std::to_string(step.step);
        tell(RunsStarted{step.step, 1, batch, "s", 2});
        Run first, second;
        first.run = 1;
        second.run = 2;
        first.look = second.look = look;
        tell(RunsRecorded{step.step, 1, {first, second}, batch});
        tell(RunsEnded{step.step, 1, batch});
        AttemptEnded ended;
        ended.step = step.step;
        ended.attempt = 1;
        ended.rung = Rung::run;
        ended.outcome = look == Look::hit ? Outcome::bad_looking : Outcome::good_looking;
        tell(ended);
        VerdictGiven given;
        given.step = step.step;
        given.commit = step.commit;
        given.symptom = "s";
        given.verdict = verdict;
        given.bad_probability = 0.5;
        given.closes = true;
        tell(given);
    }
    Purpose next() {
        Hands hands;
        hands.free_boards = {"b"};
        const auto decisions = decide(state, knowledge, recipe, hands);
        REQUIRE(decisions.size() == 1);
        const auto* const test = std::get_if<TestCommit>(&decisions.front());
        REQUIRE(test != nullptr);
        return test->purpose;
    }
};

}  // namespace

TEST_CASE("controls: now and then a board shows that it sees the bad end, and the good one",
          "[core]") {
    Tested tested;
    tested.step(Purpose::bad_end, 30, Look::hit, Verdict::bad);
    Estimated calibrated;
    calibrated.when = "calibrated";
    tested.tell(calibrated);
    for (int i = 0; i < 20; ++i) tested.step(Purpose::search, 15, Look::clean, Verdict::uncertain);
    CHECK(tested.next() == Purpose::control_bad);
    tested.step(Purpose::control_bad, 30, Look::hit, Verdict::bad);
    CHECK(tested.next() == Purpose::control_good);
}

TEST_CASE("controls: no board is asked to see at the bad end what nobody has seen there",
          "[core]") {
    Tested tested;
    tested.step(Purpose::bad_end, 30, Look::clean, Verdict::uncertain);
    for (int i = 0; i < 20; ++i) tested.step(Purpose::search, 15, Look::clean, Verdict::uncertain);
    CHECK(tested.next() == Purpose::control_good);
}
