#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace bisectd {

/// Whether commands that come from a repository or a recipe run in a sandbox.
enum class SandboxUse {
    automatic,  ///< where it works; where it does not, each build says so
    required,   ///< nothing is built without
    off,
};

/// Whether they may use the network.
enum class NetworkUse {
    as_asked,  ///< when the recipe says `network = true`
    never,
    always,
};

/// What builds on this machine may see and take; a part of the daemon's configuration.
struct ConfinementSpec {
    SandboxUse sandbox = SandboxUse::automatic;
    NetworkUse network = NetworkUse::as_asked;
    std::vector<std::string> readable;  ///< folders beside the system's, absolute
    /// 0: nine tenths of the machine's where builds have a control group, no limit elsewhere.
    std::uint64_t memory_bytes = 0;
    unsigned processors = 0;  ///< 0: all
};

}  // namespace bisectd
