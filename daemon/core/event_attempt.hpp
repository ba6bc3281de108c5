#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/commit_id.hpp"
#include "core/outcome.hpp"

namespace bisectd {

// What happens on the ladder: attempts, their builds and runs, and builds ahead of them.

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
    /// "gcc (Debian 12.2.0-14) 12.2.0": what the compiler says of itself. Empty: not known.
    std::string compiler;
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
        visit("compiler", self.compiler);
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
    std::string batch;
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("attempt", self.attempt);
        visit("runs", self.runs);
        visit("batch", self.batch);
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
    /// What it would have shown is not wanted any more: nobody is to blame, its commit least of
    /// all, and what it had shown by then counts.
    bool stopped = false;
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("attempt", self.attempt);
        visit("rung", self.rung);
        visit("outcome", self.outcome);
        visit("cause", self.cause);
        visit("board_needs_recovery", self.board_needs_recovery);
        visit("ends_bisection", self.ends_bisection);
        visit("stopped", self.stopped);
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

}  // namespace bisectd
