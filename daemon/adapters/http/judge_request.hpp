#pragma once
#include <string_view>

#include "core/error.hpp"
#include "ports/control.hpp"

namespace bisectd::http {

/// Reads what a person says of a commit from a JSON body: `commit`, `verdict` ("good", "bad",
/// "skip", or "withdraw"), and maybe `symptom` and `why`.
/// Errors: request, naming the part: no JSON, an unknown or missing part, a wrong type, another
/// verdict, a commit that git would take for an option, a control character, a name longer than
/// 256 bytes, a reason longer than 4096.
Result<Judgement> read_judge_request(std::string_view body);

}  // namespace bisectd::http
