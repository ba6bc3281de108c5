#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/error.hpp"

namespace bisectd::logs {

/// How much text stands in one frame: what is decompressed to show any line. Unit: bytes.
/// Source: what LogFile reads at once; docs/disk-space.md has what it takes.
constexpr std::size_t frame_bytes = std::size_t{256} * 1024;

/// Puts FILE.zst in the place of FILE: frames of zstd, each for itself, and behind them a table
/// that says where each begins, in a frame that zstd's own tools pass over. Source: zstd's
/// "seekable format", version 0.1.0. Until the new file is durable and was read back the old one
/// stands. Nothing happens when there is no FILE, or it is smaller than a block. Errors:
/// infrastructure, also when FILE grew meanwhile; FILE is as it was then. Blocking.
Result<void> close_log(const std::string& file);

/// The reverse: FILE stands again, FILE.zst is gone. Nothing happens when FILE stands.
/// Errors: infrastructure; FILE.zst is as it was then. Blocking.
Result<void> open_log_again(const std::string& file);

}  // namespace bisectd::logs
