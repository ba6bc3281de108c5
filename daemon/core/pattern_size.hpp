#pragma once
#include <cstddef>
#include <string_view>

namespace bisectd {

/// How large an extended regular expression becomes: a matcher copies what is counted, so that
/// "(ab{3}){100}" has 400 parts, and goes down a level for each parenthesis.
struct PatternSize {
    std::size_t parts = 0;
    std::size_t depth = 0;
};

/// The place behind the bracket expression that begins at `at`: "[]a]", "[^]a]", "[[:alpha:]]". The
/// end where it is not closed.
std::size_t behind_bracket(std::string_view pattern, std::size_t at);

/// The size of `pattern` (hostile); too much rather than too little for what is no expression.
/// Numbers above a billion count as a billion.
PatternSize pattern_size(std::string_view pattern);

}  // namespace bisectd
