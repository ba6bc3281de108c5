#pragma once
#include <string>
#include <vector>

#include "adapters/build/place.hpp"
#include "adapters/process/process.hpp"
#include "core/commit_id.hpp"
#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd::build {

/// The working tree of one build, checked out of a bare repository by the git program through a
/// repository folder of its own: no configuration, hook, filter or attribute driver of the mirror,
/// the user or the machine has any effect, and the mirror is only read.
class SourceTree {
  public:
    SourceTree(const Place& place, std::string mirror)
        : place_(place), mirror_(std::move(mirror)) {}

    /// A fresh checkout of `commit` into an empty folder, proven: the tree written from the index
    /// is `tree` and the commit's, and no file is there that is not in the tree.
    /// Submodules are left out. Errors: infrastructure.
    Task<Result<void>> check_out(CommitId commit, std::string tree);
    /// Names of tracked files that are not as they were checked out and patched, at most 20.
    Task<Result<std::vector<std::string>>> changed_files();
    /// Full id of the commit that `name` means. Errors: request when there is none.
    Task<Result<CommitId>> resolve(std::string name);
    /// The change that `commit` makes against its first parent, as a patch with binaries.
    Task<Result<std::string>> patch_of(CommitId commit);
    /// How many parents the commit has.
    Task<Result<std::size_t>> parents_of(CommitId commit);
    /// Id of the tree that the index holds.
    Task<Result<std::string>> written();
    /// Makes index and files what `tree` says, whatever a patch left half done.
    Task<Result<void>> restore(std::string tree);
    /// Runs git in this tree. Errors: infrastructure when it cannot run or hits its limit.
    Task<Result<Captured>> git(std::vector<std::string> arguments, std::size_t limit_bytes);

  private:
    Result<void> make_git_folder(bool sha256);
    Task<Result<std::string>> git_says(std::vector<std::string> arguments);
    const Place& place_;
    std::string mirror_;
};

/// Environment in which git asks nobody and reads no configuration of the machine or a user.
std::map<std::string, std::string> neutral_git_environment();

}  // namespace bisectd::build
