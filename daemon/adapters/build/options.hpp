#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/confinement.hpp"

namespace bisectd::build {

/// How the workshop works on this machine.
struct WorkshopOptions {
    std::string builds_folder;  ///< trees and outputs; empty: in the data folder
    ConfinementSpec confinement;
    /// Folders that builds never see: of secrets, beside the data folder and the builds folder.
    std::vector<std::string> hidden;
    bool ccache = true;                      ///< used when the program is there
    std::string ccache_size = "10G";         ///< in ccache's words
    unsigned jobs = 0;                       ///< 0: as many as the machine has processors
    bool low_priority = false;               ///< builds run at nice 10: starved on a busy machine
    std::uint64_t keep_bytes = 20ULL << 30;  ///< size of the artefact store
    /// An artefact used within this time is not evicted, whatever the size of the store.
    std::chrono::hours keep_at_least{24 * 7};
    /// Below this much free space nothing is checked out.
    std::uint64_t spare_bytes = 512ULL << 20;
};

}  // namespace bisectd::build
