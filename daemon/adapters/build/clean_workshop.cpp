#include "adapters/build/clean_workshop.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <filesystem>

#include "adapters/build/build_key.hpp"
#include "adapters/build/build_run.hpp"
#include "adapters/build/build_sources.hpp"
#include "adapters/build/builder_lock.hpp"
#include "adapters/build/commit_list.hpp"
#include "adapters/build/examination.hpp"
#include "adapters/build/file_access.hpp"
#include "adapters/build/kernel_build.hpp"
#include "adapters/build/patch_stack.hpp"
#include "adapters/build/prepare_step.hpp"
#include "adapters/build/recipe_copy.hpp"
#include "adapters/build/rooms.hpp"
#include "adapters/build/source_tree.hpp"
#include "adapters/build/stock.hpp"
#include "adapters/process/quietly.hpp"
#include "ports/offload.hpp"

namespace bisectd {
namespace {

namespace fs = std::filesystem;
namespace asio = boost::asio;
using namespace build;

/// Longest that old trees may take to be removed when the disk is too full to go on.
constexpr std::chrono::minutes room_limit{10};

/// What is left for the journal and the logs, whatever is written. Source: some thousand events.
constexpr std::uint64_t journal_room_bytes = 32ULL << 20;

std::uint64_t size_of(const std::vector<NewFile>& files) {
    std::uint64_t bytes = 0;
    std::error_code failed;
    for (const NewFile& file : files) {
        const std::uintmax_t size = fs::file_size(file.path, failed);
        if (!failed) bytes += size;  // whoever copies it says what is wrong with it
    }
    return bytes;
}

std::string absolute(const std::string& path) {
    std::error_code failed;
    const fs::path whole = fs::weakly_canonical(fs::absolute(path, failed), failed);
    return failed ? path : whole.string();
}

WorkshopOptions with_absolute_builds(WorkshopOptions options) {
    if (!options.builds_folder.empty()) options.builds_folder = absolute(options.builds_folder);
    return options;
}

/// Another user's folder at this place (a RAM disk is everybody's) could change what is built.
Result<void> check_ours(const std::string& folder) {
    struct stat info{};
    if (lstat(folder.c_str(), &info) != 0)
        return infrastructure(folder, std::generic_category().message(errno));
    if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & (S_IWGRP | S_IWOTH)))
        return infrastructure(folder,
                              "is no folder that only this user may write to; remove it, or give "
                              "another builds_folder");
    return {};
}

/// Folders that no build sees, whatever else is shown to it.
std::vector<std::string> secrets(const Place& place) {
    std::vector<std::string> folders{place.data, place.builds()};
    for (const std::string& folder : place.options.hidden) folders.push_back(absolute(folder));
    return folders;
}

/// Counts what works in the builder's folders, also when it is interrupted.
class Going {
  public:
    explicit Going(unsigned& count) : count_(count) { ++count_; }
    ~Going() { --count_; }
    Going(const Going&) = delete;
    Going& operator=(const Going&) = delete;

  private:
    unsigned& count_;
};

/// Commit and stack of a prepared tree: build() refuses a tree of another order.
std::string identity(const BuildOrder& order, const std::string& stack) {
    return order.commit.hex() + " " + stack;
}

}  // namespace

CleanWorkshop::CleanWorkshop(const std::string& data, WorkshopOptions options)
    : place_{absolute(data), with_absolute_builds(std::move(options)), -1},
      sweeper_(place_.trash()),
      builds_sweeper_(place_.builds_trash()),
      store_(place_, sweeper_),
      sandbox_(place_.options.confinement, place_.data + "/sandbox", secrets(place_)),
      toolchains_(sandbox_) {}

std::optional<Artefact> CleanWorkshop::find(const std::string& key) {
    return store_.find(key);
}

