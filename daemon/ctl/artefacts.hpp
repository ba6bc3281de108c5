#pragma once
#include "ctl/terminal.hpp"
#include "ctl/view.hpp"

namespace bisectd::ctl {

/// What the store holds, what it and the compiler cache saved, and each artefact, last used first.
/// `view`: as the API tells it.
void print_artefacts(const Json& view, const Terminal& terminal);

}  // namespace bisectd::ctl
