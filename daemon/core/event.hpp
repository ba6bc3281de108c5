#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/commit_id.hpp"
#include "core/outcome.hpp"
#include "core/request.hpp"

namespace bisectd {

// The journal's words. Each event is past tense, has a `kind` that is never renamed, a `version`,
// and `fields`, which names its parts for whoever stores or shows them (one list, both directions).
// Numbers of steps and attempts start at 1 within their bisection and their step.

/// One bisection was asked for. `recipe_digest` pins the frozen copy of the recipe.
/// Everything it rests on is frozen: later edits of the recipe change nothing.
struct BisectionRequested {
    static constexpr std::string_view kind = "bisection_requested";
    StartRequest request;
    std::string recipe_folder;  ///< the frozen copy
    std::string recipe_digest;
    std::uint64_t seed = 0;
    static void fields(auto&& visit, auto& self) {
        visit("request", self.request);
        visit("recipe_folder", self.recipe_folder);
        visit("recipe_digest", self.recipe_digest);
        visit("seed", self.seed);
    }
};

/// The names of the request were resolved to commits.
struct RangeResolved {
    static constexpr std::string_view kind = "range_resolved";
    CommitId bad;
    std::vector<CommitId> good;
    std::vector<CommitId> merge_bases;  ///< of good ends that are no ancestors of bad
    std::uint64_t suspects = 0;
    static void fields(auto&& visit, auto& self) {
        visit("bad", self.bad);
        visit("good", self.good);
        visit("merge_bases", self.merge_bases);
        visit("suspects", self.suspects);
    }
};

struct StepStarted {
    static constexpr std::string_view kind = "step_started";
    std::uint64_t step = 0;
    CommitId commit;
    std::string subject;
    Purpose purpose = Purpose::search;
    std::uint64_t suspects = 0;  ///< left at this moment
    CommitId reverted;           ///< the change that is taken back on it; null: none
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("commit", self.commit);
        visit("subject", self.subject);
        visit("purpose", self.purpose);
        visit("suspects", self.suspects);
        visit("reverted", self.reverted);
    }
};

struct AttemptStarted {
    static constexpr std::string_view kind = "attempt_started";
    std::uint64_t step = 0;
    std::uint64_t attempt = 0;
    std::string board;
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("attempt", self.attempt);
        visit("board", self.board);
    }
};

/// The tree was checked out, found clean, and the patch stack laid on it.
struct TreePrepared {
    static constexpr std::string_view kind = "tree_prepared";
    std::uint64_t step = 0, attempt = 0;
    std::string tree;                  ///< id of the commit's tree object
    std::string stack_digest;          ///< empty: no patch
    std::vector<std::string> patches;  ///< "NAME applied", "NAME already in the tree", ...
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("attempt", self.attempt);
        visit("tree", self.tree);
        visit("stack_digest", self.stack_digest);
        visit("patches", self.patches);
    }
};

/// A build was begun (intent), writing to `log`.
struct BuildStarted {
    static constexpr std::string_view kind = "build_started";
    std::uint64_t step = 0, attempt = 0;
    std::string key;
    std::string log;
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("attempt", self.attempt);
        visit("key", self.key);
        visit("log", self.log);
    }
};

/// An artefact is there, built now or found in the store.
struct Built {
    static constexpr std::string_view kind = "built";
    std::uint64_t step = 0, attempt = 0;
    std::string key;
    bool from_store = false;
    std::string image_sha256;
    std::string build_id;
    std::string release;
    double seconds = 0;
    std::vector<std::string> drift;  ///< options that olddefconfig changed or dropped
    /// What a rebuild of a stored artefact showed: "", "identical" or "different".
    std::string rebuild;
    /// SHA-256 of the binary without its name (release, build-id): equal for commits that differ
    /// in nothing that is built. Empty: not known.
    std::string content_sha256;
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("attempt", self.attempt);
        visit("key", self.key);
        visit("from_store", self.from_store);
        visit("image_sha256", self.image_sha256);
        visit("build_id", self.build_id);
        visit("release", self.release);
        visit("seconds", self.seconds);
        visit("drift", self.drift);
        visit("rebuild", self.rebuild);
        visit("content_sha256", self.content_sha256);
    }
};

