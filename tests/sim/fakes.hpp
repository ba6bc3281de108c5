#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/catalogue.hpp"
#include "ports/journal.hpp"
#include "ports/repository.hpp"
#include "ports/workshop.hpp"
#include "tests/sim/fake_shell.hpp"

namespace bisectd::sim {

/// In memory; is kept over a daemon's death.
class FakeJournal : public Journal {
  public:
    explicit FakeJournal(World& world) : world_(world) {}
    Result<BisectionId> next_bisection() override { return ++bisections_; }
    Result<EventRecord> append(BisectionId bisection, std::int64_t at_ms_utc,
                               const Event& event) override;
    Result<std::vector<EventRecord>> read(BisectionId bisection) override;
    Result<std::vector<BisectionId>> bisections() override;
    Result<std::vector<EventRecord>> read_after(std::uint64_t seq, std::size_t limit,
                                                std::optional<BisectionId> of) override;
    Result<std::vector<EventRecord>> find(EventFilter filter) override;
    Result<std::uint64_t> last_seq() override { return records_.size(); }

    const std::vector<EventRecord>& records() const { return records_; }
    /// Nobody knows what it holds: the daemon has to stop, as it does when SQLite's disk fails.
    bool is_broken() const { return broken_; }
    /// A new daemon opens the journal: what a write left in doubt may be there after all.
    void recover();
    /// The daemon dies right after this event was written. 0: never.
    std::uint64_t kill_after = 0;
    /// The daemon dies when it is about to write this event, once. 0: never.
    std::uint64_t kill_before = 0;
    /// Writing this event fails, once. 0: never.
    std::uint64_t fail_at = 0;
    /// Writing such an event fails.
    std::function<bool(BisectionId, const Event&)> fail_if;

  private:
    void keep(EventRecord record);

    World& world_;
    BisectionId bisections_ = 0;
    std::vector<EventRecord> records_;
    std::map<BisectionId, std::vector<std::size_t>> own_;  ///< places in `records_`
    std::optional<EventRecord> doubtful_;
    bool broken_ = false;
};

/// The histories that the world gives.
class FakeRepository : public Repository {
  public:
    explicit FakeRepository(World& world) : world_(world) {}
    Task<Result<Range>> resolve(StartRequest request) override;
    Task<Result<Range>> load(StartRequest request, CommitId bad,
                             std::vector<CommitId> good) override;
    /// Knows "good", "bad", "c7" for commit 7, and full ids of the history.
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
    std::string mirror(const std::string& repository) const override { return repository; }

  private:
    World& world_;
};

/// Builds in no time but the clock's; what it built stays in its store.
class FakeWorkshop : public Workshop {
  public:
    FakeWorkshop(VirtualClock& clock, World& world, std::filesystem::path folder)
        : clock_(clock), world_(world), folder_(std::move(folder)) {}
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
    Task<Result<std::string>> confinement(Recipe recipe) override;
    Task<Result<Stock>> stock() override;
    std::vector<Room> rooms() override;
    Result<std::vector<EvictedArtefact>> evict(const Eviction& eviction) override;
    std::string log_path(BisectionId bisection, std::uint64_t step,
                         std::uint64_t attempt) const override;

  private:
    VirtualClock& clock_;
    World& world_;
    std::filesystem::path folder_;
    std::map<std::string, Artefact> store_;
    std::set<BisectionId> preparing_;
    std::map<std::string, std::vector<CommitId>> frozen_;  ///< by file
};

class FakeCatalogue : public Catalogue {
  public:
    FakeCatalogue(const World& world, const Boards& boards) : world_(world), boards_(boards) {}
    std::vector<std::string> recipes() override;
    Result<Recipe> recipe(const std::string& name) override;
    Result<Recipe> recipe_in(const std::string& folder) override;
    std::vector<std::string> boards() override;
    Result<BoardSpec> board(const std::string& name) override;

  private:
    const World& world_;
    const Boards& boards_;
};

}  // namespace bisectd::sim
