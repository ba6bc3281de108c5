#pragma once
#include <vector>

#include "core/event.hpp"
#include "ports/repository.hpp"
#include "ports/task.hpp"

namespace bisectd {

/// What a start means in the repository.
struct StartRange {
    StartRequest request;  ///< with the ends of its `replay`, hints as full ids
    Range range;
    std::vector<CommitJudged> judged;  ///< by its `replay`
};

/// Resolves the ends, the hints and the log of a start; the same request gives the same again
/// after a restart.
/// Errors: request, with the line of the log where it is to blame: a name that is unknown or
/// ambiguous, a hint outside the range, verdicts that contradict each other; infrastructure.
Task<Result<StartRange>> resolve_start(Repository& repository, StartRequest request);

/// Whether the commit is one of the range, one of its ends or of its merge bases.
bool is_in_range(const Range& range, const CommitId& commit);

}  // namespace bisectd
