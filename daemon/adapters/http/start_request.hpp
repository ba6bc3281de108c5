#pragma once
#include <string_view>

#include "core/error.hpp"
#include "core/request.hpp"

namespace bisectd::http {

/// Reads what a person asked for from a JSON body. `for_doctor`: parts may be missing.
/// Errors: request, naming the part and what to do: no JSON, an unknown or missing part, a wrong
/// type, a repository that is no absolute path, a name that git would take for an option, a
/// control character, more than 64 good ends or hints, 256 paths or 16 boards, a text longer than
/// 4096 bytes (a log to replay: 200 KiB), a number out of its limits, ends beside a log.
Result<StartRequest> read_start_request(std::string_view body, bool for_doctor);

}  // namespace bisectd::http
