#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "adapters/git/folder_lock.hpp"
#include "adapters/git/git_program.hpp"
#include "core/commit_id.hpp"
#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd::git {

/// Own bare copies of users' clones, one folder a clone. A copy shares objects with its clone by
/// hard links where the disk allows, never by alternates, so nothing that happens to the clone
/// harms it. Branches, tags and remote branches have the clone's names; commits asked for by id
/// are kept under `refs/bisectd/keep/`. Nothing is ever collected.
class Mirrors {
  public:
    Mirrors(std::string folder, GitProgram program);

    /// Folder of the mirror of this clone; the same for all ways to write its path.
    std::string folder_of(const std::string& repository) const;

    /// Makes the mirror or brings it up to date, with all of `wanted` in it and in its
    /// commit-graph.
    /// Errors: request when the clone lacks objects of what is wanted; infrastructure.
    Task<Result<void>> update(std::string repository, std::vector<CommitId> wanted) const;

  private:
    Task<Result<void>> make(std::string source, std::string mirror, int lock) const;
    Task<Result<void>> fetch(std::string source, std::string mirror, int lock) const;
    Task<Result<void>> keep(std::string source, std::string mirror, int lock,
                            std::vector<CommitId> wanted) const;
    Task<Result<Captured>> run(std::string folder, std::vector<std::string> arguments,
                               int lock) const;

    std::string folder_;
    GitProgram program_;
};

/// Path of the mirror's commit-graph; empty when it must not be used: replaced commits, grafts or
/// a shallow border give the history another shape than the one in the file. Blocking.
std::string usable_graph(const std::string& mirror);

/// The commits whose parents the (shallow) clone lacks. Blocking.
std::vector<CommitId> shallow_border(const std::string& mirror);

}  // namespace bisectd::git
