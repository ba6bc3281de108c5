#include <catch2/catch.hpp>

#include "core/decide.hpp"

using namespace bisectd;

TEST_CASE("decide: a bisection that rests before its first run ends the attempt", "[core]") {
    BisectionState state;
    const Knowledge knowledge{};
    Recipe recipe;
    recipe.symptoms.emplace_back();
    recipe.build.kind = BuildKind::command;
    std::uint64_t seq = 0;
    const auto tell = [&](const Event& event) {
        evolve(state, EventRecord{++seq, 1, static_cast<std::int64_t>(seq), event, ""});
    };
    tell(BisectionRequested{});
    StepStarted step;
    step.step = 1;
    tell(step);
    tell(AttemptStarted{1, 1, "b1"});
    Built built;
    built.step = 1;
    built.attempt = 1;
    tell(built);
    tell(BisectionPaused{"a person asked for it"});
    const auto decisions = decide(state, knowledge, recipe, {});
    REQUIRE(decisions.size() == 1);
    const auto* const end = std::get_if<EndAttempt>(&decisions.front());
    REQUIRE(end != nullptr);
    CHECK(end->event.outcome == Outcome::infrastructure);
    CHECK(end->event.cause.find("before anything had run") != std::string::npos);
    Hands busy;
    busy.busy.insert({1, 1});
    CHECK(decide(state, knowledge, recipe, busy).empty());
}

TEST_CASE("rest: what a person paused goes on when a person says so, not when a board comes back",
          "[core]") {
    BisectionState state;
    std::uint64_t seq = 0;
    const auto tell = [&](const Event& event) {
        evolve(state, EventRecord{++seq, 1, static_cast<std::int64_t>(seq), event, ""});
    };
    BisectionRequested requested;
    requested.request.board = "b1";
    requested.request.more_boards = {"b2"};
    tell(requested);
    tell(BoardParked{"b1", "look after it"});
    CHECK(state.activity == Activity::running);
    tell(BisectionPaused{std::string(paused_by_person)});
    tell(BoardReturned{"b1"});
    CHECK(state.parked.empty());
    CHECK(state.activity == Activity::paused);
    tell(BisectionResumed{});
    CHECK(state.activity == Activity::running);

    tell(BisectionPaused{"all its boards are quarantined"});
    tell(BoardReturned{"b2"});
    CHECK(state.activity == Activity::running);
}
