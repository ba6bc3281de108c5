#pragma once
#include <cstddef>
#include <vector>

#include "core/error.hpp"
#include "core/event.hpp"
#include "core/history.hpp"

namespace bisectd {

/// A verdict of somebody's log, its names looked up.
struct ResolvedVerdict {
    Verdict verdict = Verdict::skip;
    CommitId commit;
    CommitId since;        ///< of `skip since..commit`; empty: `commit` alone
    std::size_t line = 0;  ///< of the log
};

/// What a person told of by a log is judged with.
constexpr std::string_view replay_why = "git bisect log";

/// The judgements that the verdicts of a log make of the commits of `history` and of
/// `merge_bases`, each commit once, in the order of the log. A skip gives way to a verdict of the
/// same commit, wherever it stands; what is skipped outside the range is left out.
/// Errors: request, with the lines: a bad commit is an ancestor of a good one, or the same; a
/// commit that is called bad does not lie between the ends; more than 10,000 commits.
/// Requires: good verdicts outside of `history` are ends or merge bases.
Result<std::vector<CommitJudged>> judgements_of(const std::vector<ResolvedVerdict>& verdicts,
                                                const History& history,
                                                const std::vector<CommitId>& merge_bases);

}  // namespace bisectd
