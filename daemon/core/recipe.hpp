#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bisectd {

/// What to do when a patch of the stack that is needed does not apply.
enum class OnConflict {
    skip,   ///< the commit cannot be tested
    abort,  ///< the bisection ends: the recipe is wrong
    drop,   ///< go on without the patch, noted
};

/// When a patch is needed: on commits whose history has `has` and lacks `lacks`.
/// Each is a commit id, a subject line, or "patch-id:HEX". Both empty: always.
struct PatchCondition {
    std::optional<std::string> has;
    std::optional<std::string> lacks;
};

/// One patch of the stack: a file beside the recipe, or a commit to cherry-pick.
struct Patch {
    std::string file;    ///< relative to the recipe folder; empty when `commit` is given
    std::string commit;  ///< any name that git resolves; empty when `file` is given
    PatchCondition when;
    OnConflict on_conflict = OnConflict::skip;
    /// The commit's change is taken back instead of made. No recipe can say this: it is for the
    /// proof of a culprit.
    bool reverse = false;
};

enum class BuildKind {
    kernel,   ///< a Linux kernel: config, olddefconfig, make
    command,  ///< any command that leaves files behind
};

struct BuildSpec {
    BuildKind kind = BuildKind::kernel;
    std::string arch;                       ///< kernel: ARCH
    std::string cross_compile;              ///< kernel: CROSS_COMPILE
    std::string base_config = "defconfig";  ///< kernel: a make target, or "file:NAME" in the folder
    std::vector<std::string> fragments;     ///< kernel: config files laid over the base, in order
    std::vector<std::string> required;      ///< kernel: lines that must be in the final .config
    std::vector<std::string> targets;       ///< kernel: make targets
    std::string image;                      ///< kernel: the image, relative to the output folder
    std::string command;                    ///< command: run by sh in the output folder, with
                                            ///< $SOURCE, $OUTPUT, $JOBS, $COMMIT, $RECIPE set
    std::vector<std::string> artefacts;     ///< command: files, relative to the output folder
    std::map<std::string, std::string> environment;
    std::chrono::seconds deadline{3600};
    unsigned jobs = 0;            ///< 0: as many as the machine has processors
    bool network = false;         ///< the build may use it
    bool failure_is_bad = false;  ///< the recipe hunts build failures
};

/// What reproduces the bug, and how it gets to the board.
struct Reproducer {
    std::string prepare;   ///< run once by sh on the controller in a copy of the recipe folder
    bool network = false;  ///< `prepare` may use it
    std::vector<std::string> files;          ///< pushed to the board's job folder
    std::vector<std::string> preconditions;  ///< run on the board first; each must exit 0
};

enum class OnBootFailure { skip, bad };

struct BootSpec {
    std::chrono::seconds deadline{180};
    OnBootFailure on_failure = OnBootFailure::skip;
    /// Where boot failures are hunted: only those whose console matches this (empty: all).
    std::string failure_pattern;
};

/// What a lost board without any evidence means.
enum class OnHang { retry, bad, skip };
/// What it means that the tested feature does not exist in this kernel.
enum class OnNotApplicable { good, skip, bad };

/// What a reproducer looks for.
struct Symptom {
    std::string name;
    std::string command;                ///< run by sh in the job folder on the board
    std::uint32_t runs = 0;             ///< at most so many in one order; 0: as the engine decides
    std::chrono::seconds seconds{0};    ///< at most so long in one order; 0: no limit
    std::chrono::seconds deadline{60};  ///< of one run
    std::vector<int> bad_exit{1};
    std::vector<int> good_exit{0};
    std::vector<int> not_applicable_exit{77};
    std::string good_pattern;  ///< extended regular expression in the run's output
    std::string bad_pattern;
    std::string kernel_log_pattern;  ///< extended regular expression in the kernel log
    bool deadline_is_bad = false;    ///< a run that does not end in time is the symptom
    bool stop_at_first_hit = true;
    bool boot_decides = false;     ///< the failure depends on the boot: a boot counts as one run
    bool never_by_chance = false;  ///< a good commit cannot show it
    OnHang on_hang = OnHang::retry;
    OnNotApplicable on_not_applicable = OnNotApplicable::good;
};

/// How to build, boot, reproduce and judge.
struct Recipe {
    std::string name;
    std::string title;
    BuildSpec build;
    std::vector<Patch> patches;
    Reproducer reproducer;
    BootSpec boot;
    std::vector<Symptom> symptoms;  ///< at least one
    bool revert_proof = true;       ///< the proof includes the bad end with the culprit reverted
    std::string folder;             ///< absolute path of the folder it was read from
    std::string digest;  ///< SHA-256 over all files of the folder (names and contents, sorted)
};

}  // namespace bisectd
