#pragma once
#include <string>

#include "adapters/config/section.hpp"
#include "core/notify_spec.hpp"

namespace bisectd::config {

/// The table [notify] of the daemon's file; problems are reported to its document. `file`: its
/// path; relative ones begin in its folder.
NotifySpec read_notify(const Section& top, const std::string& file);

}  // namespace bisectd::config
