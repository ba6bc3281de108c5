#pragma once
#include <string>
#include <vector>

#include "core/error.hpp"

namespace bisectd::simulate {

/// What a program writes to its standard output; `command[0]` is found on the PATH.
/// Errors: request, when it ends with another code than 0.
Result<std::string> output_of(std::vector<std::string> command, const std::string& folder = ".");

}  // namespace bisectd::simulate
