#pragma once
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/mischief.hpp"
#include "tests/sim/world.hpp"

namespace bisectd::sim {

/// Why a commit shows nothing, whatever is tried.
enum class Hitch { none, breaks_build, hangs, panics, no_network, other_bug, not_applicable };

/// How a bug shows itself.
enum class Shape {
    run_fails,
    board_panics,   ///< with the symptom on its console
    board_freezes,  ///< the recipe says that a lost board is the symptom
    boot_fails,     ///< the recipe hunts kernels that do not come up
    no_kernel,      ///< the recipe builds a program and boots nothing
};

/// A history with its bugs, and what is true of it: the rules are checked against this.
struct Plot {
    std::string repository;
    unsigned good = 0, bad = 0;  ///< numbers of the ends
    std::vector<std::string> symptoms;
    /// Of each symptom; nothing: the range is wrong, no commit in it brought the bug.
    std::vector<std::optional<unsigned>> culprits;
    std::vector<std::vector<bool>> bugs;  ///< of each symptom, from the good end on
    std::vector<Hitch> hitches;           ///< from the good end on
    std::vector<bool> touches;            ///< likewise: whether it changes what is built
    unsigned hit_in = 1;                  ///< each so many-th run of a commit shows the bug
    Shape shape = Shape::run_fails;

    bool has(unsigned commit) const { return commit >= good && commit <= bad; }
    bool has_bug(std::size_t symptom, unsigned commit) const {
        return bugs[symptom][commit - good];
    }
    bool boots() const { return shape != Shape::no_kernel; }
    Hitch hitch(unsigned commit) const { return hitches[commit - good]; }
    std::size_t index_of(const std::string& symptom) const;
};

using Plots = std::deque<Plot>;

/// The plot that has this commit; null: none.
const Plot* plot_of(const Plots& plots, unsigned commit);
const Plot* plot_of(const Plots& plots, const std::string& repository);

/// Makes up a history behind the world's last commit, with its recipe. `truthful`: nothing but a
/// bug ends a boot or a run of this world's boards, and a recipe may rely on that.
Plot make_plot(World& world, Chance& chance, unsigned number, bool truthful);

/// The world's kernels are those of its plots. The plots outlive the world.
void play(World& world, const Plots& plots);

}  // namespace bisectd::sim
