#pragma once
#include <cstdint>
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
    void forget() {
        remembered_.clear();
        ++updates_;
    }

  private:
    /// Commits by name, as it was written.
    using Found = std::map<std::string, std::vector<CommitId>>;

    // Each adds to `found`, which is the caller's: what is remembered may be forgotten meanwhile.
    Task<Result<void>> find_all(std::vector<std::string> names, Found& found) const;
    Task<Result<void>> find_ids(std::string name, Found& found) const;
    Task<Result<void>> find_subjects(std::vector<std::string> subjects, Found& found) const;
    Task<Result<void>> find_patch_ids(std::vector<std::string> patch_ids, Found& found) const;
    Task<Result<bool>> holds(CommitId commit, PatchCondition when, const Found& found) const;

    boost::asio::thread_pool& pool_;
    GitProgram program_;
    std::string mirror_;
    Found remembered_;
    std::uint64_t updates_ = 0;
};

}  // namespace bisectd::git
