#include "adapters/json/text.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

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

std::string duration_text(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0) seconds = 0;
    if (seconds > 0 && seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1000);
    const auto total = static_cast<std::uint64_t>(std::min(std::round(seconds), 1e12));
    const std::uint64_t s = total % 60, min = total / 60 % 60, h = total / 3600 % 24;
    const std::uint64_t d = total / 86400;
    const auto two = [](std::uint64_t a, const char* a_unit, std::uint64_t b, const char* b_unit) {
        return b == 0 ? fmt::format("{} {}", a, a_unit)
                      : fmt::format("{} {} {} {}", a, a_unit, b, b_unit);
    };
    if (d > 0) return two(d, "d", h, "h");
    if (h > 0) return two(h, "h", min, "min");
    if (min > 0) return two(min, "min", s, "s");
    return fmt::format("{} s", s);
}

std::string size_text(std::uint64_t bytes) {
    if (bytes < 1000) return fmt::format("{} B", bytes);
    double value = static_cast<double>(bytes);
    for (const char* unit : {"kB", "MB", "GB"}) {
        value /= 1000;
        if (value < 999.95) return fmt::format("{:.1f} {}", value, unit);
    }
    return fmt::format("{:.1f} TB", value / 1000);
}

std::string count_text(std::uint64_t count) {
    std::string text = std::to_string(count);
    for (std::size_t place = text.size(); place > 3; place -= 3) text.insert(place - 3, ",");
    return text;
}

std::string count_of(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count_text(count), noun, count == 1 ? "" : "s");
}

std::string time_text(std::int64_t at_ms_utc) {
    using namespace std::chrono;
    // Years 1 to 9999; a journal that says otherwise is shown as what it is.
    if (at_ms_utc < -62135596800000 || at_ms_utc > 253402300799999)
        return fmt::format("{} ms", at_ms_utc);
    const sys_time<milliseconds> at{milliseconds{at_ms_utc}};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss time{floor<seconds>(at - day)};
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace bisectd
