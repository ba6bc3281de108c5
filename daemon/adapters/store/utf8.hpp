#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace bisectd::store {

/// `text` as valid UTF-8: each byte that is no part of a valid sequence becomes U+FFFD, and what
/// is longer than `limit` bytes is cut between characters, with a mark.
/// Source: Unicode 15, table 3-7 (well-formed sequences).
std::string valid_utf8(std::string_view text, std::size_t limit);

}  // namespace bisectd::store
