#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/agent_protocol.hpp"
#include "core/commit_id.hpp"
#include "core/recipe.hpp"
#include "core/storage_spec.hpp"
#include "ports/herald.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/mischief.hpp"

namespace bisectd::sim {

/// Commits are numbers here; 0 is the root and the good end.
CommitId id_of(unsigned commit);
unsigned number_of(const CommitId& id);

enum class Death { none, freeze, panic };

/// What one run of the reproducer does.
struct RunStory {
    int exit = 0;
    bool timeout = false;
    KernelLog klog = KernelLog::none;
    Death death = Death::none;  ///< the run takes the board with it
    std::string last_words;     ///< on the console, when it dies
};

enum class BootStory { comes_up, hangs, panics, no_network };

/// A kernel image, as a board knows it.
struct Kernel {
    std::string release;
    std::string build_id;
    BootStory boot = BootStory::comes_up;
    std::function<RunStory(unsigned run)> run;
    /// Instead of `run`, where it depends on what is run.
    std::function<RunStory(const std::string& command)> run_of;
};

/// What goes wrong, each as often as it says; then never again.
struct Faults {
    unsigned hanging_boots = 0;       ///< of test kernels
    unsigned panicking_boots = 0;     ///< of test kernels: falls back by itself
    unsigned forgotten_kernels = 0;   ///< the armed kernel is not booted
    unsigned wrong_kernels = 0;       ///< another test kernel is booted
    unsigned frozen_in_run = 0;       ///< number of the run
    unsigned lost_connection_in = 0;  ///< number of the run
    unsigned refused_after_that = 0;  ///< connections
    unsigned unmet_preconditions = 0;
    unsigned failing_uploads = 0;
    unsigned failing_power_cycles = 0;
    unsigned refused_power_on = 0;  ///< when it was off
    unsigned full_boot_folders = 0;
    unsigned failing_builds = 0;
    bool dead_fallback = false;  ///< until a person mends it
    /// One fault is used up. False: none was left.
    bool use(Fault fault);

  private:
    unsigned* counter(Fault fault);
};

/// One of several histories in the world, as a person bisects it.
struct Story {
    unsigned good = 0, bad = 0;  ///< numbers of the ends
    Recipe recipe;
};

/// The controller's disk, for everything that the daemon writes.
struct Disk {
    bool watched = false;  ///< the daemon is to leave `floor` free
    std::uint64_t free = 50'000'000'000, floor = 1'000'000'000;  ///< Unit: bytes
    bool is_low() const { return watched && free < floor; }
    /// Nothing can be written any more.
    bool is_full() const { return free == 0; }
};

/// What the test decides, and every fake looks at.
struct World {
    std::vector<std::vector<unsigned>> parents;  ///< of each commit
    unsigned culprit = 0;
    /// The rest of the story of a commit; changes the kernel that would be built.
    std::function<void(unsigned commit, Kernel& kernel)> changes;
    std::function<bool(unsigned commit)> builds;
    /// Whether a commit touches what is built; empty: each does. One that does not builds what its
    /// first parent builds.
    std::function<bool(unsigned commit)> touches_build;
    /// Takes the change of a commit back from a kernel; empty: only that of `culprit` matters.
    std::function<void(unsigned reverted, Kernel& kernel)> take_back;
    Faults faults;
    Disk disk;
    StorageSpec limits;  ///< of what is kept
    Mischief mischief;
    Recipe recipe;
    std::map<std::string, std::string> files;  ///< of every commit's tree, by path
    std::string message;                       ///< of every commit, below its subject
    std::set<std::string> broken_files;        ///< boards whose file cannot be read
    Herald* herald = nullptr;                  ///< outlives every daemon
    /// By repository, and by the name of their recipe. Where there is none, all commits are one
    /// history, bisected with `recipe`.
    std::map<std::string, Story> stories;
    unsigned estimate_games = 1;  ///< see Lab
    std::chrono::milliseconds prepare_takes{0};
    bool has_power = true;
    bool power_stays_off = true;  ///< false: the switch can only cycle
    bool has_console = true;
    /// The daemon was killed: nothing it does has an effect any more.
    bool daemon_dead = false;

    std::map<unsigned, unsigned> builds_made;  ///< by commit
    Ledger ledger;

    /// One chance for a fault, of those that were ordered and those that are drawn.
    bool strikes(Fault fault, const std::string& where = "");
    /// One chance that somebody else's files fill the disk, nearly or to the last byte.
    void disk_may_fill(const std::string& where);
    Story story(const std::string& repository) const;
    /// By its name or its folder; null: there is none.
    const Recipe* find_recipe(const std::string& name) const;

    /// A straight line: `last` is the bad end.
    static World line(unsigned last, unsigned culprit);
    bool has_bug(unsigned commit) const;
    /// The commit whose binary this one has.
    unsigned content_of(unsigned commit) const;
    Kernel kernel(unsigned commit) const;
    /// The same with the change of another commit taken back.
    Kernel kernel_without(unsigned commit, unsigned reverted) const;
};

}  // namespace bisectd::sim
