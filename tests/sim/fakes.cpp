#include "tests/sim/fakes.hpp"

#include <algorithm>
#include <utility>

#include "adapters/store/event_json.hpp"

namespace bisectd::sim {

using namespace std::chrono_literals;

Result<EventRecord> FakeJournal::append(BisectionId bisection, std::int64_t at_ms_utc,
                                        const Event& event) {
    if (world_.daemon_dead) return infrastructure("journal", "the daemon is dead");
    if (broken_) return infrastructure("journal", "it takes nothing any more");
    const std::string where(kind(event));
    if (kill_before == records_.size() + 1 || world_.strikes(Fault::kill_before_write, where)) {
        kill_before = 0;
        world_.daemon_dead = true;
        return infrastructure("journal", "the daemon is dead");
    }
    auto body = store::encode(event);
    if (!body) return std::unexpected(body.error());
    // As it would be read again: numbers and texts may lose a little on their way.
    auto stored = store::decode(0, kind(event), store::event_version, *body);
    if (!stored) return std::unexpected(stored.error());
    EventRecord record;
    record.seq = records_.size() + 1;
    record.bisection = bisection;
    record.at_ms_utc = at_ms_utc;
    record.event = std::move(*stored);
    if (fail_at == record.seq || (fail_if && fail_if(bisection, event)) || world_.disk.is_full() ||
        world_.strikes(Fault::journal_full, where)) {
        fail_at = 0;
        return infrastructure("journal", "the disk is full");
    }
    if (world_.strikes(Fault::journal_doubtful, where)) {
        doubtful_ = std::move(record);
        broken_ = true;
        return infrastructure("journal", "what was written cannot be made durable");
    }
    keep(record);
    if (record.seq == kill_after || world_.strikes(Fault::kill_after_write, where))
        world_.daemon_dead = true;
    return record;
}

void FakeJournal::keep(EventRecord record) {
    own_[record.bisection].push_back(records_.size());
    records_.push_back(std::move(record));
}

void FakeJournal::recover() {
    broken_ = false;
    if (doubtful_ && world_.mischief.chance().one_in(2)) keep(*doubtful_);
    doubtful_.reset();
}

Result<std::vector<EventRecord>> FakeJournal::read(BisectionId bisection) {
    std::vector<EventRecord> own;
    if (const auto found = own_.find(bisection); found != own_.end())
        for (const std::size_t place : found->second) own.push_back(records_[place]);
    return own;
}

Result<std::vector<BisectionId>> FakeJournal::bisections() {
    std::vector<BisectionId> ids;
    for (const auto& [id, places] : own_) ids.push_back(id);
    return ids;
}

Result<std::vector<EventRecord>> FakeJournal::read_after(std::uint64_t seq, std::size_t limit,
                                                         std::optional<BisectionId> of) {
    std::vector<EventRecord> after;
    for (std::size_t place = seq; place < records_.size() && after.size() < limit; ++place)
        if (!of || records_[place].bisection == 0 || records_[place].bisection == *of)
            after.push_back(records_[place]);
    return after;
}

Result<std::vector<EventRecord>> FakeJournal::find(EventFilter filter) {
    std::vector<EventRecord> fitting;
    for (const EventRecord& record : records_) {
        const bool wanted =
            std::ranges::find(filter.kinds, kind(record.event)) != filter.kinds.end();
        if (wanted && (!filter.bisection || *filter.bisection == record.bisection))
            fitting.push_back(record);
    }
    return fitting;
}

Task<Result<Range>> FakeRepository::resolve(StartRequest request) {
    if (world_.strikes(Fault::mirror_unreadable, request.repository))
        co_return infrastructure(request.repository, "the mirror cannot be read");
    const Story story = world_.story(request.repository);
    Range range;
    range.bad = id_of(story.bad);
    range.good = {id_of(story.good)};
    std::vector<History::Commit> commits;
    for (unsigned commit = story.good + 1; commit <= story.bad; ++commit) {
        History::Commit entry{id_of(commit), {}};
        for (const unsigned parent : world_.parents[commit])
            if (parent != story.good) entry.parents.push_back(parent - story.good - 1);
        commits.push_back(std::move(entry));
    }
    range.history = std::make_shared<const History>(std::move(commits));
    co_return range;
}

Task<Result<Range>> FakeRepository::load(StartRequest request, CommitId, std::vector<CommitId>) {
    co_return co_await resolve(std::move(request));
}

Task<Result<CommitId>> FakeRepository::resolve_name(std::string repository, std::string name) {
    const Story story = world_.story(repository);
    if (name == "good") co_return id_of(story.good);
    if (name == "bad") co_return id_of(story.bad);
    for (unsigned commit = story.good; commit <= story.bad; ++commit)
        if (name == "c" + std::to_string(commit) || name == id_of(commit).hex())
            co_return id_of(commit);
    co_return wrong_request("'" + name + "'", "no tag, branch or commit of this name in the clone");
}

Task<Result<CommitInfo>> FakeRepository::commit(std::string repository, CommitId id) {
    if (world_.strikes(Fault::mirror_unreadable, repository))
        co_return infrastructure(repository, "the mirror cannot be read");
    CommitInfo info;
    info.id = id;
    info.tree = id.hex();
    info.subject = "subject of " + std::to_string(number_of(id));
    info.message = info.subject + "\n\n" + world_.message;
    info.author = "A Person <person@example.org>";
    for (const unsigned parent : world_.parents[number_of(id)])
        info.parents.push_back(id_of(parent));
    co_return info;
}

Task<Result<std::vector<Patch>>> FakeRepository::patches_for(std::string, CommitId,
                                                             std::vector<Patch> stack) {
    co_return stack;
}

Task<Result<std::vector<CommitId>>> FakeRepository::unlikely(std::string,
                                                             std::shared_ptr<const History> history,
                                                             std::shared_ptr<const BuildInputs>,
                                                             bool) {
    std::vector<CommitId> found;
    for (CommitIndex i = 0; i < history->size(); ++i)
        if (world_.touches_build && !world_.touches_build(number_of(history->id(i))))
            found.push_back(history->id(i));
    co_return found;
}

Task<Result<std::optional<std::string>>> FakeRepository::file(std::string, CommitId,
                                                              std::string path) {
    const auto found = world_.files.find(path);
    if (found == world_.files.end()) co_return std::nullopt;
    co_return found->second;
}

Task<Result<std::string>> FakeRepository::diff(std::string, CommitId id) {
    co_return "+" + id.hex() + "\n";
}

Task<Result<CommitChange>> FakeRepository::change(std::string, CommitId id) {
    const unsigned commit = number_of(id);
    const bool built = !world_.touches_build || world_.touches_build(commit);
    CommitChange change;
    change.paths = {built ? "main.c" : "Documentation/words.rst"};
    change.words_only = !built;
    change.merge = world_.parents[commit].size() > 1;
    co_return change;
}

namespace {

/// Of each artefact on the disk.
constexpr std::uint64_t artefact_bytes = 200'000'000;

/// The commit whose change an order takes back; nothing when it takes none back.
std::optional<CommitId> taken_back(const BuildOrder& order) {
    for (const Patch& patch : order.patches)
        if (patch.reverse) return CommitId::parse(patch.commit);
    return std::nullopt;
}

std::string key_of(const BuildOrder& order) {
    const auto reverted = taken_back(order);
    return "key-" + order.commit.hex() + (reverted ? "-without-" + reverted->hex() : "");
}

}  // namespace

Task<Result<std::string>> FakeWorkshop::key(BuildOrder order) {
    co_return key_of(order);
}

Result<BuildInputs> FakeWorkshop::inputs(const Artefact&) {
    return BuildInputs::parse("Makefile\nmain.c\n");
}

Result<FrozenList> FakeWorkshop::freeze_commits(BisectionId bisection, const std::string& name,
                                                const std::vector<CommitId>& commits) {
    const std::string file = "/frozen/" + std::to_string(bisection) + "/" + name;
    frozen_[file] = commits;
    return FrozenList{file, "sha-" + file};
}

Result<std::vector<CommitId>> FakeWorkshop::frozen_commits(const FrozenList& list) {
    const auto found = frozen_.find(list.file);
    if (found == frozen_.end()) return infrastructure(list.file, "is not there");
    return found->second;
}

std::optional<Artefact> FakeWorkshop::find(const std::string& key) {
    const auto found = store_.find(key);
    if (found == store_.end()) return std::nullopt;
    if (world_.strikes(Fault::artefact_lost, key)) {
        store_.erase(found);
        return std::nullopt;
    }
    return found->second;
}

Task<std::optional<Artefact>> FakeWorkshop::take(std::string key) {
    co_return find(key);
}

namespace {

/// Counts a build while it goes on, also when it is interrupted.
class Going {
  public:
    explicit Going(Ledger& ledger) : ledger_(ledger) {
        if (++ledger_.builds_going > 1)
            ledger_.wrongs.emplace_back("two builds went on at the same time");
    }
    ~Going() { --ledger_.builds_going; }
    Going(const Going&) = delete;
    Going& operator=(const Going&) = delete;

