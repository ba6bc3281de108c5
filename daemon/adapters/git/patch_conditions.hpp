#pragma once
#include <map>
#include <string>
#include <vector>

#include "adapters/git/git_program.hpp"
#include "adapters/git/history_reader.hpp"
#include "core/commit_id.hpp"
#include "core/recipe.hpp"

namespace bisectd::git {

/// What the names in patch conditions mean in one mirror: commit ids, exact subject lines and
/// "patch-id:HEX". Subjects and patch-ids are searched once in all of the mirror and remembered
/// until `forget`.
class PatchNames {
  public:
    PatchNames(boost::asio::thread_pool& pool, GitProgram program, std::string mirror)
        : pool_(pool), program_(std::move(program)), mirror_(std::move(mirror)) {}

    /// The patches of `stack` that `commit` needs, in order. A name that is found nowhere is in
    /// no history: nothing has it, everything lacks it. A subject or patch-id that several
    /// commits share is there when any of them is.
    /// Errors: request when an id is ambiguous or no id.
    Task<Result<std::vector<Patch>>> needed(CommitId commit, std::vector<Patch> stack);

    /// The mirror was brought up to date.
    void forget() { found_.clear(); }

  private:
    Task<Result<void>> find_all(std::vector<std::string> names);
    Task<Result<void>> find_ids(std::string name);
    Task<Result<void>> find_subjects(std::vector<std::string> subjects);
    Task<Result<void>> find_patch_ids(std::vector<std::string> patch_ids);
    Task<Result<bool>> holds(CommitId commit, PatchCondition when);

    boost::asio::thread_pool& pool_;
    GitProgram program_;
    std::string mirror_;
    std::map<std::string, std::vector<CommitId>> found_;  ///< by name, as it was written
};

}  // namespace bisectd::git
