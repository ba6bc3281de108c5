#pragma once
#include <string>

#include "adapters/config/section.hpp"
#include "core/confinement.hpp"

namespace bisectd::config {

/// Reads [builds]: what builds may see and take. Relative paths are relative to `folder`.
ConfinementSpec read_builds(const Section& top, const std::string& folder);

}  // namespace bisectd::config
