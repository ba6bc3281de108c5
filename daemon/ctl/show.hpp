#pragma once
#include "ctl/terminal.hpp"
#include "ctl/view.hpp"

namespace bisectd::ctl {

/// The summary of a bisection: what was asked, the table of steps, the ending and its proof.
void print_summary(const Json& state, const Terminal& terminal);
/// Only the ending and its proof; nothing before the end.
void print_ending(const Json& state, const Terminal& terminal);
/// One line a bisection.
void print_list(const std::vector<const Json*>& bisections, const Terminal& terminal);
void print_boards(const std::vector<const Json*>& boards, const Terminal& terminal);

}  // namespace bisectd::ctl
