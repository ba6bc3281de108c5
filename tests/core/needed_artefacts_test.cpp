#include "core/needed_artefacts.hpp"

#include <catch2/catch.hpp>

using namespace bisectd;

namespace {

CommitId commit_of(char digit) {
    return *CommitId::parse(std::string(40, digit));
}

void add_step(BisectionState& state, Purpose purpose, char commit, const std::string& key,
              bool closed = true) {
    StepState step;
    step.number = state.steps.size() + 1;
    step.purpose = purpose;
    step.commit = commit_of(commit);
    step.closed = closed;
    AttemptState attempt;
    attempt.number = 1;
    Built built;
    built.key = key;
    attempt.built = built;
    step.attempts.push_back(attempt);
    state.steps.push_back(std::move(step));
}

using Keys = std::set<std::string>;

}  // namespace

TEST_CASE("needed artefacts: ends, checks, proofs and open steps; no search that is over",
          "[core]") {
    BisectionState state;
    add_step(state, Purpose::bad_end, '1', "bad");
    add_step(state, Purpose::good_end, '2', "good");
    add_step(state, Purpose::search, '3', "searched");
    add_step(state, Purpose::control_good, '3', "control");
    add_step(state, Purpose::search, '4', "open", false);
    CHECK(needed_artefacts(state) == Keys{"bad", "good", "control", "open"});
    CHECK(proof_artefacts(state).empty());
    add_step(state, Purpose::proof_culprit, '5', "proof");
    CHECK(proof_artefacts(state) == Keys{"proof"});
    CHECK(needed_artefacts(state).contains("proof"));
}

TEST_CASE("needed artefacts: a suspect's and its parents', which a rebuild is compared with",
          "[core]") {
    BisectionState state;
    add_step(state, Purpose::search, '3', "parent");
    add_step(state, Purpose::search, '4', "suspect");
    add_step(state, Purpose::search, '5', "other");
    SuspectNamed named;
    named.commit = commit_of('4');
    named.parents = {commit_of('3')};
    state.suspects["crash"] = SuspectState{named, 3};
    CHECK(needed_artefacts(state) == Keys{"parent", "suspect"});
}

TEST_CASE("needed artefacts: what was built ahead, until it is tested", "[core]") {
    BisectionState state;
    BuildAheadEnded ended;
    ended.commit = commit_of('3');
    ended.key = "ahead";
    state.builds_ahead.push_back({1, commit_of('3'), "", 0, ended});
    state.builds_ahead.push_back({2, commit_of('4'), "", 0, std::nullopt});
    CHECK(needed_artefacts(state) == Keys{"ahead"});
    add_step(state, Purpose::search, '3', "ahead");
    CHECK(needed_artefacts(state).empty());
}

TEST_CASE("needed artefacts: a bisection that has ended needs none; its proofs are cherished",
          "[core]") {
    BisectionState state;
    add_step(state, Purpose::bad_end, '1', "bad");
    add_step(state, Purpose::proof_parent, '2', "proof");
    state.ended = BisectionEnded{};
    CHECK(needed_artefacts(state).empty());
    CHECK(proof_artefacts(state) == Keys{"proof"});
}
