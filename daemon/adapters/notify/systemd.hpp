#pragma once
#include <string>

namespace bisectd {

/// Tells systemd how the daemon is doing; does nothing when it was not started by systemd.
/// Source: sd_notify(3).
void tell_service_manager_ready(const std::string& status);
void tell_service_manager_stopping();

}  // namespace bisectd
