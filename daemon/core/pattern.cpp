#include "core/pattern.hpp"

#include <algorithm>
#include <regex>
#include <vector>

#include "core/pattern_size.hpp"

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

/// `pattern` without the backslashes that make nothing special, as in "\]" or "\-": people write
/// them, grep takes them, and POSIX leaves open what they are. Those before letters, digits and
/// < > ` ' stay: where they mean something (to grep the borders of words, of lines) it is something
/// that we do not know.
std::string without_needless_escapes(std::string_view pattern) {
    constexpr std::string_view needless = " !\"#%&,-/:;=@]_}~";
    std::string out;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] == '[') {
            const std::size_t end = behind_bracket(pattern, at);
            out += pattern.substr(at, end - at);
            at = end;
            continue;
        }
        const bool escape = pattern[at] == '\\' && at + 1 < pattern.size();
        if (!escape || !needless.contains(pattern[at + 1])) out += pattern[at];
        if (escape) out += pattern[at + 1];
        at += escape ? 2 : 1;
    }
    return out;
}

std::optional<std::regex> compile(const std::string& pattern) {
    try {
        // libstdc++'s breadth-first matcher: no back-references, no exponential time.
        return std::regex(
            without_needless_escapes(pattern),
            std::regex::extended | std::regex::nosubs | std::regex_constants::__polynomial);
    } catch (const std::regex_error&) {
        return std::nullopt;
    }
}

/// Matches whole lines that have `pattern` anywhere in them: a search would begin anew at each
/// character, a match goes over the line once.
std::optional<std::regex> compile_for_lines(const std::string& pattern) {
    if (!pattern_fault(pattern).empty()) return std::nullopt;
    return compile(".*(" + pattern + ").*");
}

}  // namespace

std::string pattern_size_fault(const std::string& pattern) {
    if (pattern.size() > longest_pattern_bytes)
        return "is longer than " + std::to_string(longest_pattern_bytes) + " bytes";
    const PatternSize size = pattern_size(pattern);
    if (size.parts > most_pattern_parts)
        return "is too large: its counted repetitions make more than " +
               std::to_string(most_pattern_parts) + " parts; use '*' or '+'";
    if (size.depth > most_pattern_levels)
        return "has more than " + std::to_string(most_pattern_levels) +
               " parentheses within each other";
    return {};
}

std::string pattern_fault(const std::string& pattern) {
    if (std::string fault = pattern_size_fault(pattern); !fault.empty()) return fault;
    // By itself: within parentheses "a)|(b" would be one.
    if (compile(pattern)) return {};
    return "is no POSIX extended regular expression; after a backslash only . [ \\ ( ) * + ? { | ^ "
           "and $ may stand";
}

std::optional<std::string> first_matching_line(const std::string& pattern, std::string_view text) {
    const auto expression = compile_for_lines(pattern);
    if (!expression) return std::nullopt;
    for (std::string_view line : split_lines(text)) {
        std::string clean = without_controls(line);
        if (std::regex_match(clean, *expression)) return clean;
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
