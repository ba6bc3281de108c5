#include "tests/sim/fakes.hpp"

#include <algorithm>
#include <optional>

namespace bisectd::sim {

using namespace std::chrono_literals;

Result<EventRecord> FakeJournal::append(BisectionId bisection, std::int64_t at_ms_utc,
                                        const Event& event) {
    if (world_.daemon_dead) return infrastructure("journal", "the daemon is dead");
    if (fail_at == records_.size() + 1) {
        fail_at = 0;
        return infrastructure("journal", "the disk is full");
    }
    EventRecord record;
    record.seq = records_.size() + 1;
    record.bisection = bisection;
    record.at_ms_utc = at_ms_utc;
    record.event = event;
    records_.push_back(record);
    if (record.seq == kill_after) world_.daemon_dead = true;
    return record;
}

Result<std::vector<EventRecord>> FakeJournal::read(BisectionId bisection) {
    std::vector<EventRecord> own;
    for (const EventRecord& record : records_)
        if (record.bisection == bisection) own.push_back(record);
    return own;
}

Result<std::vector<BisectionId>> FakeJournal::bisections() {
    std::set<BisectionId> ids;
    for (const EventRecord& record : records_) ids.insert(record.bisection);
    return std::vector<BisectionId>(ids.begin(), ids.end());
}

Result<std::vector<EventRecord>> FakeJournal::read_after(std::uint64_t seq, std::size_t limit) {
    std::vector<EventRecord> after;
    for (const EventRecord& record : records_)
        if (record.seq > seq && after.size() < limit) after.push_back(record);
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

Task<Result<Range>> FakeRepository::resolve(StartRequest) {
    Range range;
    range.bad = id_of(static_cast<unsigned>(world_.parents.size() - 1));
    range.good = {id_of(0)};
    std::vector<History::Commit> commits;
    for (unsigned commit = 1; commit < world_.parents.size(); ++commit) {
        History::Commit entry{id_of(commit), {}};
        for (const unsigned parent : world_.parents[commit])
            if (parent != 0) entry.parents.push_back(parent - 1);
        commits.push_back(std::move(entry));
    }
    range.history = std::make_shared<const History>(std::move(commits));
    co_return range;
}

Task<Result<Range>> FakeRepository::load(StartRequest request, CommitId, std::vector<CommitId>) {
    co_return co_await resolve(std::move(request));
}

Task<Result<CommitId>> FakeRepository::resolve_name(std::string, std::string name) {
    const auto last = static_cast<unsigned>(world_.parents.size() - 1);
    if (name == "good") co_return id_of(0);
    if (name == "bad") co_return id_of(last);
    for (unsigned commit = 0; commit <= last; ++commit)
        if (name == "c" + std::to_string(commit) || name == id_of(commit).hex())
            co_return id_of(commit);
    co_return wrong_request("'" + name + "'", "no tag, branch or commit of this name in the clone");
}

Task<Result<CommitInfo>> FakeRepository::commit(std::string, CommitId id) {
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
    return found->second;
}

Task<Result<PrepareResult>> FakeWorkshop::prepare(BuildOrder) {
    co_await clock_.sleep_for(1s);
    if (world_.daemon_dead) co_await clock_.sleep_for_ever();
    co_return PreparedTree{"source", "output", "", {}};
}

Task<Result<BuildResult>> FakeWorkshop::build(BuildOrder order, PreparedTree,
                                              ProgressSink progress) {
    co_await clock_.sleep_for(60s);
    if (world_.daemon_dead) co_await clock_.sleep_for_ever();
    if (Faults::use(world_.faults.failing_builds))
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

Task<Result<std::string>> FakeWorkshop::prepare_reproducer(BisectionId, Recipe) {
    co_return folder_.string();
}

Result<std::string> FakeWorkshop::freeze_recipe(BisectionId, const Recipe& recipe) {
    return recipe.folder;
}

Task<Result<Stock>> FakeWorkshop::stock() {
    Stock stock;
    for (const auto& [key, artefact] : store_)
        stock.artefacts.push_back({key, artefact.commit, artefact.release, 0, 0});
    co_return stock;
}

Task<std::vector<Finding>> FakeWorkshop::examine(BuildSpec) {
    co_return std::vector<Finding>{Finding{"compiler", true, "there"}};
}

std::string FakeWorkshop::log_path(BisectionId bisection, std::uint64_t step,
                                   std::uint64_t attempt) const {
    return (folder_ / (std::to_string(bisection) + "-" + std::to_string(step) + "-" +
                       std::to_string(attempt) + "-build.log"))
        .string();
}

Result<Recipe> FakeCatalogue::recipe(const std::string& name) {
    if (name != world_.recipe.name) return wrong_request("recipe " + name, "there is none");
    return world_.recipe;
}

std::vector<std::string> FakeCatalogue::boards() {
    std::vector<std::string> names;
    for (const auto& [name, board] : boards_) names.push_back(name);
    return names;
}

Result<BoardSpec> FakeCatalogue::board(const std::string& name) {
    const auto found = boards_.find(name);
    if (found == boards_.end()) return wrong_request("board " + name, "there is none");
    return found->second->spec();
}

}  // namespace bisectd::sim
