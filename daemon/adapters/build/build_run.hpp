#pragma once
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/build/build_log.hpp"
#include "adapters/build/place.hpp"
#include "adapters/build/sandbox.hpp"
#include "adapters/process/process.hpp"
#include "ports/workshop.hpp"

namespace bisectd::build {

/// A step of a build ended well (nothing), or the compiler said no.
using StepResult = std::optional<BuildRefusal>;

/// The commands of one build: they share a log, a deadline, an environment and the count of what
/// was compiled.
class BuildRun {
  public:
    BuildRun(const Place& place, Sandbox& sandbox, const BuildOrder& order,
             const PreparedTree& tree, ProgressSink progress);

    /// Runs a command in the output folder.
    /// It sees the builder's folders, the compiler cache and the recipe, and nothing else of ours.
    /// Errors: infrastructure for everything that is the machine's fault: killed, no memory, disk
    /// full, program missing, deadline; cancelled.
    Task<Result<StepResult>> step(std::vector<std::string> command);

    /// Writes a sentence of our own into the log.
    void note(const std::string& sentence) const;
    /// Remembers how many steps a whole build has, for the progress of the next.
    void learn_total() const;
    /// How many compilations came from the compiler cache, as a sentence; empty: none was asked.
    std::string cache_sentence() const;
    unsigned jobs() const;
    double seconds() const;

    std::map<std::string, std::string> environment;

  private:
    std::string count_file() const;
    View view() const;
    Result<StepResult> judge(const std::string& name, const Confined& command,
                             const ProcessEnd& end, const BuildLog& log) const;
    const Place& place_;
    Sandbox& sandbox_;
    const BuildOrder& order_;
    const PreparedTree& tree_;
    ProgressSink progress_;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    std::uint64_t steps_ = 0;
    std::uint64_t total_ = 0;
};

/// The real path of `name`, a file below `folder`.
/// Nothing in the Result when no such file is there.
/// Errors: request when it has "..", is absolute, or a link leads out of the folder.
Result<std::optional<std::string>> file_below(const std::string& folder, const std::string& name);

}  // namespace bisectd::build
