#pragma once
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <string>
#include <vector>

#include "adapters/build/artefact_store.hpp"
#include "adapters/build/options.hpp"
#include "adapters/build/place.hpp"
#include "adapters/build/sandbox.hpp"
#include "adapters/build/sweeper.hpp"
#include "adapters/build/toolchain.hpp"
#include "adapters/process/spawn.hpp"
#include "ports/workshop.hpp"

namespace bisectd {

/// The workshop on this machine. Below the data folder: builders/1/{source,output,git,lock},
/// artefacts/KEY, ccache, counts, trash, bisections/N/{recipe,reproducer,logs}.
/// Thread: the orchestration thread; copying and hashing an artefact blocks it for some
/// milliseconds.
class CleanWorkshop : public Workshop {
  public:
    /// `data`: absolute path; made when it is not there. Touches nothing before the first call.
    CleanWorkshop(const std::string& data, build::WorkshopOptions options);

    Task<Result<std::string>> key(BuildOrder order) override;
    std::optional<Artefact> find(const std::string& key) override;
    Task<std::optional<Artefact>> take(std::string key) override;
    Result<BuildInputs> inputs(const Artefact& artefact) override;
    Result<FrozenList> freeze_commits(BisectionId bisection, const std::string& name,
                                      const std::vector<CommitId>& commits) override;
    Result<std::vector<CommitId>> frozen_commits(const FrozenList& list) override;
    Task<Result<PrepareResult>> prepare(BuildOrder order) override;
    Task<Result<BuildResult>> build(BuildOrder order, PreparedTree tree,
                                    ProgressSink progress) override;
    Task<Result<std::string>> prepare_reproducer(BisectionId bisection, Recipe recipe) override;
    Result<std::string> freeze_recipe(BisectionId bisection, const Recipe& recipe) override;
    Task<std::vector<Finding>> examine(BuildSpec spec) override;
    Task<Result<Stock>> stock() override;
    Task<Result<std::string>> confinement(Recipe recipe) override;
    /// Takes the control group for builds, when one was delegated to the daemon; to be called
    /// before anything is started. Then says whether builds can be confined.
    Task<Finding> try_sandbox();
    std::vector<Room> rooms() override;
    Result<std::vector<EvictedArtefact>> evict(const Eviction& eviction) override;
    std::string log_path(BisectionId bisection, std::uint64_t step,
                         std::uint64_t attempt) const override;

  private:
    Task<std::optional<Artefact>> do_take(std::string key);
    Task<Result<std::string>> do_key(BuildOrder order);
    Task<Result<PrepareResult>> do_prepare(BuildOrder order);
    Task<Result<BuildResult>> do_build(BuildOrder order, PreparedTree tree, ProgressSink progress);
    Task<Result<std::string>> do_prepare_reproducer(BisectionId bisection, Recipe recipe);
    Task<Result<void>> open_builder();
    /// Waits until so much is free in each of the folders, as long as old trees are being removed.
    Task<Result<void>> make_room(std::vector<std::string> folders, std::uint64_t bytes);
    Result<void> empty_folders();

    build::Place place_;
    build::Sweeper sweeper_;         ///< of the data folder
    build::Sweeper builds_sweeper_;  ///< of the builds folder: a rename stays on a file system
    build::ArtefactStore store_;
    build::Sandbox sandbox_;
    build::Toolchains toolchains_;
    process::Descriptor lock_;
    boost::asio::thread_pool pool_{1};  ///< reads what a build left, and what the store holds
    unsigned builds_going_ = 0;
    std::string prepared_key_;  ///< commit and stack that the builder's folders hold
};

}  // namespace bisectd
