#pragma once
#include <memory>
#include <string>
#include <vector>

#include "adapters/git/git_program.hpp"
#include "core/build_inputs.hpp"
#include "core/history.hpp"
#include "ports/task.hpp"

namespace bisectd::git {

/// Finds the commits that a build cannot tell from one of their parents, by the git program over
/// the mirror (which compares trees far faster than libgit2 does).
/// A commit that touches what is read and removes a file may have moved it: the old name counts
/// as read from then on, in all of the history.
class TouchReader {
  public:
    TouchReader(const GitProgram& program, std::string mirror)
        : program_(program), mirror_(std::move(mirror)) {}

    /// As Repository::unlikely says. Errors: infrastructure, cancelled.
    Task<Result<std::vector<CommitId>>> unlikely(std::shared_ptr<const History> history,
                                                 std::shared_ptr<const BuildInputs> inputs,
                                                 bool first_parent) const;

  private:
    GitProgram program_;
    std::string mirror_;
};

}  // namespace bisectd::git
