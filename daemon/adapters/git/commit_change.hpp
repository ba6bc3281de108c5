#pragma once
#include <string>

#include "core/commit_id.hpp"
#include "core/culprit_flags.hpp"
#include "core/error.hpp"

namespace bisectd::git {

/// As Repository::change says. Blocking.
/// Errors: request when the repository has no such commit; infrastructure when it is unreadable.
Result<CommitChange> read_change(const std::string& repository, const CommitId& id);

}  // namespace bisectd::git
