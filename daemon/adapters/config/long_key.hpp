#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace bisectd::config {

/// Most parts of a dotted key: toml++ goes down a level of the stack for each, and ours have three.
constexpr unsigned most_key_parts = 16;

/// The line of the first key with more parts than that; nothing when there is none. `text`: TOML;
/// of what is no TOML the part before the first fault is understood.
std::optional<std::uint32_t> line_of_long_key(std::string_view text);

}  // namespace bisectd::config
