#include "core/asides.hpp"

#include <catch2/catch.hpp>

#include "random_history.hpp"

using namespace bisectd;
using bisectd::test::id_of;

namespace {

BisectionState told(const std::vector<Event>& events) {
    std::vector<EventRecord> records{{1, 1, 1, BisectionRequested{}, ""}};
    for (const Event& event : events)
        records.push_back(
            {records.size() + 1, 1, static_cast<std::int64_t>(records.size() + 1), event, ""});
    return fold(records);
}

}  // namespace

TEST_CASE("asides: the latest word of a commit and symptom counts", "[core]") {
    const Asides asides = asides_of(told({CommitJudged{id_of(1), "a", Verdict::good, false, ""},
                                          CommitJudged{id_of(1), "b", Verdict::good, false, ""},
                                          CommitJudged{id_of(2), "", Verdict::skip, false, ""},
                                          CommitJudged{id_of(1), "a", Verdict::bad, false, ""}}));
    REQUIRE(asides.judged.size() == 3);
    CHECK(std::ranges::count(asides.judged, Verdict::bad, &CommitJudged::verdict) == 1);
}

TEST_CASE("asides: builds ahead go on until they end, or the bisection does", "[core]") {
    std::vector<Event> events{BuildAheadStarted{1, id_of(1), "one"},
                              BuildAheadStarted{2, id_of(2), "two"},
                              BuildAheadStarted{3, id_of(3), "three"}};
    CHECK(asides_of(told(events)).building_ahead.size() == 3);
    events.emplace_back(BuildAheadEnded{1, id_of(1), Outcome::good_looking, "key", false, 1, ""});
    events.emplace_back(BuildAheadEnded{2, id_of(2), Outcome::skip, "", false, 1, "no"});
    const Asides asides = asides_of(told(events));
    REQUIRE(asides.building_ahead.size() == 1);
    CHECK(asides.building_ahead[0].build == 3);
    CHECK(asides.built_ahead == 1);
    events.emplace_back(BisectionEnded{});
    CHECK(asides_of(told(events)).building_ahead.empty());
}

TEST_CASE("asides: a board that was given back is used again", "[core]") {
    const Asides asides = asides_of(
        told({BoardQuarantined{"b1", "why"}, BoardQuarantined{"b2", "why"}, BoardReturned{"b1"}}));
    REQUIRE(asides.quarantined.size() == 1);
    CHECK(asides.quarantined[0].board == "b2");
}
