#pragma once
#include "adapters/config/section.hpp"
#include "core/storage_spec.hpp"

namespace bisectd::config {

/// The table [storage] of the daemon's file; problems are reported to its document.
StorageSpec read_storage(const Section& top);

}  // namespace bisectd::config
