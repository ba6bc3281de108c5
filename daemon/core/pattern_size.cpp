#include "core/pattern_size.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <vector>

namespace bisectd {
namespace {

/// Beyond this nobody counts; two of them can be multiplied.
constexpr std::size_t most = 1'000'000'000;

/// The largest number of an interval such as "{3,40}" that begins at `at`; at least 1.
std::size_t largest_count(std::string_view pattern, std::size_t at) {
    const std::size_t end = std::min(pattern.find('}', at), pattern.size());
    std::size_t largest = 1;
    for (++at; at < end; ++at) {
        std::size_t count = 0;
        const auto [stop, code] = std::from_chars(pattern.data() + at, pattern.data() + end, count);
        if (code == std::errc::result_out_of_range) return most;
        if (code != std::errc()) continue;
        largest = std::max(largest, std::min(count, most));
        at = static_cast<std::size_t>(stop - pattern.data());
    }
    return largest;
}

/// The parts before and within a parenthesis that is open.
struct Group {
    std::size_t before = 0;
    std::size_t last = 0;  ///< of the piece that a count would repeat

    void take(std::size_t parts) {
        before = std::min(before + last, most);
        last = parts;
    }
    std::size_t all() const { return std::min(before + last, most); }
};

}  // namespace

std::size_t behind_bracket(std::string_view pattern, std::size_t at) {
    ++at;
    if (at < pattern.size() && pattern[at] == '^') ++at;
    if (at < pattern.size() && pattern[at] == ']') ++at;
    for (; at < pattern.size() && pattern[at] != ']'; ++at) {
        const char kind = at + 1 < pattern.size() ? pattern[at + 1] : '\0';
        if (pattern[at] != '[' || (kind != ':' && kind != '.' && kind != '=')) continue;
        const char end[] = {kind, ']'};
        const std::size_t close = pattern.find(std::string_view(end, 2), at + 2);
        if (close == std::string_view::npos) return pattern.size();
        at = close + 1;
    }
    return std::min(at + 1, pattern.size());
}

PatternSize pattern_size(std::string_view pattern) {
    std::vector<Group> open(1);
    PatternSize size;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        switch (pattern[at]) {
            case '(':
                open.emplace_back();
                size.depth = std::max(size.depth, open.size() - 1);
                break;
            case ')':
                if (open.size() > 1) {
                    const std::size_t inside = open.back().all();
                    open.pop_back();
                    open.back().take(std::max<std::size_t>(inside, 1));
                }
                break;
            case '{': {
                Group& group = open.back();
                group.last = std::min(
                    std::max<std::size_t>(group.last, 1) * largest_count(pattern, at), most);
                at = std::min(pattern.find('}', at), pattern.size());
                break;
            }
            // A count behind one of these repeats it together with what it stands behind.
            case '*':
            case '+':
            case '?':
                open.back().last = std::min(open.back().last + 1, most);
                break;
            case '[':
                open.back().take(1);
                at = behind_bracket(pattern, at) - 1;
                break;
            case '\\':
                open.back().take(1);
                ++at;
                break;
            default:
                open.back().take(1);
        }
    }
    for (const Group& group : open) size.parts = std::min(size.parts + group.all(), most);
    return size;
}

}  // namespace bisectd
