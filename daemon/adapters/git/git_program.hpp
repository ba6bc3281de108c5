#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "adapters/process/process.hpp"
#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd::git {

/// How the `git` program is run: with our configuration file in place of the system's and the
/// user's, without hooks, terminal, network, lazy fetches or locks taken for comfort.
class GitProgram {
  public:
    /// `config_file`: written by `write_config`.
    explicit GitProgram(std::string config_file) : config_file_(std::move(config_file)) {}

    /// Errors: infrastructure when the file cannot be written.
    Result<void> write_config() const;

    /// `git -C folder arguments...`
    ProcessSpec command(const std::string& folder, std::vector<std::string> arguments,
                        std::chrono::milliseconds deadline) const;

    /// Runs it and returns standard output. Errors: infrastructure when git fails, prints more
    /// than `limit_bytes` or needs longer than the deadline; `where` names the sub-command.
    Task<Result<std::string>> output(ProcessSpec spec, std::size_t limit_bytes) const;

    /// Runs it and returns how it ended and what it printed; errors only when it did not end.
    Task<Result<Captured>> run(ProcessSpec spec, std::size_t limit_bytes) const;

  private:
    std::string config_file_;
};

/// The last lines that git printed on standard error, for a message.
std::string last_words(const Captured& captured);

/// Listings of a history of millions of commits need this much. Unit: bytes.
constexpr std::size_t listing_limit_bytes = std::size_t{1} << 30;
/// Source: a listing of all of Linux takes half a minute without a commit-graph.
constexpr std::chrono::minutes listing_deadline{10};

}  // namespace bisectd::git
