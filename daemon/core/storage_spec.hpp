#pragma once
#include <chrono>
#include <cstdint>

namespace bisectd {

/// How much of its disks the daemon leaves free, and how much it keeps: the table [storage].
struct StorageSpec {
    /// With less free space nothing new is begun: so many bytes, or hundredths of the disk.
    std::uint64_t keep_free_bytes = 1ULL << 30;
    unsigned keep_free_percent = 0;               ///< 0: `keep_free_bytes` says it
    std::uint64_t artefacts_bytes = 20ULL << 30;  ///< size of the artefact store
    std::chrono::seconds artefacts_age{0};        ///< unused for so long they go; 0: never
    std::uint64_t logs_bytes = 20ULL << 30;       ///< of bisections that have ended
    std::chrono::seconds logs_age{0};             ///< ended so long ago they go; 0: never
};

}  // namespace bisectd
