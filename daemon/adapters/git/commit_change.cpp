#include "adapters/git/commit_change.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "adapters/git/handle.hpp"
#include "core/build_inputs.hpp"
#include "core/c_text.hpp"

namespace bisectd::git {
namespace {

/// A larger file is not compared for its comments. Unit: bytes.
constexpr std::size_t text_limit_bytes = 8 << 20;

using Deltas = std::map<std::string, git_diff_delta>;

/// The text of a blob; nothing when it cannot be read or is too large to look into.
std::optional<std::string> text_of(git_repository* repository, const git_oid& id) {
    git_blob* found = nullptr;
    if (git_blob_lookup(&found, repository, &id) < 0) return std::nullopt;
    const BlobHandle blob(found);
    const auto bytes = static_cast<std::size_t>(git_blob_rawsize(found));
    if (bytes > text_limit_bytes) return std::nullopt;
    return std::string(static_cast<const char*>(git_blob_rawcontent(found)), bytes);
}

/// Whether people alone see a difference: documentation, or comments and blanks.
bool is_words(git_repository* repository, const std::string& path, const git_diff_delta& delta) {
    if (is_documentation(path)) return true;
    if (delta.status != GIT_DELTA_MODIFIED || delta.old_file.mode != delta.new_file.mode ||
        !has_c_comments(path))
        return false;
    const auto before = text_of(repository, delta.old_file.id);
    const auto after = text_of(repository, delta.new_file.id);
    return before && after && without_comments(*before) == without_comments(*after);
}

/// What differs between a tree and that of a parent; `parent` may be null: from nothing.
/// The paths of the deltas live in `diff`; the keys are copies.
Result<Deltas> deltas_from(git_repository* repository, git_commit* parent, git_tree* tree) {
    git_tree* found = nullptr;
    if (parent != nullptr && git_commit_tree(&found, parent) < 0)
        return infrastructure("diff", last_error());
    const TreeHandle before(found);
    git_diff_options options;
    git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.flags |= GIT_DIFF_SKIP_BINARY_CHECK | GIT_DIFF_INCLUDE_TYPECHANGE;
    options.ignore_submodules = GIT_SUBMODULE_IGNORE_NONE;
    git_diff* made = nullptr;
    if (git_diff_tree_to_tree(&made, repository, before.get(), tree, &options) < 0)
        return infrastructure("diff", last_error());
    const DiffHandle diff(made);
    Deltas deltas;
    for (std::size_t i = 0; i < git_diff_num_deltas(made); ++i) {
        const git_diff_delta* delta = git_diff_get_delta(made, i);
        for (const char* path : {delta->old_file.path, delta->new_file.path})
            if (path != nullptr) deltas[path] = *delta;
    }
    return deltas;
}

}  // namespace

Result<CommitChange> read_change(const std::string& repository, const CommitId& id) {
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
    git_tree* root = nullptr;
    if (git_commit_tree(&root, found) < 0) return infrastructure(where, last_error());
    const TreeHandle tree(root);

    const unsigned parents = git_commit_parentcount(found);
    std::optional<Deltas> changed;
    for (unsigned i = 0; i < std::max(parents, 1U); ++i) {
        git_commit* parent = nullptr;
        if (parents > 0 && git_commit_parent(&parent, found, i) < 0)
            return infrastructure(where, last_error());
        const CommitHandle holder(parent);
        auto deltas = deltas_from(opened->get(), parent, root);
        if (!deltas) return infrastructure(where, deltas.error().what);
        if (!changed) {
            changed = std::move(*deltas);
            continue;
        }
        std::erase_if(*changed,
                      [&deltas](const auto& entry) { return !deltas->contains(entry.first); });
    }
    CommitChange change;
    change.merge = parents > 1;
    change.words_only = !changed->empty();
    for (const auto& [path, delta] : *changed) {
        change.paths.push_back(path);
        change.words_only = change.words_only && is_words(opened->get(), path, delta);
    }
    return change;
}

}  // namespace bisectd::git
