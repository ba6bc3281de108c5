#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace bisectd {

/// How far something is, for people; never stored.
struct Progress {
    std::string what;  ///< "build", "upload", "boot", "runs"
    std::uint64_t done = 0;
    std::uint64_t total = 0;  ///< 0: unknown
    std::string text;         ///< such as the file being compiled; hostile text
    std::string board{};      ///< where; empty: on the controller, for no board yet
};
using ProgressSink = std::function<void(const Progress&)>;

}  // namespace bisectd
