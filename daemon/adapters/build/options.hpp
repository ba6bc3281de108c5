#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/confinement.hpp"
#include "core/storage_spec.hpp"

namespace bisectd::build {

/// How the workshop works on this machine.
struct WorkshopOptions {
    std::string builds_folder;  ///< trees and outputs; empty: in the data folder
    ConfinementSpec confinement;
    /// Folders that builds never see: of secrets, beside the data folder and the builds folder.
    std::vector<std::string> hidden;
    bool ccache = true;               ///< used when the program is there
    std::string ccache_size = "10G";  ///< in ccache's words
    unsigned jobs = 0;                ///< 0: as many as the machine has processors
    bool low_priority = false;        ///< builds run at nice 10: starved on a busy machine
    StorageSpec storage;              ///< of artefacts, and what is left free
    /// Below this much free space nothing is checked out, whatever `storage` says.
    std::uint64_t spare_bytes = 512ULL << 20;
};

}  // namespace bisectd::build
