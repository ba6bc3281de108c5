#pragma once
#include <charconv>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bisectd::http {

/// A request target, taken apart and decoded: "/api/v1/bisections/3?x=1".
struct Target {
    std::vector<std::string> path;  ///< segments; empty for "/"
    std::map<std::string, std::string> query;
};

/// Errors: nothing when it is no origin-form target, has a wrong escape, more than 16 segments,
/// or a segment that is empty, ".", ".." or holds a slash, a backslash or a control character.
std::optional<Target> parse_target(std::string_view text);

/// `text` as a part of a path or a query: what is no letter, digit, dash, dot, underscore or tilde
/// is escaped.
std::string percent_encoded(std::string_view text);

/// Errors: nothing when `text` is not a decimal number in its limits, and nothing else.
template <std::unsigned_integral N>
std::optional<N> parse_number(std::string_view text) {
    N number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace bisectd::http
