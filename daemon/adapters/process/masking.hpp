#pragma once
#include <string>
#include <string_view>

namespace bisectd::process {

/// `text` with everything that looks like a password replaced by "***", before it goes into a
/// journal or log: values of our own environment variables, and of settings (`NAME=value`) and
/// options (`-P value`, `--password=value`, `user:value@`) of the shell command that printed it,
/// where their name says that they are secret.
std::string masked(std::string text, std::string_view command);

}  // namespace bisectd::process
