#include "adapters/config/patterns.hpp"

#include <fmt/core.h>
#include <regex.h>

#include <charconv>
#include <memory>
#include <string_view>

namespace bisectd::config {
namespace {

constexpr std::size_t longest_pattern = 1024;
/// Product of all counts such as {3,40}. Source: glibc copies the repeated part that often.
constexpr long most_repetitions = 10000;

struct FreeRegex {
    void operator()(regex_t* regex) const { regfree(regex); }
};

/// The larger number of an interval "{3,40}" that begins at `at`; 1 when there is none.
long largest_count(std::string_view text) {
    long largest = 1;
    std::size_t end = text.find('}');
    for (std::size_t at = 1; at < end && at < text.size(); ++at) {
        long count = 0;
        auto [stop, code] = std::from_chars(text.data() + at, text.data() + text.size(), count);
        if (code == std::errc::result_out_of_range) return most_repetitions + 1;
        if (code != std::errc()) continue;
        if (count > largest) largest = count;
        at = static_cast<std::size_t>(stop - text.data());
    }
    return largest;
}

/// Counts a "{...}" that is a plain character too: better one pattern refused than a dead daemon.
bool repeats_too_much(std::string_view pattern) {
    long product = 1;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] != '{') continue;
        long count = largest_count(pattern.substr(at));
        if (count > most_repetitions) return true;
        product *= count;
        if (product > most_repetitions) return true;
    }
    return false;
}

}  // namespace

std::string pattern_problem(const std::string& pattern) {
    if (pattern.empty()) return {};
    if (pattern.size() > longest_pattern)
        return fmt::format("is longer than {} bytes", longest_pattern);
    if (repeats_too_much(pattern))
        return fmt::format("repeats more than {} times; use '*' or '+'", most_repetitions);
    regex_t storage{};
    int code = regcomp(&storage, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
    if (code != 0) {
        char text[128];
        regerror(code, &storage, text, sizeof text);
        return fmt::format("is no extended regular expression: {}", text);
    }
    std::unique_ptr<regex_t, FreeRegex> regex(&storage);
    if (regexec(regex.get(), "", 0, nullptr, 0) == 0)
        return "matches the empty text, and so everything";
    return {};
}

}  // namespace bisectd::config
