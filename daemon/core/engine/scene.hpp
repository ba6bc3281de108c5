#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "core/engine/ancestry.hpp"
#include "core/engine/belief.hpp"
#include "core/engine/question.hpp"
#include "core/engine/testability.hpp"

namespace bisectd::engine {

/// A spot that may be worth a test, and what it takes to get there. Unit: seconds
struct Candidate {
    Spot at;
    bool built = false;
    double wait_s = 0;   ///< until its build is there; 0 when `built`
    double ready_s = 0;  ///< until a free board runs it: `wait_s` and the boot
    double untestable = 0;
    double lost_s = 0;  ///< what a failure costs
};

/// All that one decision looks at: computed once from a question, read by everything else.
struct Scene {
    Scene(const Ancestry& ancestry, const Question& question);

    std::optional<std::size_t> candidate_at(Spot spot) const;
    /// Whether a commit can be tested for a column: what that tests may not exist there.
    const Testability& testability_for(std::size_t column) const {
        return of_column[column] ? *of_column[column] : testability;
    }
    bool builders_apart() const;

    const Ancestry& ancestry;
    const Question& question;
    std::vector<Belief> beliefs;                        ///< of each column
    Testability testability;                            ///< of commits for any column
    std::vector<std::optional<Testability>> of_column;  ///< where it has untestable ones of its own
    std::vector<Standing> standings;
    std::vector<bool> searched;         ///< of each column: its culprit is still looked for
    std::vector<Candidate> candidates;  ///< the shortlist: commits, then outside spots
    /// For each 64 candidates: which of them each commit is an ancestor of. Outside spots: none.
    std::vector<std::vector<std::uint64_t>> reach;
};

}  // namespace bisectd::engine
