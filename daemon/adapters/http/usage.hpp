#pragma once
#include <vector>

#include "adapters/http/api_views.hpp"
#include "core/state.hpp"

namespace bisectd::http {

/// How often artefacts were built and how often the store had them; without the store's contents.
ArtefactsView usage_of(const std::vector<const BisectionState*>& bisections);

}  // namespace bisectd::http
