#include "adapters/git/git_repository.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "adapters/git/commit_change.hpp"
#include "adapters/git/handle.hpp"
#include "adapters/git/history_reader.hpp"
#include "adapters/git/metadata.hpp"
#include "adapters/git/mirror.hpp"
#include "adapters/git/names.hpp"
#include "adapters/git/patch_conditions.hpp"
#include "adapters/git/touched.hpp"
#include "adapters/process/quietly.hpp"
#include "ports/offload.hpp"

namespace bisectd {
namespace {

using namespace git;

constexpr std::size_t diff_limit_bytes = 512UL * 1024;
// Source: the largest merge of Linux takes a second.
constexpr std::chrono::seconds diff_deadline{20};

/// Errors: request when the ends are the wrong way round or have nothing to do with each other.
Task<Result<void>> check_ends(HistoryReader reader, Ends ends, bool shallow) {
    for (const CommitId& good : ends.good) {
        Result<bool> swapped = co_await reader.reaches_any(good, {ends.bad});
        if (!swapped) co_return std::unexpected(swapped.error());
        if (*swapped)
            co_return wrong_request(
                fmt::format("good {}, bad {}", good.brief(), ends.bad.brief()),
                "the ends are swapped: bad is an ancestor of good. Give them the other way round; "
                "to find the commit that mended something, call the mended state bad");
        Result<bool> ancestor = co_await reader.reaches_any(ends.bad, {good});
        if (!ancestor) co_return std::unexpected(ancestor.error());
        if (*ancestor) continue;
        Result<std::vector<CommitId>> bases = co_await reader.merge_bases({ends.bad, {good}});
        if (!bases) co_return std::unexpected(bases.error());
        if (!bases->empty()) continue;
        co_return wrong_request(
            fmt::format("good {}, bad {}", good.brief(), ends.bad.brief()),
            shallow ? "no ancestor in common in this shallow clone: run `git fetch --unshallow` "
                      "in it"
                    : "unrelated histories: they have no ancestor in common, so no commit lies "
                      "between them");
    }
    co_return Result<void>();
}

/// Errors: request when commits of the range have parents that the clone lacks.
Result<void> check_border(const std::vector<History::Commit>& range,
                          const std::vector<CommitId>& border) {
    std::vector<CommitId> sorted = border;
    std::sort(sorted.begin(), sorted.end());
    for (const History::Commit& commit : range)
        if (std::binary_search(sorted.begin(), sorted.end(), commit.id))
            return wrong_request(fmt::format("commit {}", commit.id.brief()),
                                 "the clone is shallow and ends here, within the range: run `git "
                                 "fetch --unshallow` in it");
    return {};
}

Task<Result<Range>> read_range(HistoryReader reader, Ends ends, RangeLimits limits) {
    Range range{ends.bad, ends.good, {}, nullptr};
    Result<std::vector<CommitId>> bases = co_await reader.merge_bases(ends);
    if (!bases) co_return std::unexpected(bases.error());
    range.merge_bases = std::move(*bases);
    Result<std::vector<History::Commit>> commits =
        co_await reader.range(std::move(ends), std::move(limits));
    if (!commits) co_return std::unexpected(commits.error());
    range.history = std::make_shared<const History>(std::move(*commits));
    co_return range;
}

}  // namespace

struct GitRepository::Parts {
    boost::asio::thread_pool& pool;
    std::string mirrors_folder;
    GitProgram program;
    Mirrors mirrors;
    std::map<std::string, PatchNames> patch_names;  ///< by mirror

