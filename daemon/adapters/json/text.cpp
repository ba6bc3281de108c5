#include "adapters/json/text.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

namespace bisectd {

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
