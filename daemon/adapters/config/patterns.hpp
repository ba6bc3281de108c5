#pragma once
#include <string>

namespace bisectd::config {

/// What is wrong with a POSIX extended regular expression; "" when it is good (or empty: unused).
/// Also refused: longer than 1024 bytes, repetitions so large that the library needs the memory
/// of the machine to compile them, and what matches the empty text (it would match everything).
std::string pattern_problem(const std::string& pattern);

}  // namespace bisectd::config