/// The artefact is on the board, its digest checked there, and armed for one boot.
struct Deployed {
    static constexpr std::string_view kind = "deployed";
    std::uint64_t step = 0, attempt = 0;
    std::string path;
    std::uint64_t bytes = 0;
    double seconds = 0;
    std::vector<std::string> removed;  ///< own old kernels
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("attempt", self.attempt);
        visit("path", self.path);
        visit("bytes", self.bytes);
        visit("seconds", self.seconds);
        visit("removed", self.removed);
    }
};

/// A boot was asked for (intent); the board ran with `boot_id_before`.
struct BootStarted {
    static constexpr std::string_view kind = "boot_started";
    std::uint64_t step = 0, attempt = 0;
    std::string boot_id_before;
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("attempt", self.attempt);
        visit("boot_id_before", self.boot_id_before);
    }
};

/// The running kernel was proven to be the artefact (build-id and release), on a new boot.
struct KernelProven {
    static constexpr std::string_view kind = "kernel_proven";
    std::uint64_t step = 0, attempt = 0;
    std::string boot_id;
    std::string build_id;
    std::string release;
    double boot_seconds = 0;
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("attempt", self.attempt);
        visit("boot_id", self.boot_id);
        visit("build_id", self.build_id);
        visit("release", self.release);
        visit("boot_seconds", self.boot_seconds);
    }
};

/// The agent was told to run the reproducer (intent); `batch` names the job on the board.
struct RunsStarted {
    static constexpr std::string_view kind = "runs_started";
    std::uint64_t step = 0, attempt = 0;
    std::string batch;
    std::string symptom;
    std::uint64_t planned = 0;
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("attempt", self.attempt);
        visit("batch", self.batch);
        visit("symptom", self.symptom);
        visit("planned", self.planned);
    }
};

/// One execution of the reproducer.
struct Run {
    std::uint64_t run = 0;  ///< number within its batch, from 1
    Look look = Look::void_run;
    int exit = 0;
    int signal = 0;
    std::uint64_t ms = 0;
    static void fields(auto&& visit, auto& self) {
        visit("run", self.run);
        visit("look", self.look);
        visit("exit", self.exit);
        visit("signal", self.signal);
        visit("ms", self.ms);
    }
};

struct RunsRecorded {
    static constexpr std::string_view kind = "runs_recorded";
    std::uint64_t step = 0, attempt = 0;
    std::vector<Run> runs;
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("attempt", self.attempt);
        visit("runs", self.runs);
    }
};

/// The job ended as ordered; the attempt is still open and may get another batch of runs.
struct RunsEnded {
    static constexpr std::string_view kind = "runs_ended";
    std::uint64_t step = 0, attempt = 0;
    std::string batch;
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("attempt", self.attempt);
        visit("batch", self.batch);
    }
};

struct AttemptEnded {
    static constexpr std::string_view kind = "attempt_ended";
    std::uint64_t step = 0, attempt = 0;
    Rung rung = Rung::check_out;  ///< the last one it stood on
    Outcome outcome = Outcome::infrastructure;
    std::string cause;  ///< a sentence
    bool board_needs_recovery = false;
    bool ends_bisection = false;  ///< the recipe or request is wrong: no other attempt helps
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("attempt", self.attempt);
        visit("rung", self.rung);
        visit("outcome", self.outcome);
        visit("cause", self.cause);
        visit("board_needs_recovery", self.board_needs_recovery);
        visit("ends_bisection", self.ends_bisection);
    }
};

struct VerdictGiven {
    static constexpr std::string_view kind = "verdict_given";
    std::uint64_t step = 0;
    CommitId commit;
    std::string symptom;
    Verdict verdict = Verdict::uncertain;
    std::string cause;
    double bad_probability = -1;  ///< as it was seen then; -1: not said
    bool closes = true;           ///< the step ends with it; others of its symptoms came before
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("commit", self.commit);
        visit("symptom", self.symptom);
        visit("verdict", self.verdict);
        visit("cause", self.cause);
        visit("bad_probability", self.bad_probability);
        visit("closes", self.closes);
    }
};

