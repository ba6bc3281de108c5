#pragma once
#include <vector>

#include "core/engine/scene.hpp"

namespace bisectd::engine {

/// What boards and builders should do, chosen together.
struct Plan {
    std::vector<Order> orders;
    std::vector<CommitIndex> builds;
    std::vector<std::size_t> preempt;
};

Plan plan(const Scene& scene);

}  // namespace bisectd::engine
