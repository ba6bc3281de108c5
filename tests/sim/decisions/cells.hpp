#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/decisions/prototype.hpp"
#include "tests/sim/decisions/scenario_table.hpp"

namespace bisectd::simulate {

/// A cell of the scenario table, played.
struct Cell {
    Scenario scenario;
    Summary ours;
    Bound bound;
    std::optional<Row> git;  ///< `git bisect` with the best repeats
    std::optional<PrototypeFigure> prototype;

    bool played() const { return ours.bisects > 0; }
    double to_bound() const { return ours.wall_s / bound.wall_s; }
};

/// The rates, false alarms and shares of unbuildable commits that the goals name.
inline constexpr double table_rates[] = {1, 0.3, 0.1, 0.01, 1.0 / 800};
inline constexpr double table_noises[] = {0, 0.001};
inline constexpr double table_unbuildable[] = {0, 0.05, 0.2};
inline constexpr double table_confidences[] = {0.95, 0.99};
inline constexpr unsigned table_boards[] = {2, 4, 8};

/// All that was played for the table.
struct Cells {
    std::vector<Cell> calibration;  ///< rates x noises x unbuildable x confidences, in that order
    std::vector<Cell> seen;         ///< each rate with three hits seen before
    std::vector<Cell> boards;       ///< each rate with each number of boards
    std::vector<Cell> builders;     ///< each rate with four builders
    std::vector<Cell> prebuilt;     ///< a quarter of the artefacts in the store
    std::vector<Cell> lies;         ///< rates 1 and 0.1 with a good and a bad lie
    Cell trusted;                   ///< rate 1, ends believed
    Summary trusted_git;            ///< plain `git bisect` on the same cases
    Cell broken_boots;              ///< rate 1, one boot in a hundred broken
    Cell unlikely_told, unlikely_untold;  ///< four commits in five touch nothing built

    /// The cell of `calibration` at these positions of the lists above.
    const Cell& at(std::size_t rate, std::size_t noise, std::size_t unbuildable,
                   std::size_t confidence) const {
        return calibration[((rate * 2 + noise) * 3 + unbuildable) * 2 + confidence];
    }
};

Result<Cells> play_cells(const Ground& ground, const TableWish& wish);

/// The lines "goal, measured, met" of the goals that a simulation can measure. Markdown.
std::string goal_lines(const Cells& cells);

}  // namespace bisectd::simulate
