#pragma once
#include <git2.h>

#include <memory>
#include <string>

#include "core/error.hpp"

namespace bisectd::git {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* handle) const {
        release(handle);
    }
};
using RepositoryHandle = std::unique_ptr<git_repository, Release<git_repository_free>>;
using ObjectHandle = std::unique_ptr<git_object, Release<git_object_free>>;
using CommitHandle = std::unique_ptr<git_commit, Release<git_commit_free>>;
using TreeHandle = std::unique_ptr<git_tree, Release<git_tree_free>>;
using DiffHandle = std::unique_ptr<git_diff, Release<git_diff_free>>;
using BlobHandle = std::unique_ptr<git_blob, Release<git_blob_free>>;
using OdbHandle = std::unique_ptr<git_odb, Release<git_odb_free>>;
using ReferenceHandle = std::unique_ptr<git_reference, Release<git_reference_free>>;
using IteratorHandle =
    std::unique_ptr<git_reference_iterator, Release<git_reference_iterator_free>>;

/// Makes libgit2 usable, until the process ends: shut down earlier, it would lose what it keeps for
/// threads that are still there. Repositories of other owners are readable: nothing of them is ever
/// run. May be called again.
void start_libgit2();

/// What libgit2 says about the call before this one, on this thread.
std::string last_error();

/// Opens exactly `path` (a work tree's top folder, a bare repository or a `.git`).
/// Errors: request when there is no repository that libgit2 can read.
Result<RepositoryHandle> open_repository(const std::string& path);

/// `text` for a message: at most 200 bytes, control characters as '?'.
std::string shown(std::string_view text);

}  // namespace bisectd::git
