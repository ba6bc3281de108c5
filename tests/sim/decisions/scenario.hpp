#pragma once
#include <cstdint>
#include <string>

namespace bisectd::simulate {

/// What the virtual bisects have in common: the bug, the history's troubles, the lab, and what the
/// decision engine is told. Times in virtual seconds, shares from 0 to 1.
struct Scenario {
    // The bug.
    double rate = 1;            ///< chance that one run on a bad commit shows it
    double noise = 0;           ///< chance that one run on a good commit shows it
    bool boot_decides = false;  ///< a boot shows it in all runs or in none
    unsigned symptoms = 1;      ///< looked for together, each with a culprit of its own

    // The history.
    double unbuildable = 0;  ///< share of commits that do not build, in stretches
    double unlikely = 0;     ///< share of commits that touch nothing that is built
    double prebuilt = 0;     ///< share of commits whose artefact is in the store

    // The lab.
    double build_s = 300;
    double boot_s = 60;
    double run_s = 1;
    unsigned boards = 1;
    unsigned builders = 0;    ///< apart from the boards; 0: each attempt builds for itself
    double broken_boots = 0;  ///< share of boots that show it always, or never

    /// One boot of each bisect lies in all of its runs.
    enum class Lie { none, good, bad };
    Lie lie = Lie::none;  ///< what the lie says of its commit

    // What the engine is told.
    double confidence = 0.95;
    double broken_boot_prior = 0.01;  ///< how likely it holds a broken boot for
    bool trust_ends = false;
    bool never_by_chance = false;  ///< a good commit cannot show it
    /// A proof follows, as in the daemon: the search ends where that would begin.
    bool proof_follows = true;
    bool proof = false;  ///< the culprit and its parents are tested once more, from clean builds
    bool tell_unlikely = true;  ///< the weights of unlikely commits
    std::uint64_t seen_hits = 0;
    std::uint64_t seen_runs = 0;  ///< of the bad end, before the bisect; 0: nothing was seen
    enum class Hint { none, right, wrong };
    Hint hint = Hint::none;

    // The experiment.
    unsigned bisects = 1000;
    std::uint64_t seed = 1;
    std::uint64_t git_repeats = 0;  ///< runs a step of `git bisect xN`; 0: the best N is searched
    bool estimate = false;          ///< compare `outlook` with what comes
};

/// Weight of a commit that touches nothing that is built, against 1 of the others.
/// Source: section 2 of the engine's specification: 0.02, not 0, as such findings are not proofs.
constexpr double unlikely_weight = 0.02;

}  // namespace bisectd::simulate
