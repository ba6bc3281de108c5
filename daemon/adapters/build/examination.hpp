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

}  // namespace bisectd::build
