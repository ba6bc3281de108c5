#include "adapters/notify/systemd.hpp"

#include <systemd/sd-daemon.h>

namespace bisectd {

void tell_service_manager_ready(const std::string& status) {
    // Its result tells only whether systemd listens, which is its own business.
    (void)sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
}

void tell_service_manager_stopping() {
    (void)sd_notify(0, "STOPPING=1");
}

}  // namespace bisectd
