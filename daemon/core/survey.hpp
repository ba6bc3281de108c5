#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/commit_id.hpp"
#include "core/history.hpp"
#include "core/state.hpp"

namespace bisectd {

// The picture of a search, for people: where in the range the steps went, what they left, and what
// stands around the likely culprit. The range lies on a line, oldest first, cut into bins.

/// A step on that line.
struct SurveyStep {
    std::uint64_t step = 0;           ///< 0: after the last one
    double place = 0;                 ///< of its commit, from 0 (the good ends) to 1 (the bad end)
    std::vector<std::uint64_t> left;  ///< of each bin: suspects when it began. Unit: percent
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("place", self.place);
        visit("left", self.left);
    }
};

/// A commit with what is known of it.
struct SurveyCommit {
    CommitId commit;
    std::string subject;            ///< hostile text
    std::vector<CommitId> parents;  ///< those in the range
    double probability = 0;         ///< of being the culprit
    std::string verdict;            ///< its latest one's word; empty: none
    std::uint64_t step = 0;         ///< that gave it; 0: none
    bool suspect = false;
    static void fields(auto&& visit, auto& self) {
        visit("commit", self.commit);
        visit("subject", self.subject);
        visit("parents", self.parents);
        visit("probability", self.probability);
        visit("verdict", self.verdict);
        visit("step", self.step);
        visit("suspect", self.suspect);
    }
};

struct Survey {
    std::uint64_t commits = 0;         ///< in the range
    std::uint64_t suspects = 0;        ///< now
    std::vector<SurveyStep> steps;     ///< and last of all: now
    std::vector<double> probability;   ///< of each bin, that the culprit is there
    std::vector<SurveyCommit> likely;  ///< the likeliest, the first one first
    std::vector<SurveyCommit> around;  ///< the likeliest and its neighbours, newest first
    static void fields(auto&& visit, auto& self) {
        visit("commits", self.commits);
        visit("suspects", self.suspects);
        visit("steps", self.steps);
        visit("probability", self.probability);
        visit("likely", self.likely);
        visit("around", self.around);
    }
};

/// Draws it; subjects are left empty. `probability`: of each commit of `history`, to be the
/// culprit; empty: not known.
Survey survey_of(const BisectionState& state, const History& history,
                 const std::vector<double>& probability);

}  // namespace bisectd
