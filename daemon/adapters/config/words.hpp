#pragma once
#include <span>
#include <string>
#include <string_view>

namespace bisectd::config {

/// The word of `known` that was probably meant; empty when none is near.
std::string_view nearest(std::string_view written, std::span<const std::string_view> known);

/// "a, b, c".
std::string listed(std::span<const std::string_view> words);

/// As shown in a message: at most 60 bytes, control characters and non-ASCII replaced by "?".
std::string shown(std::string_view text);

}  // namespace bisectd::config
