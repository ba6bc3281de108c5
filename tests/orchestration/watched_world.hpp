#pragma once
#include "tests/sim/simulation.hpp"

namespace bisectd::sim {

/// A range of 20 commits, the 13th the culprit; somebody looks after the disks and the logs.
inline World watched_world() {
    World world = World::line(20, 13);
    world.disk.watched = true;
    return world;
}

/// Everything goes on meanwhile.
inline void let_pass(Simulation& sim, Ms time) {
    const Ms until = sim.clock.steady() + time;
    sim.run_until([&sim, until] { return sim.clock.steady() >= until; });
}

}  // namespace bisectd::sim
