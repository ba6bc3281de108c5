#pragma once
#include <string>

#include "ctl/terminal.hpp"
#include "ctl/view.hpp"

namespace bisectd::ctl {

/// How likely the culprit is where, good end left and bad end right, and the likeliest commit:
/// "likely   [  ▁▃▇▂  ] 43.2 % 1b520a95ca57 its subject". Heights are square roots, or what is
/// unlikely could not be seen. `survey`: as the API tells it. Empty while nothing is known.
std::string likely_line(const Json& survey, const Terminal& terminal);

}  // namespace bisectd::ctl
