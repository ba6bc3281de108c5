#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/request.hpp"
#include "core/storage_spec.hpp"

namespace bisectd {

/// The logs of a bisection that has ended.
struct KeptLogs {
    BisectionId bisection = 0;
    std::int64_t ended_ms_utc = 0;
    std::uint64_t bytes = 0;
};

struct LogsToEvict {
    KeptLogs logs;
    std::string why;
};

/// Which logs go, so that the rest keeps to the limits: those that ended first go first.
std::vector<LogsToEvict> logs_to_evict(std::vector<KeptLogs> kept, const StorageSpec& limits,
                                       std::int64_t now_ms_utc);

}  // namespace bisectd
