#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/build/build_log.hpp"
#include "adapters/build/limits.hpp"
#include "adapters/process/process.hpp"
#include "core/confinement.hpp"
#include "core/error.hpp"
#include "ports/finding.hpp"
#include "ports/task.hpp"

namespace bisectd::build {

/// What one command may see beside the system's programs, and change. All paths are absolute, of
/// folders that exist, and the same inside: compilers write paths into what they make.
struct View {
    std::vector<std::string> writable;
    std::vector<std::string> readable;
    std::string scratch;   ///< the folder that is /tmp inside; empty: one in memory
    bool network = false;  ///< the recipe asks for it
};

/// A command as it is started.
struct Confined {
    ProcessSpec process;
    bool inside = false;      ///< in a sandbox
    std::uint64_t kills = 0;  ///< Limits::kills() before it
};

/// Runs commands that come from a repository, a patch or a recipe with bubblewrap: they see the
/// system's programs read-only and nothing else of this machine; no network, no other process, no
/// home, no file of the daemon. Hides bubblewrap.
/// Where the configuration does not require it and it does not work, they run as they are.
class Sandbox {
  public:
    /// `folder`: for small files of its own, made when needed. `hidden`: folders that are never
    /// seen inside, though something above them is.
    Sandbox(ConfinementSpec spec, std::string folder, std::vector<std::string> hidden);

    /// Takes the control group for builds. To be called before the first child is started.
    void take_control_group() { limits_.take_control_group(); }

    /// Tries it: whether it works, and what to do when it does not.
    Task<Finding> examine();
    /// How a command with this wish for the network is run, as a sentence about a build.
    /// Errors: infrastructure when the configuration requires a sandbox and it does not work.
    Task<Result<std::string>> sentence(bool asks_for_network);
    /// Errors: as `sentence`; and when its small files cannot be written.
    Task<Result<Confined>> confine(ProcessSpec command, View view);
    /// Whether a command finds this program at its place inside.
    Task<bool> sees(std::string program);

    /// Nothing, when a command that failed has only itself to blame.
    std::optional<std::string> fault(const Confined& command, const ProcessEnd& end,
                                     const BuildLog& log) const;
    const Limits& limits() const { return limits_; }

  private:
    /// Whether it is used; in an error, why it cannot be.
    Task<Result<bool>> works();
    Task<std::string> try_out();
    bool has_network(bool asked) const;
    std::vector<std::string> arguments(const View& view, bool nesting) const;
    std::vector<std::string> shown() const;
    /// Where a folder of this machine can be seen inside, through links too.
    std::set<std::string> places_inside(const std::string& folder) const;

    ConfinementSpec spec_;
    std::string folder_;
    std::vector<std::string> hidden_;
    Limits limits_;
    bool works_ = false;    ///< it was tried, with success
    bool nesting_ = false;  ///< inside, further user namespaces cannot be forbidden here
    std::string problem_;   ///< of the last trial
};

}  // namespace bisectd::build
