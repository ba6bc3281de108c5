#include "core/printable.hpp"

#include <cstddef>

namespace bisectd {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 0;  // 0: no valid sequence starts here
};

// Strict: no overlong form, no surrogate, nothing above U+10FFFF.
CodePoint code_point(std::string_view text) {
    const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return {};
    char32_t value = first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return {};
        value = (value << 6U) | (byte(i) & 0x3FU);
    }
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < smallest[length] || value > 0x10FFFF) return {};
    if (value >= 0xD800 && value <= 0xDFFF) return {};
    return {value, length};
}

// What would move a terminal's cursor, change its colours or turn the direction of writing.
bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

template <class Keep>
std::string filtered(std::string_view text, Keep keep) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const CodePoint point = code_point(text);
        const std::size_t bytes = point.bytes == 0 ? 1 : point.bytes;
        if (point.bytes == 0)
            out += replacement;
        else
            keep(out, point.value, text.substr(0, bytes));
        text.remove_prefix(bytes);
    }
    return out;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
    return filtered(text,
                    [](std::string& out, char32_t, std::string_view bytes) { out.append(bytes); });
}

std::string printable(std::string_view text) {
    return filtered(text, [](std::string& out, char32_t c, std::string_view bytes) {
        if (c == '\t' || c == '\n')
            out += ' ';
        else
            out.append(is_control(c) ? replacement : bytes);
    });
}

}  // namespace bisectd
