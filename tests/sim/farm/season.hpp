#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/outcome.hpp"
#include "tests/sim/fault.hpp"

namespace bisectd::sim {

/// What is played.
struct SeasonWish {
    unsigned boards = 0;      ///< 0: the seed decides, 1 to 3
    unsigned bisections = 0;  ///< 0: the seed decides, 1 to 4
    unsigned faults = 0;      ///< most that strike a bisection; 0: the seed decides
    bool calm = false;        ///< no fault at all
    std::vector<Fault> only;  ///< empty: the seed decides which
    /// The daemon is killed before or after it writes this event, as well. 0: never.
    std::uint64_t kill_before = 0, kill_after = 0;
};

/// What came of it.
struct SeasonReport {
    std::uint64_t seed = 0;
    unsigned bisections = 0;
    std::array<std::uint64_t, fault_count> drawn{};
    std::array<unsigned, Words<Ending>::all.size()> endings{};
    std::uint64_t events = 0, steps = 0, attempts = 0, runs = 0;
    std::uint64_t daemons = 0, parked = 0, paused = 0;
    double virtual_hours = 0;
    std::uint64_t digest = 0;  ///< of all that happened, in order
    std::vector<std::string> broken;
};

using Trace = std::function<void(const std::string& line)>;

/// Plays all that one seed decides: histories, bugs, boards, faults and people, until every
/// bisection has ended. The same seed and wish give the same report, to the digest.
SeasonReport play_season(std::uint64_t seed, const SeasonWish& wish, const Trace& trace = {});

/// Plays the seed once, then again for each event of that time with the daemon killed right before
/// it is written, and again with the daemon killed right after. `hear`: each report, with its wish.
void play_every_kill(std::uint64_t seed, const SeasonWish& wish,
                     const std::function<void(const SeasonReport&, const SeasonWish&)>& hear);

}  // namespace bisectd::sim
