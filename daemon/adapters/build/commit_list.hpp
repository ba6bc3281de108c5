#pragma once
#include <string>
#include <vector>

#include "ports/workshop.hpp"

namespace bisectd::build {

/// Writes the ids into `folder`/`name`.list, one a line: whole or not at all, and durable.
/// Errors: infrastructure.
Result<FrozenList> freeze_commits(const std::string& folder, const std::string& name,
                                  const std::vector<CommitId>& commits);

/// The ids of the list. Errors: infrastructure when the file is gone, has another digest, or holds
/// something else than ids.
Result<std::vector<CommitId>> read_commits(const FrozenList& list);

}  // namespace bisectd::build
