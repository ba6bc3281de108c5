#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "core/engine/engine.hpp"

namespace bisectd::engine {

/// A small seeded generator of chances: equal on every machine.
class Chance {
  public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}
    /// In [0, 1).
    double next();

  private:
    std::uint64_t state_;
};

/// What is true in a virtual world of one column.
struct ColumnTruth {
    enum class Kind { culprit, older, not_here };
    Kind kind = Kind::culprit;
    CommitIndex culprit = 0;
    double hit_on_bad = 1;  ///< of one run
    double hit_on_good = 0;
};

struct Truth {
    std::vector<ColumnTruth> columns;
    std::vector<bool> untestable;  ///< of each commit; empty: none
    double broken_boot = 0;
};

/// What a game took.
struct Played {
    double seconds = 0;
    double boots = 0;
    double runs = 0;
    double builds = 0;
    double failed_builds = 0;
    std::vector<Standing> standings;  ///< at the end
};

/// Plays a bisection from `start` to its end with virtual boards and builders, asking `advise`
/// whenever something happens. `builders`: that work apart from boards; 0: a board's attempt
/// builds what it needs. Ends without an answer after `most_decisions` or `most_s` seconds.
Played play(const Ancestry& ancestry, Question start, const Truth& truth, unsigned builders,
            unsigned most_decisions, Chance chance,
            double most_s = std::numeric_limits<double>::infinity());

}  // namespace bisectd::engine
