#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace bisectd {

/// The GNU build-id among raw ELF notes (the bytes of /sys/kernel/notes or of a note section),
/// as lower-case hexadecimal digits. Reads both byte orders; `notes` may be hostile.
/// Errors: nothing when there is no well-formed GNU build-id note of 8 to 64 bytes.
/// Source: elf(5), "Notes (Nhdr)"; linux/elf.h NT_GNU_BUILD_ID.
std::optional<std::string> gnu_build_id(std::span<const std::byte> notes);

}  // namespace bisectd
