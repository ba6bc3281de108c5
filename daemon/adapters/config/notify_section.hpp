#pragma once
#include <string>

#include "adapters/config/section.hpp"
#include "core/notify_spec.hpp"

namespace bisectd::config {

/// The table [notify] of the daemon's file; problems are reported to its document. `folder`: that
/// of the file, where relative paths begin.
NotifySpec read_notify(const Section& top, const std::string& folder);

}  // namespace bisectd::config
