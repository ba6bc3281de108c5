#include "core/log_limits.hpp"

#include <algorithm>

namespace bisectd {

std::vector<LogsToEvict> logs_to_evict(std::vector<KeptLogs> kept, const StorageSpec& limits,
                                       std::int64_t now_ms_utc) {
    std::ranges::sort(kept, {}, &KeptLogs::ended_ms_utc);
    std::uint64_t left = 0;
    for (const KeptLogs& logs : kept) left += logs.bytes;
    const std::chrono::milliseconds most = limits.logs_age;
    std::vector<LogsToEvict> out;
    for (const KeptLogs& logs : kept) {
        if (logs.bytes == 0) continue;
        std::string why;
        if (left > limits.logs_bytes)
            why = "all logs together are larger than they may be, and it ended first";
        else if (most.count() > 0 && now_ms_utc - logs.ended_ms_utc > most.count())
            why = "it ended longer ago than logs_age";
        else
            break;
        left -= logs.bytes;
        out.push_back({logs, std::move(why)});
    }
    return out;
}

}  // namespace bisectd
