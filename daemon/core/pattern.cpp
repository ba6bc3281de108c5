#include "core/pattern.hpp"

#include <algorithm>
#include <regex>
#include <vector>

namespace bisectd {
namespace {

constexpr std::size_t line_limit = 1024;

std::string without_controls(std::string_view line) {
    std::string text;
    for (char c : line.substr(0, line_limit))
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) text.push_back(c);
    return text;
}

std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return lines;
}

std::optional<std::regex> compile(const std::string& pattern) {
    try {
        // libstdc++'s polynomial matcher: no back-references, no exponential time.
        return std::regex(pattern, std::regex::extended | std::regex::nosubs |
                                       std::regex_constants::__polynomial);
    } catch (const std::regex_error&) {
        return std::nullopt;
    }
}

}  // namespace

std::optional<std::string> first_matching_line(const std::string& pattern, std::string_view text) {
    const auto expression = compile(pattern);
    if (!expression) return std::nullopt;
    for (std::string_view line : split_lines(text)) {
        std::string clean = without_controls(line);
        if (std::regex_search(clean, *expression)) return clean;
    }
    return std::nullopt;
}

std::string last_lines(std::string_view text, std::size_t lines) {
    std::vector<std::string> kept;
    for (std::string_view line : split_lines(text)) {
        std::string clean = without_controls(line);
        if (clean.empty()) continue;
        kept.push_back(std::move(clean));
        if (kept.size() > lines) kept.erase(kept.begin());
    }
    std::string joined;
    for (const std::string& line : kept) joined += (joined.empty() ? "" : " | ") + line;
    return joined;
}

}  // namespace bisectd