/// A person gave, corrected or withdrew (`withdrawn`) a verdict; the latest one counts. What the
/// boards showed at this commit counts no more while it stands.
struct CommitJudged {
    static constexpr std::string_view kind = "commit_judged";
    CommitId commit;
    std::string symptom;  ///< empty: every symptom
    Verdict verdict = Verdict::uncertain;
    bool withdrawn = false;
    std::string why;  ///< hostile text
    static void fields(auto&& visit, auto& self) {
        visit("commit", self.commit);
        visit("symptom", self.symptom);
        visit("verdict", self.verdict);
        visit("withdrawn", self.withdrawn);
        visit("why", self.why);
    }
};

/// What an attempt showed is not believed any more; it stays on record.
struct EvidenceWithdrawn {
    static constexpr std::string_view kind = "evidence_withdrawn";
    std::uint64_t step = 0, attempt = 0;
    std::string why;
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("attempt", self.attempt);
        visit("why", self.why);
    }
};

/// Two findings that cannot both be true; both are tested again.
struct ContradictionFound {
    static constexpr std::string_view kind = "contradiction_found";
    CommitId bad;   ///< was found bad
    CommitId good;  ///< was found good, and has `bad` among its ancestors
    std::string symptom;
    std::string cause;
    static void fields(auto&& visit, auto& self) {
        visit("bad", self.bad);
        visit("good", self.good);
        visit("symptom", self.symptom);
        visit("cause", self.cause);
    }
};

/// This bisection does not use the board any more: it cannot tell good from bad.
struct BoardQuarantined {
    static constexpr std::string_view kind = "board_quarantined";
    std::string board;
    std::string why;
    static void fields(auto&& visit, auto& self) {
        visit("board", self.board);
        visit("why", self.why);
    }
};

/// A commit is built before a board needs it (intent). `build` numbers these from 1.
struct BuildAheadStarted {
    static constexpr std::string_view kind = "build_ahead_started";
    std::uint64_t build = 0;
    CommitId commit;
    std::string subject;  ///< hostile text
    static void fields(auto&& visit, auto& self) {
        visit("build", self.build);
        visit("commit", self.commit);
        visit("subject", self.subject);
    }
};

struct BuildAheadEnded {
    static constexpr std::string_view kind = "build_ahead_ended";
    std::uint64_t build = 0;
    CommitId commit;
    /// good-looking: the artefact is in the store. skip: the compiler or a patch said no.
    /// bad-looking: so it did, and the recipe hunts that. infrastructure: nothing is known.
    Outcome outcome = Outcome::infrastructure;
    std::string key;
    bool from_store = false;
    double seconds = 0;
    std::string cause;
    static void fields(auto&& visit, auto& self) {
        visit("build", self.build);
        visit("commit", self.commit);
        visit("outcome", self.outcome);
        visit("key", self.key);
        visit("from_store", self.from_store);
        visit("seconds", self.seconds);
        visit("cause", self.cause);
    }
};

/// Which suspects touch no file that the bad end is built from was found out. They are listed, a
/// full id a line, in `file`, frozen like the recipe.
struct PriorWeighed {
    static constexpr std::string_view kind = "prior_weighed";
    std::string file;
    std::string sha256;
    std::uint64_t suspects = 0;
    std::uint64_t unlikely = 0;  ///< lines of `file`
    static void fields(auto&& visit, auto& self) {
        visit("file", self.file);
        visit("sha256", self.sha256);
        visit("suspects", self.suspects);
        visit("unlikely", self.unlikely);
    }
};

/// What the bisection was expected to take, said at this moment.
struct Estimated {
    static constexpr std::string_view kind = "estimated";
    std::string when;              ///< "start", "calibrated"
    double seconds = 0;            ///< still to go
    double steps = 0;              ///< commits still to boot
    double runs = 0;               ///< runs still to go
    double failure_rate = 0;       ///< of one run on a bad commit, as believed
    double good_verdict_runs = 0;  ///< runs that a good verdict takes
    static void fields(auto&& visit, auto& self) {
        visit("when", self.when);
        visit("seconds", self.seconds);
        visit("steps", self.steps);
        visit("runs", self.runs);
        visit("failure_rate", self.failure_rate);
        visit("good_verdict_runs", self.good_verdict_runs);
    }
};

/// The search for one symptom came to its end; others may go on.
struct SymptomEnded {
    static constexpr std::string_view kind = "symptom_ended";
    std::string symptom;
    Ending ending = Ending::failed;
    std::vector<CommitId> commits;
    double confidence = 0;
    std::string cause;
    static void fields(auto&& visit, auto& self) {
        visit("symptom", self.symptom);
        visit("ending", self.ending);
        visit("commits", self.commits);
        visit("confidence", self.confidence);
        visit("cause", self.cause);
    }
};

