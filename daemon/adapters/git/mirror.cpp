#include "adapters/git/mirror.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "adapters/git/commit_graph.hpp"
#include "adapters/git/handle.hpp"

namespace bisectd::git {
namespace fs = std::filesystem;
namespace {

/// Source: a first copy of Linux over a slow disk, when hard links are not possible.
constexpr std::chrono::hours transfer_limit{1};
constexpr std::size_t output_limit_bytes = std::size_t{1} << 20;

/// Absolute, without links; of a work tree, whichever way its path was written.
std::string canonical(const std::string& repository) {
    std::error_code failure;
    fs::path path = fs::canonical(repository, failure);
    if (failure) path = fs::absolute(repository, failure).lexically_normal();
    if (path.filename().empty() && path.has_parent_path()) path = path.parent_path();
    if (path.filename() == ".git") path = path.parent_path();
    return path.string();
}

/// Files that a killed git program leaves behind and the next one would stumble over. Safe under
/// the folder's lock, which every git program we start holds as well.
void remove_stale_locks(const fs::path& mirror) {
    std::error_code failure;
    std::vector<fs::path> stale;
    for (const char* name : {"packed-refs.lock", "shallow.lock", "HEAD.lock", "config.lock",
                             "objects/info/commit-graph.lock"})
        stale.push_back(mirror / name);
    fs::recursive_directory_iterator file(mirror / "refs", failure), end;
    for (; !failure && file != end; file.increment(failure))
        if (file->path().extension() == ".lock") stale.push_back(file->path());
    for (const fs::path& path : stale) fs::remove(path, failure);
}

bool has(const fs::path& path) {
    std::error_code failure;
    return fs::exists(path, failure);
}

bool not_empty(const fs::path& path) {
    std::error_code failure;
    const auto bytes = fs::file_size(path, failure);
    return !failure && bytes > 0;
}

bool has_commit(git_repository* repository, const CommitId& id) {
    git_oid oid;
    git_commit* found = nullptr;
    if (git_oid_fromstr(&oid, id.hex().c_str()) < 0) return false;
    if (git_commit_lookup(&found, repository, &oid) < 0) return false;
    git_commit_free(found);
    return true;
}

std::string keep_name(const CommitId& id) {
    return "refs/bisectd/keep/" + id.hex();
}

std::string failed_copy(const Captured& captured) {
    return fmt::format(
        "{} (if the clone is partial or damaged: `git fsck` in it says so; a partial clone lacks "
        "objects that bisectd never loads from a network)",
        last_words(captured));
}

}  // namespace

Mirrors::Mirrors(std::string folder, GitProgram program)
    : folder_(std::move(folder)), program_(std::move(program)) {}

std::string Mirrors::folder_of(const std::string& repository) const {
    const std::string path = canonical(repository);
    git_oid digest;
    BISECTD_ASSERT(git_odb_hash(&digest, path.data(), path.size(), GIT_OBJECT_BLOB) == 0);
    std::string hex(GIT_OID_HEXSZ, '\0');
    git_oid_fmt(hex.data(), &digest);
    return folder_ + "/" + hex + ".git";
}

Task<Result<Captured>> Mirrors::run(std::string folder, std::vector<std::string> arguments,
                                    int lock) const {
    ProcessSpec spec = program_.command(folder, std::move(arguments), transfer_limit);
    spec.inherited_fd = lock;
    co_return co_await program_.run(std::move(spec), output_limit_bytes);
}

Task<Result<void>> Mirrors::make(std::string source, std::string mirror, int lock) const {
    const std::string unfinished = mirror + ".new";
    const bool borrows =
        has(source + "/.git/objects/info/alternates") || has(source + "/objects/info/alternates");
    std::string failed = "not tried";
    // Hard links fail for object folders that are links themselves; a clone that borrows objects
    // would hand its alternates on.
    for (const char* how : {"--local", "--no-local"}) {
        if (borrows && std::string(how) == "--local") continue;
        std::error_code failure;
        fs::remove_all(unfinished, failure);
        std::vector<std::string> arguments{"clone",       "--mirror",  how,
                                           "--template=", "--no-tags", "--quiet",
                                           "--",          source,      unfinished};
        Result<Captured> done = co_await run(folder_, std::move(arguments), lock);
        if (!done) co_return std::unexpected(done.error());
        if (!done->end.ok()) {
            failed = failed_copy(*done);
            continue;
        }
        // Borrowed in a place that was not looked at (the clone is a linked work tree).
        if (has(unfinished + "/objects/info/alternates")) continue;
        // Written by somebody else's git, perhaps for other parents; ours is written later.
        fs::remove(unfinished + "/objects/info/commit-graph", failure);
        fs::remove_all(unfinished + "/objects/info/commit-graphs", failure);
        fs::remove_all(mirror, failure);
        fs::rename(unfinished, mirror, failure);
        if (failure)
            co_return infrastructure("mirror " + shown(mirror),
                                     "cannot be put in place: " + failure.message());
        co_return Result<void>();
    }
    co_return infrastructure("copying the clone " + shown(source), failed);
}

Task<Result<void>> Mirrors::fetch(std::string source, std::string mirror, int lock) const {
    std::vector<std::string> arguments{"fetch",           "--prune", "--no-tags",
                                       "--quiet",         "--force", "--no-write-fetch-head",
                                       "--update-shallow"};
    if (not_empty(mirror + "/shallow")) arguments.emplace_back("--unshallow");
    arguments.insert(arguments.end(), {"--", source});
    for (const char* kind : {"heads", "tags", "remotes", "replace"})
        arguments.push_back(fmt::format("+refs/{0}/*:refs/{0}/*", kind));
    Result<Captured> done = co_await run(mirror, std::move(arguments), lock);
    if (!done) co_return std::unexpected(done.error());
    if (!done->end.ok())
        co_return infrastructure("copying news of the clone " + shown(source), failed_copy(*done));
    co_return Result<void>();
}

Task<Result<void>> Mirrors::keep(std::string source, std::string mirror, int lock,
                                 std::vector<CommitId> wanted) const {
    Result<RepositoryHandle> repository = open_repository(mirror);
    if (!repository) co_return infrastructure(repository.error().where, repository.error().what);
    const auto refer = [&repository](const CommitId& id) {
        git_oid oid;
        git_reference* made = nullptr;
        if (git_oid_fromstr(&oid, id.hex().c_str()) < 0 ||
            git_reference_create(&made, repository->get(), keep_name(id).c_str(), &oid, 1,
                                 nullptr) < 0)
            return false;
        git_reference_free(made);
        return true;
    };
    std::vector<std::string> arguments{
        "fetch", "--no-tags", "--quiet", "--no-write-fetch-head", "--update-shallow", "--", source};
    const std::size_t fixed = arguments.size();
    for (const CommitId& id : wanted) {
        if (!has_commit(repository->get(), id))
            arguments.push_back(fmt::format("+{}:{}", id.hex(), keep_name(id)));
        else if (!refer(id))
            co_return infrastructure("mirror " + shown(mirror), last_error());
    }
    if (arguments.size() == fixed) co_return Result<void>();
    Result<Captured> done = co_await run(mirror, std::move(arguments), lock);
    if (!done) co_return std::unexpected(done.error());
    if (!done->end.ok())
        co_return wrong_request("clone " + shown(source),
                                "lacks objects of an end of the range: " + failed_copy(*done));
    co_return Result<void>();
}

Task<Result<void>> Mirrors::update(std::string repository, std::vector<CommitId> wanted) const {
    const std::string source = canonical(repository);
    const std::string mirror = folder_of(repository);
    Result<FolderLock> lock = co_await FolderLock::take(mirror + ".lock", transfer_limit);
    if (!lock) co_return std::unexpected(lock.error());
    const int descriptor = lock->descriptor();

    if (has(mirror + "/HEAD")) {
        remove_stale_locks(mirror);
    } else {
        Result<void> made = co_await make(source, mirror, descriptor);
        if (!made) co_return std::unexpected(made.error());
    }
    Result<void> fetched = co_await fetch(source, mirror, descriptor);
    if (!fetched) co_return std::unexpected(fetched.error());
    Result<void> kept = co_await keep(source, mirror, descriptor, wanted);
    if (!kept) co_return std::unexpected(kept.error());

    const std::string file = usable_graph(mirror);
    if (file.empty()) co_return Result<void>();
    const std::optional<CommitGraph> graph = CommitGraph::open(file);
    bool complete = graph.has_value();
    for (const CommitId& id : wanted) complete = complete && graph->find(id).has_value();
    if (complete) co_return Result<void>();
    std::vector<std::string> write{"commit-graph", "write", "--reachable", "--no-progress"};
    // Without the file everything is slower and nothing is wrong: a failure is not looked at.
    Result<Captured> written = co_await run(mirror, std::move(write), descriptor);
    if (!written && written.error().kind == ErrorKind::cancelled)
        co_return std::unexpected(written.error());
    co_return Result<void>();
}

std::string usable_graph(const std::string& mirror) {
    if (not_empty(mirror + "/shallow") || not_empty(mirror + "/info/grafts")) return {};
    const Result<RepositoryHandle> repository = open_repository(mirror);
    if (!repository) return {};
    git_reference_iterator* opened = nullptr;
    if (git_reference_iterator_glob_new(&opened, repository->get(), "refs/replace/*") < 0)
        return {};
    const IteratorHandle iterator(opened);
    const char* name = nullptr;
    if (git_reference_next_name(&name, iterator.get()) != GIT_ITEROVER) return {};
    return mirror + "/objects/info/commit-graph";
}

std::vector<CommitId> shallow_border(const std::string& mirror) {
    std::vector<CommitId> border;
    std::ifstream file(mirror + "/shallow");
    std::string line;
    while (std::getline(file, line))
        if (const auto id = CommitId::parse(line)) border.push_back(*id);
    return border;
}

}  // namespace bisectd::git
