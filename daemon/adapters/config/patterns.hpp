#pragma once
#include <string>

namespace bisectd::config {

/// What is wrong with a POSIX extended regular expression; "" when it is good (or empty: unused).
/// Also refused: what `pattern_fault` does not take, and what matches the empty text (it would
/// match everything).
std::string pattern_problem(const std::string& pattern);

}  // namespace bisectd::config
