#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace bisectd::build {

/// SHA-256 of a file's bytes. Errors: infrastructure when it cannot be read.
Result<std::string> digest_of_file(const std::string& path);

/// A whole file. Errors: infrastructure when it cannot be read, is no regular file, or is over the
/// limit.
Result<std::string> read_file(const std::string& path, std::size_t limit_bytes);
/// Gives `bytes` bytes from `offset` on to `sink`, in pieces; to the end when there are fewer.
/// Errors: infrastructure when it cannot be read.
Result<void> read_part(const std::string& path, std::uint64_t offset, std::uint64_t bytes,
                       const std::function<void(std::string_view piece)>& sink);
/// Writes a file and makes it durable. Errors: infrastructure.
Result<void> write_file(const std::string& path, std::string_view text);
/// The same for a file that a build may have been at: whatever stands there is replaced, so that a
/// link is not followed. Errors: infrastructure.
Result<void> write_new_file(const std::string& path, std::string_view text);
/// Makes a folder and those above it. Errors: infrastructure.
Result<void> make_folder(const std::string& folder);
/// Makes a finished file or folder durable. Errors: infrastructure.
Result<void> sync_path(const std::string& path);

}  // namespace bisectd::build
