#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "tests/sim/decisions/truth.hpp"

namespace bisectd::simulate {

/// `outlook` after the bad end was seen, and what came: whole virtual seconds of the bisect.
struct Estimate {
    double said_s = 0;
    double came_s = 0;
};

/// How one virtual bisect ended and what it took.
struct Outcome {
    bool right = false;     ///< named the culprit, or the set that no test could tell apart
    bool contains = false;  ///< the culprit is in what was named
    bool warned = false;    ///< a contradiction or a surprise stood beside the answer
    bool gave_up = false;   ///< ended without an answer
    bool lied_to = false;   ///< the scenario's lie was told
    double claimed = 1;     ///< the chance of being right, as the algorithm says
    std::uint64_t set_size = 1;
    std::uint64_t boots = 0;
    std::uint64_t commits = 0;  ///< booted at least once
    std::uint64_t builds = 0;
    std::uint64_t failed_builds = 0;
    std::uint64_t runs = 0;
    double wall_s = 0;  ///< virtual
    double cpu_s = 0;   ///< real, of the algorithm and the world
    double information = 0;
    double halvings = 0;  ///< most of `Standing::halvings` on the way; 0: not of this algorithm
    std::optional<Estimate> estimate;

    /// It named something, the culprit is not in it, and nothing warned.
    bool silently_wrong() const { return !gave_up && !contains && !warned; }
};

/// Enters whether `answer` is right for a symptom; several symptoms must all be right.
void judge(Outcome& outcome, const Truth& truth, std::size_t symptom, const CommitSet& answer);

/// Means over many bisects.
struct Summary {
    std::size_t bisects = 0;
    double right = 0, contains = 0, claimed = 0;  ///< shares
    std::size_t silently_wrong = 0, warned = 0, gave_up = 0, lied_to = 0;
    double boots = 0, commits = 0, builds = 0, failed_builds = 0, runs = 0;
    double wall_s = 0, wall_p95_s = 0;
    double wall_error_s = 0;  ///< standard error of the mean
    double cpu_s = 0;
    double information = 0;
    /// What half, 99 of 100 and all of the right ones kept below; 0: not of this algorithm.
    double halvings_median = 0, halvings_p99 = 0, halvings_most = 0;
    std::size_t estimates = 0;
    double estimates_kept = 0;  ///< share within a factor of 1.5
    double said_s = 0;          ///< mean of what was expected

    /// Of `right`. Unit: share.
    double standard_error() const;
};

Summary summarise(const std::vector<Outcome>& outcomes);

/// Plays the scenario's bisects, spread over `jobs` threads; the answer is in order of number.
using Algorithm = std::function<Outcome(const Truth&)>;
std::vector<Outcome> play_all(const Range& range, const Scenario& scenario, unsigned jobs,
                              const Algorithm& algorithm);

}  // namespace bisectd::simulate
