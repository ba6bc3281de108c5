#pragma once
#include <string>
#include <vector>

#include "core/commit_id.hpp"
#include "core/error.hpp"

namespace bisectd::git {

/// The ends of a range as commits.
struct Ends {
    CommitId bad;
    std::vector<CommitId> good;  ///< without repetitions, in the order of the request
};

/// What `name` means in the repository, peeled to a commit: a tag, branch, remote branch, HEAD,
/// full or short id, with git's suffixes (`v6.1^0`, `main~3`). Blocking; reads only.
/// Errors: request. Unknown names come with the most similar tags and branches, ambiguous short
/// ids with the commits they may mean, and a tag and a branch of one name that point to different
/// commits with the names that tell them apart.
Result<CommitId> resolve_name(const std::string& repository, const std::string& name);

/// Both ends. Errors: as above, and when an end is missing or an end is good and bad at once.
Result<Ends> resolve_ends(const std::string& repository, const std::string& bad,
                          const std::vector<std::string>& good);

/// The commits whose id starts with `prefix` (4 to 40 lower-case digits), at most 20.
Result<std::vector<CommitId>> commits_with_prefix(const std::string& repository,
                                                  const std::string& prefix);

/// Whether `text` is one or more lower-case hexadecimal digits.
bool is_hex(std::string_view text);

/// Edits (insert, delete, replace a byte) that make `a` of `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace bisectd::git