/// One suspect is left (or weighs enough): it is named, and proven before it is called the culprit.
struct SuspectNamed {
    static constexpr std::string_view kind = "suspect_named";
    CommitId commit;
    std::string subject;  ///< hostile text
    std::string author;   ///< hostile text
    std::vector<CommitId> parents;
    std::string symptom;             ///< empty: the recipe's only one
    double confidence = 0;           ///< that it is the culprit, before its proof
    std::vector<std::string> flags;  ///< what makes it suspicious as a culprit, a sentence each
    static void fields(auto&& visit, auto& self) {
        visit("commit", self.commit);
        visit("subject", self.subject);
        visit("author", self.author);
        visit("parents", self.parents);
        visit("symptom", self.symptom);
        visit("confidence", self.confidence);
        visit("flags", self.flags);
    }
};

/// A rung of the recovery ladder of a board was tried.
struct RecoveryTried {
    static constexpr std::string_view kind = "recovery_tried";
    std::string board;
    std::string rung;  ///< "new session", "agent reboot", "sysrq", "power cycle", "cold wait"
    bool worked = false;
    std::string detail;
    static void fields(auto&& visit, auto& self) {
        visit("board", self.board);
        visit("rung", self.rung);
        visit("worked", self.worked);
        visit("detail", self.detail);
    }
};

/// The board runs its known-good kernel again, proven.
struct BoardRecovered {
    static constexpr std::string_view kind = "board_recovered";
    std::string board;
    std::string boot_id;
    static void fields(auto&& visit, auto& self) {
        visit("board", self.board);
        visit("boot_id", self.boot_id);
    }
};

/// Nothing helped: a person is needed. The bisection waits for `board_returned`.
struct BoardParked {
    static constexpr std::string_view kind = "board_parked";
    std::string board;
    std::string ask;  ///< what the person should check, and how to go on
    static void fields(auto&& visit, auto& self) {
        visit("board", self.board);
        visit("ask", self.ask);
    }
};

/// A person said that the board can be used again.
struct BoardReturned {
    static constexpr std::string_view kind = "board_returned";
    std::string board;
    static void fields(auto&& visit, auto& self) { visit("board", self.board); }
};

struct BisectionPaused {
    static constexpr std::string_view kind = "bisection_paused";
    std::string why;
    static void fields(auto&& visit, auto& self) { visit("why", self.why); }
};

struct BisectionResumed {
    static constexpr std::string_view kind = "bisection_resumed";
    static void fields(auto&&, auto&) {}
};

struct BisectionEnded {
    static constexpr std::string_view kind = "bisection_ended";
    Ending ending = Ending::failed;
    std::vector<CommitId> commits;  ///< the culprit, or the suspects that are left
    std::string cause;              ///< in plain words, with the proof
    static void fields(auto&& visit, auto& self) {
        visit("ending", self.ending);
        visit("commits", self.commits);
        visit("cause", self.cause);
    }
};

/// Something a person should know that changes nothing.
struct Noted {
    static constexpr std::string_view kind = "noted";
    std::string text;
    static void fields(auto&& visit, auto& self) { visit("text", self.text); }
};

using Event = std::variant<BisectionRequested, RangeResolved, StepStarted, AttemptStarted,
                           TreePrepared, BuildStarted, Built, Deployed, BootStarted, KernelProven,
                           RunsStarted, RunsRecorded, RunsEnded, AttemptEnded, VerdictGiven,
                           CommitJudged, EvidenceWithdrawn, ContradictionFound, BoardQuarantined,
                           BuildAheadStarted, BuildAheadEnded, PriorWeighed, Estimated,
                           SymptomEnded, SuspectNamed, RecoveryTried, BoardRecovered, BoardParked,
                           BoardReturned, BisectionPaused, BisectionResumed, BisectionEnded, Noted>;

std::string_view kind(const Event& event);

/// An event with its place in the journal.
struct EventRecord {
    std::uint64_t seq = 0;  ///< over all bisections, rising
    BisectionId bisection = 0;
    std::int64_t at_ms_utc = 0;
    Event event;
    std::string body;  ///< the event's fields as JSON, as stored
};

}  // namespace bisectd
