#pragma once
#include "ctl/terminal.hpp"

namespace bisectd::ctl {

/// The whole program: reads the command line, does it, returns the exit code (exit_code.hpp).
int bisectctl(int argc, const char* const* argv, const Terminal& terminal);

}  // namespace bisectd::ctl
