#pragma once
#include <cstdint>
#include <string>

#include "ports/control.hpp"

namespace bisectd::http {

/// How the farm does, in Prometheus' text format. Names are never changed.
std::string metrics_text(Control& control, std::uint64_t last_seq);

}  // namespace bisectd::http
