#pragma once
#include <memory>
#include <vector>

#include "core/engine/ancestry.hpp"
#include "core/history.hpp"

namespace bisectd {

/// What is known of the range beside the journal: it follows from the repository and from files
/// that the journal names by their digest.
struct Knowledge {
    std::shared_ptr<const History> history;  ///< nothing before `range_resolved`
    std::shared_ptr<const engine::Ancestry> ancestry;
    /// Suspects that touch no file that is built; of `prior_weighed`.
    std::vector<CommitIndex> unlikely;
};

}  // namespace bisectd
