#include "adapters/http/target.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bisectd::http {
namespace {

constexpr std::size_t most_segments = 16;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return std::nullopt;
        out += c;
    }
    return out;
}

/// Cuts the text before the first `separator` off `rest`.
std::string_view next_part(std::string_view& rest, char separator) {
    const std::size_t end = rest.find(separator);
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return part;
}

bool read_query(std::string_view text, Target& target) {
    while (!text.empty()) {
        std::string_view value = next_part(text, '&');
        const std::optional<std::string> name = decoded(next_part(value, '='));
        // A form of a page writes a blank as "+". Source: WHATWG URL, 5.1.
        std::string plain(value);
        std::ranges::replace(plain, '+', ' ');
        const std::optional<std::string> decoded_value = decoded(plain);
        if (!name || !decoded_value) return false;
        target.query[*name] = *decoded_value;
    }
    return true;
}

}  // namespace

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::optional<Target> parse_target(std::string_view text) {
    if (!text.starts_with('/')) return std::nullopt;
    Target target;
    std::string_view path = next_part(text, '?');
    path.remove_prefix(1);
    if (path.ends_with('/')) path.remove_suffix(1);
    while (!path.empty()) {
        std::optional<std::string> segment = decoded(next_part(path, '/'));
        if (!segment || segment->empty() || *segment == "." || *segment == ".." ||
            segment->find_first_of("/\\") != std::string::npos ||
            target.path.size() == most_segments)
            return std::nullopt;
        target.path.push_back(std::move(*segment));
    }
    if (!read_query(text, target)) return std::nullopt;
    return target;
}

}  // namespace bisectd::http