Result<BuildInputs> CleanWorkshop::inputs(const Artefact& artefact) {
    const ArtefactFile* listing = artefact.file(sources_name);
    if (listing == nullptr) return BuildInputs{};
    auto text = read_file(listing->path, sources_limit_bytes);
    if (!text) return std::unexpected(text.error());
    return BuildInputs::parse(*text);
}

Result<FrozenList> CleanWorkshop::freeze_commits(BisectionId bisection, const std::string& name,
                                                 const std::vector<CommitId>& commits) {
    return build::freeze_commits(place_.bisection(bisection), name, commits);
}

Result<std::vector<CommitId>> CleanWorkshop::frozen_commits(const FrozenList& list) {
    return read_commits(list);
}

std::string CleanWorkshop::log_path(BisectionId bisection, std::uint64_t step,
                                    std::uint64_t attempt) const {
    const std::string folder = place_.bisection(bisection) + "/logs";
    std::error_code ignored;  // whoever opens the log finds out, and says so
    fs::create_directories(folder, ignored);
    return fmt::format("{}/step-{}-attempt-{}.build.log", folder, step, attempt);
}

Result<std::string> CleanWorkshop::freeze_recipe(BisectionId bisection, const Recipe& recipe) {
    if (auto made = make_folder(place_.bisection(bisection)); !made)
        return std::unexpected(made.error());
    std::string frozen = place_.bisection(bisection) + "/recipe";
    // A start that was never journalled, or is not in the journal any more, left one.
    if (auto gone = sweeper_.discard(frozen); !gone) return std::unexpected(gone.error());
    if (auto copied = copy_recipe(recipe.folder, frozen); !copied)
        return std::unexpected(copied.error());
    return frozen;
}

Task<Result<std::string>> CleanWorkshop::key(BuildOrder order) {
    return quietly(do_key(std::move(order)));
}
Task<std::optional<Artefact>> CleanWorkshop::take(std::string key) {
    return quietly(do_take(std::move(key)));
}
Task<Result<PrepareResult>> CleanWorkshop::prepare(BuildOrder order) {
    return quietly(do_prepare(std::move(order)));
}
Task<Result<BuildResult>> CleanWorkshop::build(BuildOrder order, PreparedTree tree,
                                               ProgressSink progress) {
    return quietly(do_build(std::move(order), std::move(tree), std::move(progress)));
}
Task<Result<std::string>> CleanWorkshop::prepare_reproducer(BisectionId bisection, Recipe recipe) {
    return quietly(do_prepare_reproducer(bisection, std::move(recipe)));
}

Task<std::vector<Finding>> CleanWorkshop::examine(BuildSpec spec) {
    return quietly(examine_builder(place_, sandbox_, toolchains_, std::move(spec)));
}

Task<Result<std::string>> CleanWorkshop::confinement(Recipe recipe) {
    auto text = co_await quietly(sandbox_.sentence(recipe.build.network));
    if (text && recipe.reproducer.network && !recipe.reproducer.prepare.empty())
        *text += "; the recipe asks for the network in its prepare step, too";
    co_return text;
}

Task<Finding> CleanWorkshop::try_sandbox() {
    sandbox_.take_control_group();
    return quietly(sandbox_.examine());
}

Task<Result<Stock>> CleanWorkshop::stock() {
    return quietly(take_stock(place_));
}

std::vector<Room> CleanWorkshop::rooms() {
    return rooms_of(place_);
}

Result<std::vector<EvictedArtefact>> CleanWorkshop::evict(const Eviction& eviction) {
    if (eviction.trees && builds_going_ == 0 && check_ours(place_.builds())) {
        prepared_key_.clear();
        for (const std::string& tree : {place_.source(), place_.output(), place_.scratch()})
            if (auto gone = builds_sweeper_.discard(tree); !gone)
                return std::unexpected(gone.error());
    }
    builds_sweeper_.sweep();
    sweeper_.sweep();
    // What was removed last has not left its disk yet: how much is missing is not known.
    if (eviction.missing_bytes > 0 && (sweeper_.busy() || builds_sweeper_.busy()))
        return std::vector<EvictedArtefact>{};
    auto evicted = store_.evict(eviction);
    sweeper_.sweep();
    return evicted;
}

