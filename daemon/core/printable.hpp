#pragma once
#include <string>
#include <string_view>

namespace bisectd {

/// `text` as valid UTF-8: each byte that is none becomes U+FFFD. Commit subjects and console
/// output come in any encoding, and JSON allows one only.
std::string valid_utf8(std::string_view text);

/// `text` safe for a terminal, a log line or a mail's header: valid UTF-8, every control character
/// (ESC, CR, C1, bidirectional overrides) replaced by U+FFFD; tabs and line feeds become spaces.
std::string printable(std::string_view text);

}  // namespace bisectd
