#pragma once
#include <string>
#include <utility>
#include <vector>

#include "ctl/view.hpp"

namespace bisectd::ctl {

/// What a bisection is asked and expected to do beside its steps, a name and a text a line: boards
/// that share it, hints, what is expected, builds ahead, doubts. `now`: only what goes on.
std::vector<std::pair<std::string, std::string>> asides_of(const Json& state, bool now);

/// What people said of commits, a line each: "1a2b3c4d5e6f bad (symptom): why".
std::vector<std::string> judged_lines(const Json& state);

/// "bad, 99.7 %".
std::string verdict_of(const Json& verdict);

}  // namespace bisectd::ctl
