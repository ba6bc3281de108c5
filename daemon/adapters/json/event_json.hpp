#pragma once
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/event.hpp"

namespace bisectd {

/// One record as the API shows it: {"seq", "bisection", "at_ms_utc", "kind", "body": {...}}.
std::string record_json(const EventRecord& record);

/// A record back from `record_json`.
/// Parts that are missing keep their defaults, so that an older client reads a newer daemon.
/// Errors: request, when it is no JSON, the kind is unknown or a part has a wrong type.
Result<EventRecord> record_from_json(std::string_view text);

}  // namespace bisectd