    Task<Result<Range>> resolve(StartRequest request);
    Task<Result<std::vector<Patch>>> patches_for(std::string folder, CommitId commit,
                                                 std::vector<Patch> stack);
};

GitRepository::GitRepository(boost::asio::thread_pool& pool, const std::string& mirrors_folder) {
    start_libgit2();
    GitProgram program(mirrors_folder + "/gitconfig");
    Mirrors mirrors(mirrors_folder, program);
    parts_.reset(new Parts{pool, mirrors_folder, program, mirrors, {}});
}

GitRepository::~GitRepository() = default;

Task<Result<Range>> GitRepository::Parts::resolve(StartRequest request) {
    auto work = [request] { return resolve_ends(request.repository, request.bad, request.good); };
    Result<Ends> ends = co_await offload(pool, std::move(work));
    if (!ends) co_return std::unexpected(ends.error());

    std::error_code failure;
    std::filesystem::create_directories(mirrors_folder, failure);
    Result<void> configured = program.write_config();
    if (!configured) co_return std::unexpected(configured.error());
    std::vector<CommitId> wanted = ends->good;
    wanted.push_back(ends->bad);
    Result<void> updated = co_await mirrors.update(request.repository, std::move(wanted));
    if (!updated) co_return std::unexpected(updated.error());
    const std::string folder = mirrors.folder_of(request.repository);
    const auto names = patch_names.find(folder);
    if (names != patch_names.end()) names->second.forget();

    const HistoryReader reader(pool, program, folder);
    const std::vector<CommitId> border = shallow_border(folder);
    Result<void> checked = co_await check_ends(reader, *ends, !border.empty());
    if (!checked) co_return std::unexpected(checked.error());
    if (!border.empty()) {
        Result<std::vector<History::Commit>> whole = co_await reader.range(*ends, {});
        if (!whole) co_return std::unexpected(whole.error());
        Result<void> inside = check_border(*whole, border);
        if (!inside) co_return std::unexpected(inside.error());
    }
    co_return co_await read_range(reader, *ends, {request.first_parent, request.paths});
}

Task<Result<Range>> GitRepository::resolve(StartRequest request) {
    Task<Result<Range>> work = parts_->resolve(std::move(request));
    co_return co_await quietly(std::move(work));
}

Task<Result<Range>> GitRepository::load(StartRequest request, CommitId bad,
                                        std::vector<CommitId> good) {
    const HistoryReader reader(parts_->pool, parts_->program, mirror(request.repository));
    Task<Result<Range>> work =
        read_range(reader, {bad, std::move(good)}, {request.first_parent, request.paths});
    co_return co_await quietly(std::move(work));
}

Task<Result<CommitId>> GitRepository::resolve_name(std::string repository, std::string name) {
    auto work = [repository = std::move(repository), name = std::move(name)] {
        return git::resolve_name(repository, name);
    };
    Task<Result<CommitId>> resolving = offload(parts_->pool, std::move(work));
    co_return co_await quietly(std::move(resolving));
}

Task<Result<CommitInfo>> GitRepository::commit(std::string repository, CommitId id) {
    auto work = [folder = mirror(repository), id] { return read_commit(folder, id); };
    Task<Result<CommitInfo>> read = offload(parts_->pool, std::move(work));
    co_return co_await quietly(std::move(read));
}

Task<Result<std::vector<Patch>>> GitRepository::Parts::patches_for(std::string folder,
                                                                   CommitId commit,
                                                                   std::vector<Patch> stack) {
    const auto [names, made] = patch_names.try_emplace(folder, pool, program, folder);
    co_return co_await names->second.needed(std::move(commit), std::move(stack));
}

Task<Result<std::vector<Patch>>> GitRepository::patches_for(std::string repository, CommitId commit,
                                                            std::vector<Patch> stack) {
    Task<Result<std::vector<Patch>>> work =
        parts_->patches_for(mirror(repository), std::move(commit), std::move(stack));
    co_return co_await quietly(std::move(work));
}

Task<Result<std::vector<CommitId>>> GitRepository::unlikely(
    std::string repository, std::shared_ptr<const History> history,
    std::shared_ptr<const BuildInputs> inputs, bool first_parent) {
    const TouchReader reader(parts_->program, mirror(repository));
    Task<Result<std::vector<CommitId>>> work =
        reader.unlikely(std::move(history), std::move(inputs), first_parent);
    co_return co_await quietly(std::move(work));
}

Task<Result<CommitChange>> GitRepository::change(std::string repository, CommitId id) {
    auto work = [folder = mirror(repository), id] { return read_change(folder, id); };
    Task<Result<CommitChange>> read = offload(parts_->pool, std::move(work));
    co_return co_await quietly(std::move(read));
}

Task<Result<std::optional<std::string>>> GitRepository::file(std::string repository,
                                                             CommitId commit, std::string path) {
    auto work = [folder = mirror(repository), commit = std::move(commit), path = std::move(path)] {
        return read_file_of(folder, commit, path);
    };
    Task<Result<std::optional<std::string>>> read = offload(parts_->pool, std::move(work));
    co_return co_await quietly(std::move(read));
}

Task<Result<std::string>> GitRepository::diff(std::string repository, CommitId id) {
    ProcessSpec spec = parts_->program.command(
        mirror(repository),
        {"show", "--format=", "--no-color", "--no-ext-diff", "--no-textconv",
         "--diff-merges=first-parent", "--end-of-options", id.hex()},
        diff_deadline);
    // Of a longer one the beginning is what a person reads.
    Result<Captured> captured = co_await quietly(capture(std::move(spec), diff_limit_bytes));
    if (!captured) co_return std::unexpected(captured.error());
    if (!captured->end.ok() && captured->output.empty())
        co_return wrong_request("commit " + id.brief(), last_words(*captured));
    co_return std::move(captured->output);
}

std::string GitRepository::mirror(const std::string& repository) const {
    return parts_->mirrors.folder_of(repository);
}

}  // namespace bisectd
