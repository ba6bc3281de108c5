#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/asides.hpp"
#include "core/state.hpp"
#include "ports/control.hpp"

// What the API shows: the one place where its shapes are said. `to_json` (fields.hpp) writes them,
// `schema_of` (schema.hpp) describes them. Parts are added, never renamed or removed.

namespace bisectd {

/// One bisection in a few parts, for lists.
struct SummaryView {
    BisectionId id = 0;
    Activity activity = Activity::unknown;
    std::string title, repository, bad, recipe, board;
    std::vector<std::string> good, boards;
    std::uint64_t suspects_at_start = 0, suspects = 0, steps_done = 0;
    double confidence = 0;  ///< of the suspect that is named; 0: none is
    std::int64_t expected_end_ms_utc = 0;
    std::int64_t requested_ms_utc = 0, last_ms_utc = 0;
    std::string awaits_space;  ///< too little is free: what a person is asked; empty: there is some
    std::optional<BisectionEnded> ended;
    static void fields(auto&& visit, auto& self) {
        visit("id", self.id);
        visit("activity", self.activity);
        visit("title", self.title);
        visit("repository", self.repository);
        visit("bad", self.bad);
        visit("recipe", self.recipe);
        visit("board", self.board);
        visit("good", self.good);
        visit("boards", self.boards);
        visit("suspects_at_start", self.suspects_at_start);
        visit("suspects", self.suspects);
        visit("steps_done", self.steps_done);
        visit("confidence", self.confidence);
        visit("expected_end_ms_utc", self.expected_end_ms_utc);
        visit("requested_ms_utc", self.requested_ms_utc);
        visit("last_ms_utc", self.last_ms_utc);
        visit("awaits_space", self.awaits_space);
        visit("ended", self.ended);
    }
};

/// All batches of an attempt together.
struct BatchesView {
    std::string batch;  ///< the latest one's name
    std::uint64_t batches = 0;
    std::string symptom;
    std::uint64_t planned = 0;
    static void fields(auto&& visit, auto& self) {
        visit("batch", self.batch);
        visit("batches", self.batches);
        visit("symptom", self.symptom);
        visit("planned", self.planned);
    }
};

struct AttemptView {
    std::uint64_t number = 0;
    std::string board;
    std::int64_t started_ms_utc = 0, ended_ms_utc = 0;
    std::optional<TreePrepared> tree;
    std::optional<Built> built;
    std::optional<Deployed> deployed;
    std::optional<BootStarted> boot;
    std::optional<KernelProven> proven;
    std::optional<BatchesView> runs;
    std::uint64_t last_run = 0;
    std::map<Look, std::uint64_t> looks;
    bool withdrawn = false;
    std::optional<AttemptEnded> ended;
    static void fields(auto&& visit, auto& self) {
        visit("number", self.number);
        visit("board", self.board);
        visit("started_ms_utc", self.started_ms_utc);
        visit("ended_ms_utc", self.ended_ms_utc);
        visit("tree", self.tree);
        visit("built", self.built);
        visit("deployed", self.deployed);
        visit("boot", self.boot);
        visit("proven", self.proven);
        visit("runs", self.runs);
        visit("last_run", self.last_run);
        visit("looks", self.looks);
        visit("withdrawn", self.withdrawn);
        visit("ended", self.ended);
    }
};

struct StepView {
    std::uint64_t number = 0;
    CommitId commit;
    std::string subject;
    Purpose purpose = Purpose::search;
    std::uint64_t suspects = 0;
    std::int64_t started_ms_utc = 0, ended_ms_utc = 0;
    std::optional<VerdictGiven> verdict;
    std::vector<AttemptView> attempts;
    static void fields(auto&& visit, auto& self) {
        visit("number", self.number);
        visit("commit", self.commit);
        visit("subject", self.subject);
        visit("purpose", self.purpose);
        visit("suspects", self.suspects);
        visit("started_ms_utc", self.started_ms_utc);
        visit("ended_ms_utc", self.ended_ms_utc);
        visit("verdict", self.verdict);
        visit("attempts", self.attempts);
    }
};

/// A step that proves the culprit.
struct ProofView {
    std::uint64_t step = 0;
    Purpose purpose = Purpose::proof_culprit;
    CommitId commit;
    std::string subject;
    std::optional<Verdict> verdict;
    std::string rebuild;
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("purpose", self.purpose);
        visit("commit", self.commit);
        visit("subject", self.subject);
        visit("verdict", self.verdict);
        visit("rebuild", self.rebuild);
    }
};

