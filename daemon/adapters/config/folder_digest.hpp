#pragma once
#include <string>

#include "core/error.hpp"

namespace bisectd::config {

/// SHA-256, in hexadecimal digits, over all files below `folder`: relative names, sorted, and
/// contents; each framed by its length, so that no two folders share a digest by shifting bytes.
/// Errors: request: more than 64 MiB or 10,000 files, a symbolic link that leaves the folder,
/// something that is neither file, folder nor link; infrastructure.
Result<std::string> folder_digest(const std::string& folder);

}  // namespace bisectd::config