  private:
    Ledger& ledger_;
};

}  // namespace

Task<Result<PrepareResult>> FakeWorkshop::prepare(BuildOrder order) {
    co_await clock_.sleep_for(1s);
    if (world_.daemon_dead) co_await clock_.sleep_for_ever();
    world_.disk_may_fill("checkout");
    if (world_.disk.is_full() || world_.strikes(Fault::checkout_disk_full, order.mirror))
        co_return infrastructure("checkout", "no space left on device");
    co_return PreparedTree{"source", "output", "", {}};
}

Task<Result<BuildResult>> FakeWorkshop::build(BuildOrder order, PreparedTree,
                                              ProgressSink progress) {
    const Going going(world_.ledger);
    if (store_.contains(key_of(order)) && order.localversion.empty())
        world_.ledger.wrongs.push_back("built again although it is in the store: " + key_of(order));
    if (world_.strikes(Fault::build_hangs, order.mirror)) {
        co_await clock_.sleep_for(order.spec.deadline);
        if (world_.daemon_dead) co_await clock_.sleep_for_ever();
        co_return infrastructure("build", "it was ended at its deadline");
    }
    co_await clock_.sleep_for(60s);
    if (world_.daemon_dead) co_await clock_.sleep_for_ever();
    world_.disk_may_fill("build");
    if (world_.disk.is_full()) co_return infrastructure("build", "no space left on device");
    if (world_.strikes(Fault::builder_out_of_memory, order.mirror))
        co_return infrastructure("build", "the compiler was killed: out of memory");
    const unsigned commit = number_of(order.commit);
    progress(Progress{"build", 1, 1, "vmlinux"});
    if (world_.builds && !world_.builds(commit))
        co_return BuildRefusal{"main.c:1: error: expected ';'"};
    ++world_.builds_made[commit];
    const auto reverted = taken_back(order);
    const Kernel kernel =
        reverted ? world_.kernel_without(commit, number_of(*reverted)) : world_.kernel(commit);
    const std::string name = std::to_string(commit) +
                             (reverted ? "-without-" + std::to_string(number_of(*reverted)) : "");
    Artefact artefact;
    artefact.key = key_of(order);
    artefact.commit = order.commit;
    artefact.files = {{"image", "/store/" + name, "sha-" + name, 8 * 1024 * 1024}};
    artefact.build_id = kernel.build_id;
    artefact.release = kernel.release;
    artefact.content_sha256 = "content-" + std::to_string(world_.content_of(commit)) +
                              (reverted ? "-without-" + reverted->hex() : "");
    artefact.seconds = 60;
    store_[artefact.key] = artefact;
    co_return artefact;
}

Task<Result<std::string>> FakeWorkshop::prepare_reproducer(BisectionId bisection, Recipe) {
    if (!preparing_.insert(bisection).second)
        world_.ledger.wrongs.push_back("two boards prepare the reproducer at once");
    if (world_.prepare_takes > 0ms) co_await clock_.sleep_for(world_.prepare_takes);
    preparing_.erase(bisection);
    co_return folder_.string();
}

Result<std::string> FakeWorkshop::freeze_recipe(BisectionId, const Recipe& recipe) {
    return recipe.folder;
}

Task<Result<std::string>> FakeWorkshop::confinement(Recipe) {
    co_return std::string();  // nothing runs, so nothing is confined
}

Task<Result<Stock>> FakeWorkshop::stock() {
    Stock stock;
    for (const auto& [key, artefact] : store_)
        stock.artefacts.push_back({key, artefact.commit, artefact.release, 0, 0});
    co_return stock;
}

std::vector<Room> FakeWorkshop::rooms() {
    if (!world_.disk.watched) return {};
    return {Room{"the data folder", world_.disk.free, 60'000'000'000, world_.disk.floor, false}};
}

Result<std::vector<EvictedArtefact>> FakeWorkshop::evict(const Eviction& eviction) {
    std::vector<EvictedArtefact> evicted;
    std::uint64_t missing = eviction.missing_bytes;
    for (auto at = store_.begin(); at != store_.end() && missing > 0;) {
        const auto next = std::next(at);
        if (!eviction.needed.contains(at->first)) {
            const Artefact& artefact = at->second;
            evicted.push_back(
                {{artefact.key, artefact.commit, artefact.release, artefact_bytes, 0}, "no room"});
            world_.disk.free += artefact_bytes;
            missing -= std::min(missing, artefact_bytes);
            store_.erase(at);
        }
        at = next;
    }
    return evicted;
}

Task<std::vector<Finding>> FakeWorkshop::examine(BuildSpec) {
    co_return std::vector<Finding>{Finding{"compiler", true, "there"}};
}

std::string FakeWorkshop::log_path(BisectionId bisection, std::uint64_t step,
                                   std::uint64_t attempt) const {
    return (folder_ / std::to_string(bisection) / "logs" /
            (std::to_string(step) + "-" + std::to_string(attempt) + "-build.log"))
        .string();
}

Result<Recipe> FakeCatalogue::recipe(const std::string& name) {
    const Recipe* const found = world_.find_recipe(name);
    if (found == nullptr) return wrong_request("recipe " + name, "there is none");
    return *found;
}

Result<Recipe> FakeCatalogue::recipe_in(const std::string& folder) {
    const Recipe* const found = world_.find_recipe(folder);
    if (found == nullptr) return wrong_request("recipe in " + folder, "there is none");
    return *found;
}

std::vector<std::string> FakeCatalogue::recipes() {
    std::vector<std::string> names;
    for (const auto& [repository, story] : world_.stories) names.push_back(story.recipe.name);
    if (names.empty()) names.push_back(world_.recipe.name);
    return names;
}

std::vector<std::string> FakeCatalogue::boards() {
    std::vector<std::string> names;
    for (const auto& [name, board] : boards_) names.push_back(name);
    return names;
}

Result<BoardSpec> FakeCatalogue::board(const std::string& name) {
    const auto found = boards_.find(name);
    if (found == boards_.end()) return wrong_request("board " + name, "there is none");
    if (world_.broken_files.contains(name)) return wrong_request(name + ".toml:3", "no such key");
    return found->second->spec();
}

}  // namespace bisectd::sim
