#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/error.hpp"

namespace bisectd::logs {

/// How much text stands in one frame: what is decompressed to show any line. Unit: bytes.
/// Source: what LogFile reads at once; docs/disk-space.md has what it takes.
constexpr std::size_t frame_bytes = std::size_t{256} * 1024;

/// Puts FILE.zst beside FILE: frames of zstd, each for itself, and behind them a table that says
/// where each begins, in a frame that zstd's own tools pass over. Source: zstd's "seekable format",
/// version 0.1.0. It is durable and was read back. Returns how much text of FILE it holds; 0:
/// nothing was done, because there is no FILE, or it is smaller than a block.
/// Unit: bytes. Errors: infrastructure, also when FILE grew meanwhile; there is no FILE.zst then.
/// Blocking.
Result<std::uint64_t> pack_log(const std::string& file);

/// Removes FILE, for which FILE.zst stands from now on.
/// Errors: infrastructure, also when FILE holds other than `packed_bytes` by now: FILE.zst goes.
/// Thread: whoever appends to FILE, so that nothing comes in between.
Result<void> replace_by_packed(const std::string& file, std::uint64_t packed_bytes);

/// The reverse: FILE stands again, FILE.zst is gone. Nothing happens when FILE stands.
/// Errors: infrastructure; FILE.zst is as it was then. Blocking.
Result<void> open_log_again(const std::string& file);

}  // namespace bisectd::logs
