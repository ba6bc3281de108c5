#pragma once
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ports/repository.hpp"

namespace bisectd {

/// Histories by git: names and metadata with libgit2, ranges from the mirror's commit-graph,
/// copies and rare cases with the `git` program.
/// Thread: the orchestration thread; blocking work runs on `pool`.
class GitRepository : public Repository {
  public:
    /// `pool` outlives this object. `mirrors_folder`: absolute; made when it is missing; best on
    /// the file system of the clones, so that mirrors can share their objects by hard links.
    GitRepository(boost::asio::thread_pool& pool, const std::string& mirrors_folder);
    ~GitRepository() override;

    Task<Result<Range>> resolve(StartRequest request) override;
    Task<Result<Range>> load(StartRequest request, CommitId bad,
                             std::vector<CommitId> good) override;
    Task<Result<CommitId>> resolve_name(std::string repository, std::string name) override;
    Task<Result<CommitInfo>> commit(std::string repository, CommitId id) override;
    Task<Result<std::vector<Patch>>> patches_for(std::string repository, CommitId commit,
                                                 std::vector<Patch> stack) override;
    Task<Result<std::vector<CommitId>>> unlikely(std::string repository,
                                                 std::shared_ptr<const History> history,
                                                 std::shared_ptr<const BuildInputs> inputs,
                                                 bool first_parent) override;
    Task<Result<CommitChange>> change(std::string repository, CommitId id) override;
    Task<Result<std::optional<std::string>>> file(std::string repository, CommitId commit,
                                                  std::string path) override;
    Task<Result<std::string>> diff(std::string repository, CommitId id) override;
    std::string mirror(const std::string& repository) const override;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace bisectd
