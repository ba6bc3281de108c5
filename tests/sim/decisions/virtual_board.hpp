#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "tests/sim/decisions/truth.hpp"

namespace bisectd::simulate {

/// A moment that does not come by itself.
constexpr double never = std::numeric_limits<double>::infinity();

/// The runs of one symptom in one order: they end at the first hit. Times: virtual seconds.
struct RunPlan {
    double begins = 0;
    std::uint64_t before = 0;   ///< runs of this boot before the order
    std::uint64_t ordered = 0;  ///< runs asked for
    std::uint64_t comes = 0;    ///< runs until the hit, or all that were ordered
    bool hit = false;
    std::uint64_t seen = 0;  ///< of `comes`, those that are over

    std::uint64_t over_at(double now, double run_s) const;
};

/// A board with the attempt it is busy with. It knows the future of its runs; who asks the engine
/// reads only what is over.
struct VirtualBoard {
    enum class Phase { idle, building, booting, running };

    Phase phase = Phase::idle;
    double until = never;  ///< end of the phase
    engine::Spot at;       ///< of the attempt
    bool booted = false;   ///< `at` runs on it
    std::uint32_t nth_boot = 0;
    BootKind kind = BootKind::honest;
    std::vector<std::uint64_t> ordered;   ///< runs for each symptom, while on the way to them
    std::vector<RunPlan> plans;           ///< of each symptom, while running
    std::vector<engine::Showing> showed;  ///< of each symptom, by this boot
    std::vector<std::size_t> position;    ///< of those among the column's showings

    /// Begins to run at `now`, symptom after symptom.
    void run(const Truth& truth, double now);
    /// Brings `showed` up to `now`; true when that added something.
    bool look(const Truth& truth, double now);
};

}  // namespace bisectd::simulate
