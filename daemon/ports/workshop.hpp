#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/artefact.hpp"
#include "core/build_inputs.hpp"
#include "core/error.hpp"
#include "core/recipe.hpp"
#include "core/request.hpp"
#include "ports/finding.hpp"
#include "ports/progress.hpp"
#include "ports/room.hpp"
#include "ports/task.hpp"

namespace bisectd {

/// What is to be built. "The bad end with the culprit taken back" is the bad end's own order with
/// one patch more at the end of `patches`: `commit` the culprit, `reverse` true. Key, release and
/// stack digest then tell it apart; where it cannot be taken back (a merge, text that later
/// commits built on, a change that is not there any more) `prepare` gives a PatchConflict.
struct BuildOrder {
    BisectionId bisection = 0;
    std::string mirror;  ///< bare repository that has the commit
    CommitId commit;
    std::string tree;            ///< id of the commit's tree object
    std::vector<Patch> patches;  ///< chosen for this commit, in order
    BuildSpec spec;
    std::string recipe_folder;  ///< frozen copy; patches and fragments are read from here
    std::string log;            ///< file that gets all output; appended
    /// Localversion of an earlier build of the same key, so that a rebuild can be identical.
    std::string localversion;
};

/// A fresh checkout, proven clean, with the patch stack on it.
struct PreparedTree {
    std::string source;  ///< folder
    std::string output;  ///< fresh and empty folder
    std::string stack_digest;
    std::vector<std::string> patches;  ///< one sentence a patch
};

/// A patch of the stack that was needed did not apply.
struct PatchConflict {
    std::string patch;
    std::string reject;  ///< what git said, bounded
    OnConflict policy = OnConflict::skip;
};

/// The compiler said no: a fact about the commit.
struct BuildRefusal {
    std::string excerpt;  ///< first error lines of the log, bounded
};

/// A list that is kept, as it was frozen.
struct FrozenList {
    std::string file;  ///< absolute
    std::string sha256;
};

/// One artefact as it lies in the store.
struct StoredArtefact {
    std::string key;
    CommitId commit;          ///< it was built for first
    std::string release;      ///< kernel: what `uname -r` says
    std::uint64_t bytes = 0;  ///< all its files
    std::int64_t used_ms_utc = 0;
    static void fields(auto&& visit, auto& self) {
        visit("key", self.key);
        visit("commit", self.commit);
        visit("release", self.release);
        visit("bytes", self.bytes);
        visit("used_ms_utc", self.used_ms_utc);
    }
};

/// What is kept so that nothing is built twice.
struct Stock {
    std::vector<StoredArtefact> artefacts;  ///< last used first
    std::uint64_t bytes = 0, limit_bytes = 0;
    /// Of the compiler cache, since it was made; all 0 where there is none.
    std::uint64_t cache_hits = 0, cache_misses = 0, cache_bytes = 0;
    static void fields(auto&& visit, auto& self) {
        visit("artefacts", self.artefacts);
        visit("bytes", self.bytes);
        visit("limit_bytes", self.limit_bytes);
        visit("cache_hits", self.cache_hits);
        visit("cache_misses", self.cache_misses);
        visit("cache_bytes", self.cache_bytes);
    }
};

/// An artefact that was removed, and why.
struct EvictedArtefact {
    StoredArtefact artefact;
    std::string why;
};

using PrepareResult = std::variant<PreparedTree, PatchConflict>;
using BuildResult = std::variant<Artefact, BuildRefusal>;

/// Where clean builds are made and kept. One build at a time.
/// Errors everywhere: infrastructure for the machine's faults (disk full, killed, no memory),
/// request when the recipe is wrong (required option missing at this commit is a BuildRefusal,
/// a fragment that does not exist is a request error), cancelled.
class Workshop {
  public:
    virtual ~Workshop() = default;
    /// The key of what would be built. Reads files and asks the tool chain for its version.
    virtual Task<Result<std::string>> key(BuildOrder order) = 0;
    /// What the store holds under this key, by its manifest; its files have their sizes.
    virtual std::optional<Artefact> find(const std::string& key) = 0;
    /// The same, to be put on a board: every file was read and has its digest. Nothing when one was
    /// changed, so that it is built again.
    virtual Task<std::optional<Artefact>> take(std::string key) = 0;
    /// What the artefact's build read of the source tree; empty inputs: nothing is known (it is no
    /// kernel, or older than the list). Errors: infrastructure.
    virtual Result<BuildInputs> inputs(const Artefact& artefact) = 0;
    /// Keeps a list of commits beside the frozen recipe, one full id a line, made durable; the
    /// same call again replaces it. Errors: infrastructure.
    virtual Result<FrozenList> freeze_commits(BisectionId bisection, const std::string& name,
                                              const std::vector<CommitId>& commits) = 0;
    /// The list again. Errors: infrastructure when it is not there or not what was frozen.
    virtual Result<std::vector<CommitId>> frozen_commits(const FrozenList& list) = 0;
    /// Fresh checkout and fresh output folder; whatever stood there before is gone.
    virtual Task<Result<PrepareResult>> prepare(BuildOrder order) = 0;
    /// Builds the prepared tree in its own process group, with the deadline of the spec.
    /// After it: the tracked tree still equals commit + stack (else infrastructure error).
    /// The artefact is in the store when it returns; an artefact that is there already under
    /// this key is kept when the new one has equal digests, and replaced otherwise.
    virtual Task<Result<BuildResult>> build(BuildOrder order, PreparedTree tree,
                                            ProgressSink progress) = 0;
    /// Runs the recipe's `prepare` command in a copy of the recipe folder; returns that folder.
    /// Repeatable; does nothing when it was done for this digest.
    virtual Task<Result<std::string>> prepare_reproducer(BisectionId bisection, Recipe recipe) = 0;
    /// Copies the recipe's folder for a bisection that is being started, so that later edits change
    /// nothing. The copy takes the place of one that an earlier start of this id has left.
    virtual Result<std::string> freeze_recipe(BisectionId bisection, const Recipe& recipe) = 0;
    /// What a build of this kind needs on the controller: programs, compiler, disk. For doctor.
    virtual Task<std::vector<Finding>> examine(BuildSpec spec) = 0;
    /// How this recipe's builds are kept from the rest of this machine, as a sentence for the
    /// journal; empty: nothing to say. Errors: infrastructure when nothing may be built here.
    virtual Task<Result<std::string>> confinement(Recipe recipe) = 0;
    /// What the store and the compiler cache hold. Errors: infrastructure.
    virtual Task<Result<Stock>> stock() = 0;
    /// The disks that it writes to and on which space is to be left free; none: nobody wants that.
    virtual std::vector<Room> rooms() = 0;
    /// Removes artefacts that were not used for longest, until the store keeps to its limits and
    /// what is missing will be free. That takes its time: while it goes on nothing more is removed
    /// for what is missing.
    /// Errors: infrastructure.
    virtual Result<std::vector<EvictedArtefact>> evict(const Eviction& eviction) = 0;
    /// Log file for a step and attempt.
    virtual std::string log_path(BisectionId bisection, std::uint64_t step,
                                 std::uint64_t attempt) const = 0;
};

}  // namespace bisectd
