// Whole bisections through decide() and evolve(), without any lab: a "world" answers each attempt.
#include "core/decide.hpp"
#include <catch2/catch.hpp>
#include <functional>
#include <map>

using namespace bisectd;

namespace {

CommitId id(unsigned number) {
    std::string hex = std::to_string(number);
    return *CommitId::parse(std::string(40 - hex.size(), '0') + hex);
}

/// 0 -> 1 -> ... -> n-1; commit k has id(k + 1), the good end is id(100).
History chain(unsigned n) {
    std::vector<History::Commit> commits;
    for (unsigned i = 0; i < n; ++i) {
        History::Commit commit;
        commit.id = id(i + 1);
        if (i > 0) commit.parents = {i - 1};
        commits.push_back(commit);
    }
    return History(std::move(commits));
}

Recipe recipe_with_symptom() {
    Recipe recipe;
    recipe.symptoms.push_back(Symptom{});
    recipe.symptoms.front().name = "s";
    recipe.build.kind = BuildKind::command;
    recipe.revert_proof = false;
    return recipe;
}

/// Drives a bisection to its end; `world` says how each attempt of a commit ends.
struct Drive {
    using World = std::function<AttemptEnded(const CommitId&, Purpose, std::uint64_t attempt)>;

    History history;
    World world;
    std::vector<CommitId> good{id(100)};
    std::vector<CommitId> merge_bases{};
    std::function<std::vector<CommitId>(const CommitId&)> parents = [](const CommitId& commit) {
        const unsigned number = static_cast<unsigned>(std::stoul(commit.hex()));
        return std::vector<CommitId>{number == 1 ? id(100) : id(number - 1)};
    };
    Recipe recipe = recipe_with_symptom();
    BisectionState state{};
    Knowledge knowledge{};
    std::uint64_t seq = 0;
    std::vector<std::pair<Purpose, CommitId>> tested{};

    void tell(const Event& event) {
        story += std::string(kind(event)) + detail(event) + "\n";
        evolve(state, EventRecord{++seq, 1, static_cast<std::int64_t>(seq), event, ""});
    }

    std::string story{};  ///< for failures

    static std::string detail(const Event& event) {
        if (const auto* e = std::get_if<StepStarted>(&event))
            return " " + std::to_string(std::stoul(e->commit.hex())) + " " +
                   std::string(word(e->purpose));
        if (const auto* e = std::get_if<RunsStarted>(&event))
            return " " + std::to_string(e->planned);
        if (const auto* e = std::get_if<AttemptEnded>(&event))
            return " " + std::string(word(e->outcome)) + ": " + e->cause;
        if (const auto* e = std::get_if<VerdictGiven>(&event))
            return " " + std::string(word(e->verdict)) + " " + std::to_string(e->bad_probability);
        if (const auto* e = std::get_if<BisectionPaused>(&event)) return " " + e->why;
        if (const auto* e = std::get_if<SymptomEnded>(&event))
            return " " + std::string(word(e->ending)) + ": " + e->cause;
        if (const auto* e = std::get_if<EvidenceWithdrawn>(&event)) return " " + e->why;
        if (const auto* e = std::get_if<ContradictionFound>(&event)) return " " + e->cause;
        return "";
    }

    std::vector<Decision> decisions() {
        Hands hands;
        const StepState* const open = state.open_step();
        if (open == nullptr || open->attempts.empty() || open->attempts.back().ended)
            hands.free_boards = {"b"};
        return decide(state, knowledge, recipe, hands);
    }

    BisectionEnded run() {
        knowledge.history = std::make_shared<History>(history);
        knowledge.ancestry = std::make_shared<engine::Ancestry>(history);
        BisectionRequested requested;
        requested.request.board = "b";
        tell(requested);
        REQUIRE(std::holds_alternative<ResolveRange>(decisions().at(0)));
        tell(RangeResolved{history.id(history.size() - 1), good, merge_bases, history.size()});
        for (int moves = 0; moves < 2000 && !state.ended; ++moves) {
            const auto next = decisions();
            if (next.empty()) break;
            for (const Decision& decision : next)
                std::visit([this](const auto& d) { act(d); }, decision);
        }
        UNSCOPED_INFO(story);
        return state.ended.value_or(BisectionEnded{});
    }

