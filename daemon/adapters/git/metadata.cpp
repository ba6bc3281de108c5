#include "adapters/git/metadata.hpp"

#include "adapters/git/handle.hpp"

namespace bisectd::git {
namespace {

constexpr std::size_t longest_text_bytes = 65536;

std::string hex_of(const git_oid* oid) {
    std::string hex(GIT_OID_HEXSZ, '\0');
    git_oid_fmt(hex.data(), oid);
    return hex;
}

std::string bounded(const char* text) {
    return text == nullptr ? std::string() : std::string(text).substr(0, longest_text_bytes);
}

}  // namespace

Result<CommitInfo> read_commit(const std::string& repository, const CommitId& id) {
    const Result<RepositoryHandle> opened = open_repository(repository);
    if (!opened) return infrastructure(opened.error().where, opened.error().what);
    const std::string where = "commit " + id.brief();
    git_oid oid;
    if (git_oid_fromstr(&oid, id.hex().c_str()) < 0)
        return wrong_request(where, "not an id of this repository");
    git_commit* found = nullptr;
    const int status = git_commit_lookup(&found, opened->get(), &oid);
    if (status == GIT_ENOTFOUND) return wrong_request(where, "no such commit in the mirror");
    if (status < 0) return infrastructure(where, last_error());
    const CommitHandle commit(found);

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

}  // namespace bisectd::git
