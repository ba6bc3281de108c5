#pragma once
#include <CLI/CLI.hpp>

#include "ctl/command_line.hpp"

namespace bisectd::ctl {

/// What a grammar of CLI11 says, in our words.
CommandWord described(const CLI::App& app);

}  // namespace bisectd::ctl
