#pragma once
#include <memory>

#include "adapters/http/message.hpp"
#include "adapters/http/target.hpp"

namespace bisectd::http {

/// A log, or the part of it that was asked for, as plain text:
/// - `Range: bytes=A-B`, `A-`, `-N` gives 206 with `Content-Range`, or 416;
/// - `?offset=A&limit=N` and `?tail=N` (bytes) give 200 with that part;
/// - `X-Log-Size` always says how long the file is now; it may be growing.
/// 404 when there is no such file (yet), 400 when a number is none.
/// `log` null: there is none.
Response log_part(std::shared_ptr<const LogText> log, const Request& request, const Target& target);

}  // namespace bisectd::http
