#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace bisectd::build {

/// The GNU build-id of an ELF file (vmlinux), from its note sections; any class and byte order.
/// Errors: infrastructure when it cannot be read, is no ELF file or carries no build-id.
Result<std::string> build_id_of(const std::string& path);

/// A part of an ELF file that is loaded to be run. Unit: bytes.
struct Segment {
    std::uint64_t offset = 0;  ///< in the file
    std::uint64_t address = 0;
    std::uint64_t file_bytes = 0;
    std::uint64_t memory_bytes = 0;  ///< what is over the bytes of the file is zero
};

/// The segments that are loaded, in the file's order; any class and byte order.
/// Errors: infrastructure when the file cannot be read or is no ELF file.
Result<std::vector<Segment>> loaded_segments(const std::string& path);

}  // namespace bisectd::build
