#include <catch2/catch.hpp>

#include "core/decide.hpp"

using namespace bisectd;

namespace {

CommitId numbered(unsigned number) {
    std::string hex = std::to_string(number);
    return *CommitId::parse(std::string(40 - hex.size(), '0') + hex);
}

/// Commits 1 to 4 behind the good end 100; 4 is the bad end.
struct Told {
    BisectionState state{};
    Knowledge knowledge{};
    Recipe recipe{};
    std::uint64_t seq = 0;

    Told() {
        std::vector<History::Commit> commits;
        for (unsigned i = 0; i < 4; ++i)
            commits.push_back({numbered(i + 1), i == 0 ? std::vector<CommitIndex>{}
                                                       : std::vector<CommitIndex>{i - 1}});
        knowledge.history = std::make_shared<History>(std::move(commits));
        knowledge.ancestry = std::make_shared<engine::Ancestry>(knowledge.history);
        recipe.symptoms.emplace_back().name = "s";
        recipe.build.kind = BuildKind::command;
        BisectionRequested requested;
        requested.request.board = "b1";
        requested.request.more_boards = {"b2"};
        tell(requested);
        tell(RangeResolved{numbered(4), {numbered(100)}, {}, 4});
    }
    void tell(const Event& event) {
        evolve(state, EventRecord{++seq, 1, static_cast<std::int64_t>(seq), event, ""});
    }
    std::uint64_t step(Purpose purpose, const CommitId& commit, const std::string& board) {
        StepStarted started;
        started.step = state.steps.size() + 1;
        started.commit = commit;
        started.purpose = purpose;
        tell(started);
        tell(AttemptStarted{started.step, 1, board});
        return started.step;
    }
    void runs(std::uint64_t step, Look look, unsigned count) {
        const std::string batch = "batch " + std::to_string(step);
        tell(RunsStarted{step, 1, batch, "s", count});
        RunsRecorded recorded{step, 1, {}, batch};
        for (unsigned n = 1; n <= count; ++n) recorded.runs.push_back(Run{n, look});
        tell(recorded);
        tell(RunsEnded{step, 1, batch});
    }
    void end(std::uint64_t step, Outcome outcome) {
        AttemptEnded ended;
        ended.step = step;
        ended.attempt = 1;
        ended.rung = Rung::run;
        ended.outcome = outcome;
        tell(ended);
    }
    /// The board dies of the symptom in a batch that made no run.
    void die_of(std::uint64_t step, const std::string& symptom) {
        tell(RunsStarted{step, 1, "last batch", symptom, 3});
        end(step, Outcome::bad_looking);
    }
    /// Requires: a verdict is what is decided next.
    VerdictGiven given() const {
        const auto decisions = decide(state, knowledge, recipe, {});
        REQUIRE(decisions.size() == 1);
        const auto* const conclusion = std::get_if<Conclude>(&decisions.front());
        REQUIRE(conclusion != nullptr);
        const auto* const verdict = std::get_if<VerdictGiven>(&conclusion->event);
        REQUIRE(verdict != nullptr);
        return *verdict;
    }
    Verdict verdict() const { return given().verdict; }
};

/// The first board was lost at the bad end; the search comes there with the second.
std::uint64_t second_board_at_bad_end(Told& told) {
    const std::uint64_t first = told.step(Purpose::bad_end, numbered(4), "b1");
    told.end(first, Outcome::infrastructure);
    VerdictGiven given;
    given.step = first;
    given.commit = numbered(4);
    given.symptom = "s";
    told.tell(given);
    return told.step(Purpose::search, numbered(4), "b2");
}

}  // namespace

TEST_CASE("verdict: a bad end that a second board sees clean is not bad because it was said to be",
          "[core]") {
    Told told;
    const std::uint64_t step = second_board_at_bad_end(told);
    told.runs(step, Look::clean, 3);
    told.end(step, Outcome::good_looking);
    CHECK(told.verdict() == Verdict::uncertain);
}

TEST_CASE("verdict: a bad end that a second board sees fail is bad", "[core]") {
    Told told;
    const std::uint64_t step = second_board_at_bad_end(told);
    told.runs(step, Look::hit, 3);
    told.end(step, Outcome::bad_looking);
    CHECK(told.verdict() == Verdict::bad);
}

TEST_CASE("verdict: a board that dies of one symptom says nothing of another", "[core]") {
    Told told;
    told.recipe.symptoms.emplace_back().name = "other";
    const std::uint64_t step = told.step(Purpose::search, numbered(2), "b1");
    told.runs(step, Look::clean, 3);
    told.die_of(step, "other");
    const VerdictGiven first = told.given();
    CHECK(first.symptom == "s");
    CHECK(first.verdict != Verdict::bad);
    told.tell(first);
    CHECK(told.given().symptom == "other");
    CHECK(told.verdict() == Verdict::bad);
}
