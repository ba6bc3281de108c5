#pragma once
#include <string>

#include "ctl/command_line.hpp"

namespace bisectd::ctl {

// Scripts that let a shell complete bisectctl's command line. What they offer of boards, recipes
// and bisections they ask of "bisectctl names"; commits they ask of git in the current folder, and
// offer only those whose names a shell could not take for anything else.

std::string bash_completion(const CommandWord& program);
std::string zsh_completion(const CommandWord& program);
std::string fish_completion(const CommandWord& program);

/// A shell command that prints what may stand there, a word a line; empty: the shell's own files.
/// `name`: of an option ("--board") or of a place ("id").
std::string source_of_words(const std::string& name);
/// Whether folders or files are meant.
bool means_a_file(const std::string& name);

}  // namespace bisectd::ctl
