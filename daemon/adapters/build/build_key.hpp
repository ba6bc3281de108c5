#pragma once
#include <string>

#include "adapters/build/toolchain.hpp"
#include "ports/workshop.hpp"

namespace bisectd::build {

/// Key of an artefact: everything that can change what is built, and nothing else.
/// Errors: request when a file that the recipe names does not exist.
Result<std::string> artefact_key(const BuildOrder& order, const std::string& stack_digest,
                                 const Toolchain& tools);

}  // namespace bisectd::build
