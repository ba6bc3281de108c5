#pragma once
#include <cstdint>
#include <vector>

#include "core/engine/scene.hpp"

namespace bisectd::engine {

/// A test whose outcome is not known yet: a board is at it, or will be.
struct PendingTest {
    Spot at;
    std::size_t length = 0;  ///< of the order, an index of `Rates::lengths`
};

/// What a test at a candidate is expected to tell about the culprit of one column, given that the
/// pending tests will have told their part.
class Gauge {
  public:
    /// For each length of an order: the information and the runs to be expected.
    struct Curve {
        std::vector<double> bits, runs;
    };

    Gauge(const Scene& scene, std::size_t column, const std::vector<PendingTest>& pending);

    /// The chance that the candidate is bad, as it is seen now.
    double bad(std::size_t candidate) const;
    /// No test at the candidate tells more, but for what it tells about the rates.
    double most_bits(std::size_t candidate) const;
    /// On a fresh boot.
    Curve curve(std::size_t candidate) const;
    /// On a boot that has shown `open` already.
    Curve curve_on(std::size_t candidate, Count open) const;

  private:
    /// Suspects that neither a test nor a pending test tells apart.
    struct Cell {
        std::size_t of = 0;  ///< its class
        double mass = 0;
        std::uint64_t bad_at = 0;  ///< of each pending test: whether it is bad under this cell
    };
    /// What the pending tests may show together.
    struct Outcome {
        double chance = 1;
        std::vector<double> mass;  ///< of each cell, given this outcome
    };
    /// Chances that nothing shows, for each length.
    struct Clean {
        const double *bad, *good, *entropy_bad, *entropy_good;
    };

    void make_cells(const std::vector<PendingTest>& pending);
    void imagine(const std::vector<PendingTest>& pending);
    void share_candidates();
    void doubt_candidates(std::size_t column);
    Curve curve_with(std::size_t candidate, const std::vector<Clean>& clean) const;

    const Scene& scene_;
    const Belief& belief_;
    std::vector<std::uint32_t> cell_of_;  ///< of each commit
    std::vector<Cell> cells_;
    std::vector<Outcome> outcomes_;
    /// For each candidate and cell: the part of the cell's mass under which the candidate is bad.
    std::vector<std::vector<double>> bad_part_;
    /// For each candidate: the chance that it has what the column tests, if it can be tested.
    std::vector<double> tells_;
};

}  // namespace bisectd::engine
