#pragma once
#include <vector>

#include "core/engine/scene.hpp"

namespace bisectd::engine {

/// A small history that stands for a large one: the suspects that still matter (some of them,
/// where they are many), what was tested, and who is whose ancestor among these.
struct CompactWorld {
    History history;
    Question question;              ///< the same question about it
    std::vector<CommitIndex> kept;  ///< the original of each of its commits
    double lost_bits = 0;           ///< what would tell apart the suspects that were merged
    double bits = 0;                ///< what tells apart those that are left
};

CompactWorld compact(const Scene& scene);

}  // namespace bisectd::engine
