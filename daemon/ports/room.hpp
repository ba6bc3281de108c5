#pragma once
#include <cstdint>
#include <set>
#include <string>

namespace bisectd {

/// How much room there is on a disk that the daemon writes to.
struct Room {
    std::string folder;  ///< as people know it
    std::uint64_t free_bytes = 0, size_bytes = 0;
    std::uint64_t floor_bytes = 0;  ///< with less than this nothing new is begun
    /// Holds nothing but what a build that goes on takes away with it when it ends.
    bool only_builds = false;

    std::uint64_t missing_bytes() const {
        return free_bytes >= floor_bytes ? 0 : floor_bytes - free_bytes;
    }
};

/// Which artefacts may be removed, and how much is wanted.
struct Eviction {
    std::set<std::string> needed;     ///< keys that stay, whatever is wanted
    std::set<std::string> cherished;  ///< keys that go last
    std::uint64_t missing_bytes = 0;  ///< on their disk; also when the store keeps to its limits
    bool trees = false;               ///< and first what builds left behind, where none goes on
};

}  // namespace bisectd
