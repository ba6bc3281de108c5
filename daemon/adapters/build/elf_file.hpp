#pragma once
#include <string>

#include "core/error.hpp"

namespace bisectd::build {

/// The GNU build-id of an ELF file (vmlinux), from its note sections; any class and byte order.
/// Errors: infrastructure when it cannot be read, is no ELF file or carries no build-id.
Result<std::string> build_id_of(const std::string& path);

}  // namespace bisectd::build
