#pragma once
#include <optional>
#include <string>

#include "core/commit_id.hpp"
#include "core/error.hpp"
#include "ports/repository.hpp"

namespace bisectd::git {

/// What a commit says about itself, texts bounded to 64 KiB. Blocking.
/// Errors: request when the repository has no such commit; infrastructure when it is unreadable.
Result<CommitInfo> read_commit(const std::string& repository, const CommitId& id);

/// As Repository::file says. Blocking.
/// Errors: request when the repository has no such commit; infrastructure when it is unreadable.
Result<std::optional<std::string>> read_file_of(const std::string& repository, const CommitId& id,
                                                const std::string& path);

}  // namespace bisectd::git
