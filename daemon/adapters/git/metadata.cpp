#include "adapters/git/metadata.hpp"

#include <algorithm>

#include "adapters/git/handle.hpp"

namespace bisectd::git {
namespace {

constexpr std::size_t longest_text_bytes = 65536;
constexpr std::size_t longest_file_bytes = std::size_t{4} << 20;

std::string hex_of(const git_oid* oid) {
    std::string hex(GIT_OID_HEXSZ, '\0');
    git_oid_fmt(hex.data(), oid);
    return hex;
}

std::string bounded(const char* text) {
    return text == nullptr ? std::string() : std::string(text).substr(0, longest_text_bytes);
}

struct OpenCommit {
    RepositoryHandle repository;
    CommitHandle commit;
};

Result<OpenCommit> look_up(const std::string& repository, const CommitId& id) {
    Result<RepositoryHandle> opened = open_repository(repository);
    if (!opened) return infrastructure(opened.error().where, opened.error().what);
    const std::string where = "commit " + id.brief();
    git_oid oid;
    if (git_oid_fromstr(&oid, id.hex().c_str()) < 0)
        return wrong_request(where, "not an id of this repository");
    git_commit* found = nullptr;
    const int status = git_commit_lookup(&found, opened->get(), &oid);
    if (status == GIT_ENOTFOUND) return wrong_request(where, "no such commit in the mirror");
    if (status < 0) return infrastructure(where, last_error());
    return OpenCommit{std::move(*opened), CommitHandle(found)};
}

}  // namespace

Result<CommitInfo> read_commit(const std::string& repository, const CommitId& id) {
    const Result<OpenCommit> open = look_up(repository, id);
    if (!open) return std::unexpected(open.error());
    git_commit* const found = open->commit.get();
    CommitInfo info;
    info.id = id;
    info.tree = hex_of(git_commit_tree_id(found));
    for (unsigned i = 0; i < git_commit_parentcount(found); ++i)
        info.parents.push_back(*CommitId::parse(hex_of(git_commit_parent_id(found, i))));
    info.subject = bounded(git_commit_summary(found));
    info.message = bounded(git_commit_message(found));
    if (const git_signature* author = git_commit_author(found)) {
        info.author = bounded(author->name) + " <" + bounded(author->email) + ">";
        info.author_time_s_utc = author->when.time;
    }
    return info;
}

Result<std::optional<std::string>> read_file_of(const std::string& repository, const CommitId& id,
                                                const std::string& path) {
    const std::string where = "file " + shown(path) + " of commit " + id.brief();
    const Result<OpenCommit> open = look_up(repository, id);
    if (!open) return std::unexpected(open.error());
    git_tree* root = nullptr;
    if (git_commit_tree(&root, open->commit.get()) < 0) return infrastructure(where, last_error());
    const TreeHandle tree(root);
    git_tree_entry* entry = nullptr;
    const int status = git_tree_entry_bypath(&entry, root, path.c_str());
    if (status == GIT_ENOTFOUND) return std::nullopt;
    if (status < 0) return infrastructure(where, last_error());
    const git_oid blob_id = *git_tree_entry_id(entry);
    const bool is_file = git_tree_entry_type(entry) == GIT_OBJECT_BLOB;
    git_tree_entry_free(entry);
    if (!is_file) return std::nullopt;
    git_blob* read = nullptr;
    if (git_blob_lookup(&read, open->repository.get(), &blob_id) < 0)
        return infrastructure(where, last_error());
    const BlobHandle blob(read);
    const auto bytes =
        std::min(static_cast<std::size_t>(git_blob_rawsize(read)), longest_file_bytes);
    return std::string(static_cast<const char*>(git_blob_rawcontent(read)), bytes);
}

}  // namespace bisectd::git
