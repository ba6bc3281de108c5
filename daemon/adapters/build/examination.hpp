#pragma once
#include <vector>

#include "adapters/build/place.hpp"
#include "adapters/build/toolchain.hpp"
#include "ports/finding.hpp"
#include "ports/task.hpp"

namespace bisectd::build {

/// Looks at what builds of this kind need: programs, tool chain, compiler cache, free space.
Task<std::vector<Finding>> examine_builder(const Place& place, Sandbox& sandbox,
                                           Toolchains& toolchains, BuildSpec spec);

/// The file that `program` means for a build with this spec; empty: there is none.
std::string program_of(const std::string& program, const BuildSpec& spec);

/// Unit: bytes that we may still write on the file system of `folder` (or its nearest parent).
std::uint64_t free_bytes(const std::string& folder);

}  // namespace bisectd::build