    void act(const ResolveRange&) {}
    void act(const WeighPrior&) { tell(PriorWeighed{}); }
    void act(const Estimate& estimate) {
        Estimated estimated;
        estimated.when = estimate.when;
        tell(estimated);
    }
    void act(const TestCommit& test) {
        tested.emplace_back(test.purpose, test.commit);
        StepStarted started;
        started.step = state.steps.size() + 1;
        started.commit = test.commit;
        started.subject = "subject";
        started.purpose = test.purpose;
        tell(started);
        act(TryAgain{started.step, test.board});
    }
    void act(const TryAgain& again) {
        tell(AttemptStarted{again.step, state.steps[again.step - 1].attempts.size() + 1,
                            again.board});
    }
    AttemptEnded answer(std::uint64_t step, std::uint64_t attempt) {
        const StepState& of = state.steps[step - 1];
        AttemptEnded ended = world(of.commit, of.purpose, attempt);
        ended.step = step;
        ended.attempt = attempt;
        return ended;
    }
    void act(const ClimbOn& on) {
        const AttemptEnded ended = answer(on.step, on.attempt);
        const bool ran = ended.outcome == Outcome::good_looking ||
                         ended.outcome == Outcome::bad_looking ||
                         ended.outcome == Outcome::not_applicable;
        // A board that falls silent in the runs does so with its batch open.
        if (ended.cause == "silence")
            tell(RunsStarted{on.step, on.attempt, "lost", recipe.symptoms.front().name, 1});
        if (!ran) return tell(ended);
        Built built;
        built.step = on.step;
        built.attempt = on.attempt;
        tell(built);
    }
    void act(const RunOn& run) {
        const Outcome outcome = answer(run.step, run.attempt).outcome;
        const bool hit = outcome == Outcome::bad_looking;
        const Look look = hit                                  ? Look::hit
                          : outcome == Outcome::not_applicable ? Look::not_applicable
                                                               : Look::clean;
        const auto& batches = state.steps[run.step - 1].attempts[run.attempt - 1].batches;
        const std::string name = "r" + std::to_string(batches.size() + 1);
        tell(RunsStarted{run.step, run.attempt, name, run.symptom, run.runs});
        std::vector<Run> runs;
        for (std::uint64_t i = 1; i <= (hit ? 1 : run.runs); ++i)
            runs.push_back({i, look, 0, 0, 1});
        tell(RunsRecorded{run.step, run.attempt, runs, name});
        tell(RunsEnded{run.step, run.attempt, name});
    }
    void act(const EndAttempt& end) { tell(end.event); }
    void act(const StopAttempt& stop) { tell(stop.event); }
    void act(const BuildAhead&) { FAIL("no builder is apart here"); }
    void act(const GoOnBuilding&) { FAIL("nothing is built ahead"); }
    void act(const StopBuild&) { FAIL("nothing is built ahead"); }
    void act(const NameSuspect& suspect) {
        SuspectNamed named;
        named.commit = suspect.commit;
        named.subject = "subject";
        named.author = "author";
        named.parents = parents(suspect.commit);
        named.symptom = suspect.symptom;
        named.confidence = suspect.confidence;
        tell(named);
    }
    void act(const Conclude& conclusion) { tell(conclusion.event); }
};

AttemptEnded ends(Outcome outcome, std::string cause = "because") {
    AttemptEnded ended;
    ended.rung = Rung::run;
    ended.outcome = outcome;
    ended.cause = std::move(cause);
    return ended;
}

Drive::World truth(unsigned first_bad) {
    return [first_bad](const CommitId& commit, Purpose, std::uint64_t) {
        const auto number = std::stoul(commit.hex());
        return ends(number != 100 && number >= first_bad ? Outcome::bad_looking
                                                         : Outcome::good_looking);
    };
}

}  // namespace

TEST_CASE("decide: every culprit of a chain is found and proven", "[core]") {
    for (unsigned culprit = 1; culprit <= 17; ++culprit) {
        Drive drive{chain(17), truth(culprit)};
        const BisectionEnded ended = drive.run();
        CAPTURE(culprit);
        REQUIRE(ended.ending == Ending::culprit);
        REQUIRE(ended.commits == std::vector<CommitId>{id(culprit)});
        REQUIRE(drive.tested[0].first == Purpose::bad_end);
        REQUIRE(drive.tested[1].first == Purpose::good_end);
        const auto last = drive.tested.size() - 1;
        CHECK(drive.tested[last - 1] == std::pair(Purpose::proof_culprit, id(culprit)));
        CHECK(drive.tested[last] ==
              std::pair(Purpose::proof_parent, culprit == 1 ? id(100) : id(culprit - 1)));
        CHECK(drive.tested.size() <= 2 + 5 + 2);  // ends, log2(17), proof
    }
}