Task<Result<std::string>> CleanWorkshop::do_key(BuildOrder order) {
    SourceTree tree(place_, order.mirror);
    auto stack = co_await read_stack(tree, order.patches, order.recipe_folder);
    if (!stack) co_return std::unexpected(stack.error());
    auto tools = co_await toolchains_.of(order.spec);
    if (!tools) co_return std::unexpected(tools.error());
    co_return artefact_key(order, stack_digest(*stack), *tools);
}

Task<std::optional<Artefact>> CleanWorkshop::do_take(std::string key) {
    auto found = store_.find(key);
    if (!found) co_return std::nullopt;
    auto work = [artefact = *found] { return is_unchanged(artefact); };
    const bool unchanged = co_await offload(pool_, std::move(work));
    if (!unchanged) co_return std::nullopt;
    co_return found;
}

Task<Result<void>> CleanWorkshop::open_builder() {
    if (lock_) co_return Result<void>{};
    for (const std::string& folder : {place_.builder(), place_.builds_trash(), place_.artefacts(),
                                      place_.trash(), place_.ccache()})
        if (auto made = make_folder(folder); !made) co_return made;
    if (auto ours = check_ours(place_.builds()); !ours) co_return ours;
    auto lock = co_await take_builder_lock(place_.lock_file());
    if (!lock) co_return std::unexpected(lock.error());
    lock_ = std::move(*lock);
    place_.lock = lock_.get();
    co_return Result<void>{};
}

Result<void> CleanWorkshop::empty_folders() {
    prepared_key_.clear();
    for (const std::string& folder : {place_.source(), place_.output(), place_.scratch()}) {
        if (auto gone = builds_sweeper_.discard(folder); !gone) return gone;
        if (auto made = make_folder(folder); !made) return made;
    }
    builds_sweeper_.sweep();
    sweeper_.sweep();
    return {};
}

Task<Result<void>> CleanWorkshop::make_room(std::vector<std::string> folders, std::uint64_t bytes) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const auto limit = std::chrono::steady_clock::now() + room_limit;
    const auto narrow = [&folders, bytes] {
        return std::ranges::find_if(
            folders, [bytes](const std::string& folder) { return free_bytes(folder) < bytes; });
    };
    for (auto full = narrow(); full != folders.end(); full = narrow()) {
        const bool more_comes = builds_sweeper_.busy() || sweeper_.busy();
        if (!more_comes || std::chrono::steady_clock::now() > limit)
            co_return infrastructure(
                *full, fmt::format("only {} MiB are free, {} are needed: make room, or give "
                                   "the artefact store and the compiler cache less",
                                   free_bytes(*full) >> 20, bytes >> 20));
        timer.expires_after(std::chrono::milliseconds{200});
        auto [failed] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (failed) co_return cancelled("disk", "cancelled while old trees were removed");
    }
    co_return Result<void>{};
}

Task<Result<PrepareResult>> CleanWorkshop::do_prepare(BuildOrder order) {
    const Going going(builds_going_);
    if (auto open = co_await open_builder(); !open) co_return std::unexpected(open.error());
    if (auto empty = empty_folders(); !empty) co_return std::unexpected(empty.error());
    std::vector<std::string> both{place_.data, place_.builds()};
    auto room = co_await make_room(std::move(both), place_.options.spare_bytes);
    if (!room) co_return std::unexpected(room.error());
    SourceTree tree(place_, order.mirror);
    auto stack = co_await read_stack(tree, order.patches, order.recipe_folder);
    if (!stack) co_return std::unexpected(stack.error());
    auto checked_out = co_await tree.check_out(order.commit, order.tree);
    if (!checked_out) co_return std::unexpected(checked_out.error());

    PreparedTree prepared{place_.source(), place_.output(), stack_digest(*stack), {}};
    auto laid = co_await lay_stack(tree, *stack, place_.git_folder() + "/patch");
    if (!laid) co_return std::unexpected(laid.error());
    if (auto* conflict = std::get_if<PatchConflict>(&*laid))
        co_return PrepareResult{std::move(*conflict)};
    prepared.patches = std::get<std::vector<std::string>>(std::move(*laid));
    std::error_code failed;
    if (fs::exists(place_.source() + "/.gitmodules", failed))
        prepared.patches.emplace_back("submodules left out");
    prepared_key_ = identity(order, prepared.stack_digest);
    co_return PrepareResult{std::move(prepared)};
}

