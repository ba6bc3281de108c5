#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/printable.hpp"  // whoever shows texts needs both

namespace bisectd {

/// "350 ms", "12 s", "3 min 12 s", "2 h 5 min", "3 d 4 h".
/// Unit: seconds; a negative or not finite number counts as 0.
std::string duration_text(double seconds);

/// "512 B", "11.2 MB". Unit: bytes; MB is a million bytes.
std::string size_text(std::uint64_t bytes);

/// "13,524".
std::string count_text(std::uint64_t count);

/// "1 suspect", "13,524 suspects".
std::string count_of(std::uint64_t count, std::string_view noun);

/// "2026-11-21 08:42:37" in UTC. Unit: milliseconds since 1970 UTC.
std::string time_text(std::int64_t at_ms_utc);

}  // namespace bisectd
