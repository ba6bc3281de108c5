#pragma once
#include <string>

#include "core/error.hpp"

namespace bisectd {

/// The token for state changes over TCP: 64 hexadecimal digits, read from `path`; made there
/// (mode 0600, from the kernel's random source) when the file is not there yet.
/// Errors: infrastructure when the file cannot be made or read; request when it is not a regular
/// file of ours, others may read it, or it holds less than 32 characters.
Result<std::string> load_or_make_token(const std::string& path);

}  // namespace bisectd