Task<Result<BuildResult>> CleanWorkshop::do_build(BuildOrder order, PreparedTree tree,
                                                  ProgressSink progress) {
    const Going going(builds_going_);
    if (prepared_key_ != identity(order, tree.stack_digest))
        co_return std::unexpected(
            Error{ErrorKind::bug, "build", "the tree was prepared for another order"});
    prepared_key_.clear();  // one build a checkout: the next one starts clean
    auto made_key = co_await do_key(order);
    if (!made_key) co_return std::unexpected(made_key.error());
    auto tools = co_await toolchains_.of(order.spec);
    if (!tools) co_return std::unexpected(tools.error());
    const std::string cache = place_.options.ccache ? program_of("ccache", order.spec) : "";
    const bool ccache = !cache.empty() && co_await sandbox_.sees(cache);

    BuildRun run(place_, sandbox_, order, tree, std::move(progress));
    run.note(fmt::format("commit {}, tool chain {}", order.commit.hex(), tools->description));
    Result<MadeResult> made = MadeResult{BuildRefusal{}};
    if (order.spec.kind == BuildKind::kernel)
        made = co_await build_kernel(run, order, tree, *tools, ccache, pool_);
    else
        made = co_await build_command(run, order, tree);
    if (ccache) run.note(run.cache_sentence());
    auto logged = sync_path(order.log);
    if (logged) logged = sync_path(fs::path(order.log).parent_path());
    if (!made) co_return std::unexpected(made.error());
    if (!logged) co_return std::unexpected(logged.error());

    SourceTree source(place_, order.mirror);
    auto changed = co_await source.changed_files();
    if (!changed) co_return std::unexpected(changed.error());
    if (!changed->empty())
        co_return infrastructure("build", "tracked files changed during the build: " +
                                              fmt::format("{}", fmt::join(*changed, ", ")));
    if (auto* refusal = std::get_if<BuildRefusal>(&*made))
        co_return BuildResult{std::move(*refusal)};
    run.learn_total();
    Made& done = std::get<Made>(*made);
    done.artefact.key = *made_key;
    done.artefact.commit = order.commit;
    // A command may use any compiler; of a kernel it is known.
    if (order.spec.kind == BuildKind::kernel) done.artefact.compiler = tools->version;
    done.artefact.seconds = run.seconds();
    std::vector<std::string> data{place_.data};
    auto room = co_await make_room(std::move(data), size_of(done.files) + journal_room_bytes);
    if (!room) co_return std::unexpected(room.error());
    auto stored = store_.store(std::move(done.artefact), done.files);
    if (!stored) co_return std::unexpected(stored.error());
    // Removed now, while the processors wait for the board, and not beside the next check-out.
    for (const std::string& folder : {place_.source(), place_.output(), place_.scratch()})
        if (auto gone = builds_sweeper_.discard(folder); !gone) run.note(describe(gone.error()));
    builds_sweeper_.sweep();
    sweeper_.sweep();
    co_return BuildResult{std::move(*stored)};
}

Task<Result<std::string>> CleanWorkshop::do_prepare_reproducer(BisectionId bisection,
                                                               Recipe recipe) {
    PrepareStep step{place_.bisection(bisection), std::move(recipe)};
    return run_prepare_step(sandbox_, sweeper_, std::move(step));
}

}  // namespace bisectd
