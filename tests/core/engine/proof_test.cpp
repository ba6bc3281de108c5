#include <catch2/catch.hpp>

#include "core/engine/virtual_world.hpp"
#include "engine_world.hpp"

using namespace bisectd;
using namespace bisectd::engine;
using namespace bisectd::test;

namespace {

Question proven_later(bool trust_ends) {
    Question question = one_board();
    question.settings.proof_follows = true;
    question.settings.trust_ends = trust_ends;
    return question;
}

}  // namespace

TEST_CASE("proof: where one follows no boot is repeated for fear that it was broken", "[core]") {
    const Ancestry ancestry(chain(128));
    for (CommitIndex culprit : {CommitIndex{3}, CommitIndex{64}, CommitIndex{90}}) {
        Truth truth;
        truth.columns = {{ColumnTruth::Kind::culprit, culprit, 1, 0}};
        // The bad end has shown it: git needs seven tests for what is left.
        Question question = proven_later(true);
        question.columns[0].showings = {{{127, false}, 3, 3}};
        const Played played = play(ancestry, question, truth, 0, 100, Chance(culprit));
        CAPTURE(culprit);
        CHECK(played.standings[0].kind == Standing::Kind::culprit);
        CHECK(played.standings[0].suspects == std::vector<CommitIndex>{culprit});
        CHECK(played.boots <= 7);
        CHECK(played.boots == played.builds);
    }
}

TEST_CASE("proof: runs that are too few for the rate are no culprit yet", "[core]") {
    const Ancestry ancestry(chain(40));
    Question question = proven_later(true);
    // One run in fifty shows it: twenty clean ones say little.
    question.columns[0].showings = {
        {{39, false}, 400, 8}, {{20, false}, 60, 1}, {{19, false}, 20, 0}};
    const Advice advice = advise(ancestry, question);
    CHECK(advice.standings[0].kind == Standing::Kind::open);
    CHECK(advice.orders.size() == 1);
}

TEST_CASE("proof: one that fails opens the search again", "[core]") {
    const Ancestry ancestry(chain(40));
    Question question = proven_later(true);
    question.columns[0].showings = {
        {{39, false}, 3, 3}, {{20, false}, 1, 1}, {{19, false}, 20, 0}, {{10, false}, 20, 0}};
    CHECK(advise(ancestry, question).standings[0].kind == Standing::Kind::culprit);
    // The parent shows it, the suspect does not: one boot of each was broken, or more runs needed.
    for (Showing proof : {Showing{{19, false}, 1, 1}, Showing{{20, false}, 20, 0}}) {
        Question after = question;
        after.columns[0].showings.push_back(proof);
        const Advice advice = advise(ancestry, after);
        CHECK(advice.standings[0].kind == Standing::Kind::open);
        CHECK(advice.orders.size() == 1);
    }
}
