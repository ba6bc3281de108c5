#pragma once
#include <optional>
#include <vector>

#include "core/history.hpp"

namespace bisectd {

/// What is known about single commits. Order and repetitions do not matter.
struct Evidence {
    std::vector<CommitIndex> good, bad, skip;
};

/// The commits that may still be the first bad one, one flag a commit: the bad commit and its
/// ancestors (of every bad commit, when there are several) without the good commits and theirs.
/// A path limit's uncounted commits are flagged as well: they connect the counted ones.
/// With no bad commit in `evidence` the bad end (the last commit) stands for it.
/// Errors: empty when the evidence contradicts itself: a bad commit is good, or an ancestor of a
/// good one; or no commit is left, because two bad commits have no suspect ancestor in common.
/// Source: git-bisect(1); each bad verdict of a plain bisection is an ancestor of the last one.
std::vector<bool> suspects(const History& history, const Evidence& evidence);

/// The suspects that can be the culprit (those that count), oldest first.
/// One is left: it is the culprit. More are left and there is no `halving_candidate`: what git
/// prints under "There are only 'skip'ped commits left to test. The first bad commit could be".
std::vector<CommitIndex> possible_culprits(const History& history,
                                           const std::vector<bool>& suspects);

/// The best commit to test: of the possible culprits that are neither skipped nor known as bad,
/// the one with the highest min(w, n - w), w its weight (`weights.hpp`) and n the number of
/// possible culprits; of equal ones that with the lowest id, so that a replay chooses the same.
/// Errors: nothing when one possible culprit is left, or none that would tell anything.
std::optional<CommitIndex> halving_candidate(const History& history,
                                             const std::vector<bool>& suspects,
                                             const Evidence& evidence);

}  // namespace bisectd