TEST_CASE("decide: a bad end without the symptom ends with the range called wrong", "[core]") {
    Drive drive{chain(8), truth(99)};
    const BisectionEnded ended = drive.run();
    CHECK(ended.ending == Ending::wrong_range);
    CHECK(drive.tested.size() == 1);
}

TEST_CASE("decide: a good end with the symptom ends with the range called wrong", "[core]") {
    Drive drive{chain(8),
                [](const CommitId&, Purpose, std::uint64_t) { return ends(Outcome::bad_looking); }};
    const BisectionEnded ended = drive.run();
    CHECK(ended.ending == Ending::wrong_range);
    CHECK(drive.tested.size() == 2);
}

TEST_CASE("decide: a bad merge base is explained before the search", "[core]") {
    Drive drive{chain(8), [](const CommitId& commit, Purpose, std::uint64_t) {
                    return ends(commit == id(200) || commit == id(8) ? Outcome::bad_looking
                                                                     : Outcome::good_looking);
                }};
    drive.merge_bases = {id(200)};
    const BisectionEnded ended = drive.run();
    CHECK(ended.ending == Ending::wrong_range);
    CHECK(ended.cause.find("merge base") != std::string::npos);
}

TEST_CASE("decide: attempts spoiled by the lab never become a verdict, and end in a pause",
          "[core]") {
    Drive drive{chain(8), [](const CommitId&, Purpose, std::uint64_t) {
                    AttemptEnded ended = ends(Outcome::infrastructure, "no power");
                    ended.rung = Rung::deploy;
                    return ended;
                }};
    drive.run();
    CHECK(!drive.state.ended);
    CHECK(drive.state.activity == Activity::paused);
    CHECK(drive.state.paused_why.find("no power") != std::string::npos);
    CHECK(!drive.state.steps.front().verdict);
    CHECK(drive.state.steps.front().attempts.size() == spoiled_attempts_limit);

    SECTION("and go on after a person resumed it") {
        drive.world = truth(5);
        drive.tell(BisectionResumed{});
        REQUIRE(std::holds_alternative<TryAgain>(drive.decisions().at(0)));
    }
}

TEST_CASE("decide: one spoiled attempt is repeated and changes nothing", "[core]") {
    const auto world = truth(6);
    Drive drive{chain(16),
                [&world](const CommitId& commit, Purpose purpose, std::uint64_t attempt) {
                    if (attempt == 1) return ends(Outcome::infrastructure, "lost");
                    return world(commit, purpose, attempt);
                }};
    const BisectionEnded ended = drive.run();
    CHECK(ended.ending == Ending::culprit);
    CHECK(ended.commits == std::vector<CommitId>{id(6)});
    for (const StepState& step : drive.state.steps) CHECK(step.attempts.size() == 2);
}

TEST_CASE("decide: a board lost again and again on one commit leaves it uncertain", "[core]") {
    const auto world = truth(6);
    Drive drive{chain(8), [&world](const CommitId& commit, Purpose purpose, std::uint64_t attempt) {
                    if (commit != id(4)) return world(commit, purpose, attempt);
                    AttemptEnded ended = ends(Outcome::infrastructure, "silence");
                    ended.board_needs_recovery = true;
                    return ended;
                }};
    const BisectionEnded ended = drive.run();
    CHECK(ended.ending == Ending::culprit);
    CHECK(ended.commits == std::vector<CommitId>{id(6)});
    bool seen = false;
    for (const StepState& step : drive.state.steps)
        if (step.commit == id(4) && step.verdict->verdict == Verdict::uncertain) seen = true;
    CHECK(seen);
}

TEST_CASE("decide: a board lost before the reproducer ran says nothing of the commit", "[core]") {
    const auto world = truth(6);
    Drive drive{chain(8), [&world](const CommitId& commit, Purpose purpose, std::uint64_t attempt) {
                    if (commit != id(4)) return world(commit, purpose, attempt);
                    AttemptEnded ended = ends(Outcome::infrastructure, "no answer");
                    ended.board_needs_recovery = true;
                    return ended;
                }};
    drive.run();
    CHECK(drive.state.activity == Activity::paused);
    for (const StepState& step : drive.state.steps)
        if (step.commit == id(4)) CHECK(!step.verdict);
}

