#pragma once
#include <string>

#include "adapters/process/spawn.hpp"
#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd::build {

/// Takes the lock of the builder, which every build child inherits. A daemon that was killed may
/// have left its build behind: such children still hold the lock, are found by it, and killed.
/// Errors: infrastructure when another living daemon has the lock (named), or its holders do not
/// end within 10 s; cancelled.
Task<Result<process::Descriptor>> take_builder_lock(std::string file);

}  // namespace bisectd::build