struct ProgressView {
    std::string what;
    std::uint64_t done = 0, total = 0;
    std::string text, board;
    static void fields(auto&& visit, auto& self) {
        visit("what", self.what);
        visit("done", self.done);
        visit("total", self.total);
        visit("text", self.text);
        visit("board", self.board);
    }
};

/// The parts beside a summary's that make the whole of a bisection.
struct DetailView {
    std::optional<BisectionRequested> requested;
    std::optional<RangeResolved> range;
    std::string parked_ask, paused_why;
    std::optional<SuspectNamed> suspect;
    std::vector<StepView> steps;
    std::vector<ProofView> proof;
    std::vector<CommitJudged> judged;
    std::optional<Estimated> estimate;
    std::vector<BuildAheadStarted> building_ahead;
    std::uint64_t built_ahead = 0;
    std::vector<BoardQuarantined> quarantined;
    std::vector<ContradictionFound> contradictions;
    std::optional<PriorWeighed> prior;
    std::int64_t estimated_ms_utc = 0;  ///< when the estimate was made
    ProgressView progress;              ///< the first of those that go on
    std::vector<ProgressView> going_on;
    static void fields(auto&& visit, auto& self) {
        visit("requested", self.requested);
        visit("range", self.range);
        visit("parked_ask", self.parked_ask);
        visit("paused_why", self.paused_why);
        visit("suspect", self.suspect);
        visit("steps", self.steps);
        visit("proof", self.proof);
        visit("judged", self.judged);
        visit("estimate", self.estimate);
        visit("building_ahead", self.building_ahead);
        visit("built_ahead", self.built_ahead);
        visit("quarantined", self.quarantined);
        visit("contradictions", self.contradictions);
        visit("prior", self.prior);
        visit("estimated_ms_utc", self.estimated_ms_utc);
        visit("progress", self.progress);
        visit("going_on", self.going_on);
    }
};

/// The whole of a bisection.
struct BisectionView {
    SummaryView summary;
    DetailView detail;
    static void fields(auto&& visit, auto& self) {
        SummaryView::fields(visit, self.summary);
        DetailView::fields(visit, self.detail);
    }
};

struct BoardView {
    std::string name, kind, state;
    BisectionId holder = 0;
    std::vector<BisectionId> waiting;  ///< for the lease, in the order they will get it
    std::string ask;
    bool console = false;                            ///< it is captured
    std::uint64_t attempts = 0, infrastructure = 0;  ///< ended; and those that the lab spoiled
    std::int64_t last_ms_utc = 0;                    ///< its latest attempt began
    static void fields(auto&& visit, auto& self) {
        visit("name", self.name);
        visit("kind", self.kind);
        visit("state", self.state);
        visit("holder", self.holder);
        visit("waiting", self.waiting);
        visit("ask", self.ask);
        visit("console", self.console);
        visit("attempts", self.attempts);
        visit("infrastructure", self.infrastructure);
        visit("last_ms_utc", self.last_ms_utc);
    }
};

SummaryView summary_of(const BisectionState& state);
StepView step_of(const StepState& step);
ProgressView progress_of(const Progress& progress);
/// `going_on`: what goes on this moment, at each of its places.
BisectionView bisection_of(const BisectionState& state, const std::vector<Progress>& going_on);
/// Boards with what `bisections` tell of their health.
std::vector<BoardView> boards_of(const std::vector<BoardStatus>& boards,
                                 const std::vector<const BisectionState*>& bisections);

/// The steps that prove the culprit, oldest first; empty before the proof has begun.
std::vector<const StepState*> proof_steps(const BisectionState& state);
/// Suspects that were left when the last step began; the whole range before the first one.
std::uint64_t suspects_left(const BisectionState& state);
/// Steps that were given a verdict.
std::uint64_t steps_done(const BisectionState& state);

}  // namespace bisectd
