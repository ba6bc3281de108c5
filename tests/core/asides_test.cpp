#include "core/asides.hpp"

#include <catch2/catch.hpp>

#include "random_history.hpp"

using namespace bisectd;
using bisectd::test::id_of;

TEST_CASE("asides: the latest word of a commit and symptom counts", "[core]") {
    Asides asides;
    asides.take(CommitJudged{id_of(1), "a", Verdict::good, false, ""});
    asides.take(CommitJudged{id_of(1), "b", Verdict::good, false, ""});
    asides.take(CommitJudged{id_of(2), "", Verdict::skip, false, ""});
    asides.take(CommitJudged{id_of(1), "a", Verdict::bad, false, ""});
    REQUIRE(asides.judged.size() == 3);
    CHECK(asides.judged[2].verdict == Verdict::bad);
    asides.take(CommitJudged{id_of(1), "", Verdict::skip, true, ""});
    REQUIRE(asides.judged.size() == 2);
    CHECK(asides.judged[0].commit == id_of(2));
    CHECK(asides.judged[1].withdrawn);
}

TEST_CASE("asides: builds ahead go on until they end, or the bisection does", "[core]") {
    Asides asides;
    asides.take(BuildAheadStarted{1, id_of(1), "one"});
    asides.take(BuildAheadStarted{2, id_of(2), "two"});
    asides.take(BuildAheadStarted{2, id_of(2), "two"});  // once more after a kill
    asides.take(BuildAheadStarted{3, id_of(3), "three"});
    REQUIRE(asides.building_ahead.size() == 3);
    asides.take(BuildAheadEnded{1, id_of(1), Outcome::good_looking, "key", false, 1, ""});
    asides.take(BuildAheadEnded{2, id_of(2), Outcome::skip, "", false, 1, "no"});
    REQUIRE(asides.building_ahead.size() == 1);
    CHECK(asides.building_ahead[0].build == 3);
    CHECK(asides.built_ahead == 1);
    asides.take(BisectionEnded{});
    CHECK(asides.building_ahead.empty());
}

TEST_CASE("asides: a board that was given back is used again", "[core]") {
    Asides asides;
    asides.take(BoardQuarantined{"b1", "why"});
    asides.take(BoardQuarantined{"b2", "why"});
    asides.take(BoardReturned{"b1"});
    REQUIRE(asides.quarantined.size() == 1);
    CHECK(asides.quarantined[0].board == "b2");
}
