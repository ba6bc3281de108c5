#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace bisectd {

/// `text` as valid UTF-8: each byte that is none becomes U+FFFD. Commit subjects and console
/// output come in any encoding, and JSON allows one only.
std::string valid_utf8(std::string_view text);

/// `text` safe for a terminal or a log line: valid UTF-8, every control character (ESC, CR, C1,
/// bidirectional overrides) replaced by U+FFFD; tabs and line feeds become spaces.
std::string printable(std::string_view text);

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