TEST_CASE("decide: boards lost on two commits in a row are the lab's fault, and a person is asked",
          "[core]") {
    const auto world = truth(6);
    Drive drive{chain(16),
                [&world](const CommitId& commit, Purpose purpose, std::uint64_t attempt) {
                    if (purpose != Purpose::search) return world(commit, purpose, attempt);
                    AttemptEnded ended = ends(Outcome::infrastructure, "silence");
                    ended.board_needs_recovery = true;
                    return ended;
                }};
    drive.run();
    REQUIRE(drive.state.activity == Activity::paused);
    CHECK(drive.state.paused_why.find("two commits in a row") != std::string::npos);
    drive.tell(BisectionResumed{});
    const auto decisions = drive.decisions();
    const auto* conclusion = std::get_if<Conclude>(&decisions.at(0));
    REQUIRE(conclusion != nullptr);
    CHECK(std::get<VerdictGiven>(conclusion->event).verdict == Verdict::uncertain);
}

TEST_CASE("decide: untestable commits around the culprit leave a set, not a name", "[core]") {
    const auto world = truth(5);
    Drive drive{chain(8), [&world](const CommitId& commit, Purpose purpose, std::uint64_t attempt) {
                    if (commit == id(4) || commit == id(5)) return ends(Outcome::skip, "no build");
                    return world(commit, purpose, attempt);
                }};
    const BisectionEnded ended = drive.run();
    CHECK(ended.ending == Ending::inconclusive);
    CHECK(ended.commits == std::vector<CommitId>{id(4), id(5), id(6)});
}

TEST_CASE("decide: a proof that fails takes the name back", "[core]") {
    const auto world = truth(5);
    Drive drive{chain(8), [&world](const CommitId& commit, Purpose purpose, std::uint64_t attempt) {
                    if (purpose == Purpose::proof_parent)
                        return ends(Outcome::bad_looking, "it fails there too");
                    return world(commit, purpose, attempt);
                }};
    const BisectionEnded ended = drive.run();
    CHECK(ended.ending == Ending::inconclusive);
    CHECK(ended.commits == std::vector<CommitId>{id(5)});
    CHECK(ended.cause.find("the proof of its parent") != std::string::npos);
}

TEST_CASE("decide: an absent feature counts as the recipe says", "[core]") {
    const auto world = truth(6);
    Drive drive{chain(12),
                [&world](const CommitId& commit, Purpose purpose, std::uint64_t attempt) {
                    AttemptEnded ended = world(commit, purpose, attempt);
                    if (ended.outcome == Outcome::good_looking)
                        ended.outcome = Outcome::not_applicable;
                    return ended;
                }};
    drive.recipe.symptoms.front().on_not_applicable = OnNotApplicable::good;
    CHECK(drive.run().commits == std::vector<CommitId>{id(6)});
}

TEST_CASE("decide: an error of the recipe ends the bisection at once", "[core]") {
    Drive drive{chain(8), [](const CommitId&, Purpose, std::uint64_t) {
                    AttemptEnded ended = ends(Outcome::infrastructure, "patch x does not apply");
                    ended.ends_bisection = true;
                    return ended;
                }};
    const BisectionEnded ended = drive.run();
    CHECK(ended.ending == Ending::failed);
    CHECK(ended.cause == "patch x does not apply");
}

TEST_CASE("evolve: runs that are told twice are counted once", "[core]") {
    BisectionState state{};
    std::uint64_t seq = 0;
    auto tell = [&](const Event& event) { evolve(state, EventRecord{++seq, 1, 0, event, ""}); };
    tell(BisectionRequested{});
    tell(StepStarted{1, id(1), "s", Purpose::search, 1, {}});
    tell(AttemptStarted{1, 1, "b"});
    const std::vector<Run> first{{1, Look::clean, 0, 0, 5}, {2, Look::clean, 0, 0, 5}};
    const std::vector<Run> again{{2, Look::clean, 0, 0, 5}, {3, Look::hit, 1, 0, 5}};
    tell(RunsStarted{1, 1, "r1", "s", 9});
    tell(RunsRecorded{1, 1, first, "r1"});
    tell(RunsRecorded{1, 1, again, "r1"});
    const AttemptState& attempt = state.steps.front().attempts.front();
    CHECK(attempt.runs() == 3);
    CHECK(attempt.looks.at(Look::clean) == 2);
    CHECK(attempt.looks.at(Look::hit) == 1);
}

TEST_CASE("evolve: events of unknown steps and attempts change nothing", "[core]") {
    BisectionState state{};
    evolve(state, EventRecord{1, 1, 0, AttemptStarted{7, 1, "b"}, ""});
    evolve(state, EventRecord{2, 1, 0, RunsRecorded{7, 9, {}, ""}, ""});
    evolve(state,
           EventRecord{3, 1, 0, VerdictGiven{3, id(1), "s", Verdict::bad, "", -1, true}, ""});
    CHECK(state.steps.empty());
}
