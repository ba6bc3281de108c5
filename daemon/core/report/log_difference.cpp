#include "core/report/log_difference.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>

#include "core/printable.hpp"

namespace bisectd {
namespace {

constexpr std::size_t most_log_bytes = std::size_t{1} << 20;
/// A mail's line; what is cut is marked.
constexpr std::size_t longest_line_bytes = 160;

bool is_hexadecimal(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// The line without what differs from boot to boot: a word that has a digit and is hexadecimal,
/// or a decimal number, becomes "#".
std::string shape_of(std::string_view line) {
    std::string shape;
    for (std::size_t at = 0; at < line.size();) {
        std::size_t end = at;
        bool digit = false;
        for (; end < line.size() && is_hexadecimal(line[end]); ++end)
            digit |= line[end] >= '0' && line[end] <= '9';
        if (digit) {
            shape += '#';
            at = end;
        } else if (line[at] == ' ' && !shape.empty() && shape.back() == ' ') {
            ++at;  // columns are filled with blanks
        } else {
            shape += line[at++];
        }
    }
    return shape;
}

std::vector<std::string> lines_at_the_end(std::string_view text) {
    if (text.size() > most_log_bytes) text = text.substr(text.size() - most_log_bytes);
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
        if (line.empty()) continue;
        const bool cut = line.size() > longest_line_bytes;
        lines.push_back(printable(line.substr(0, longest_line_bytes)) + (cut ? "..." : ""));
    }
    return lines;
}

std::vector<std::string> around(const std::vector<std::string>& lines, std::size_t at,
                                std::size_t before, std::size_t after) {
    const std::size_t begin = at - std::min(at, before);
    const std::size_t end = std::min(lines.size(), at + after);
    return {lines.begin() + static_cast<std::ptrdiff_t>(begin),
            lines.begin() + static_cast<std::ptrdiff_t>(end)};
}

}  // namespace

LogDifference difference_of(std::string_view good, std::string_view bad, std::size_t before,
                            std::size_t after) {
    const std::vector<std::string> good_lines = lines_at_the_end(good);
    const std::vector<std::string> bad_lines = lines_at_the_end(bad);
    std::unordered_map<std::string, std::size_t> last_place;  // of a shape in the good log
    for (std::size_t at = 0; at < good_lines.size(); ++at)
        last_place[shape_of(good_lines[at])] = at + 1;
    LogDifference difference;
    std::size_t place = 0;  // in the good log, behind what both have
    for (std::size_t at = 0; at < bad_lines.size(); ++at) {
        const auto same = last_place.find(shape_of(bad_lines[at]));
        if (same != last_place.end()) {
            place = same->second;
            continue;
        }
        difference.in_common = at;
        difference.bad = around(bad_lines, at, before, after);
        difference.good = around(good_lines, place, before, after);
        break;
    }
    return difference;
}

}  // namespace bisectd
