#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bisectd::build {

/// Largest configuration or fragment that is read. Source: a distribution's is about 0.3 MB.
/// Unit: bytes.
constexpr std::size_t config_limit_bytes = 4 << 20;

/// Values by symbol name ("CONFIG_X"); "n" for a symbol that is said to be not set.
using ConfigValues = std::map<std::string, std::string>;

/// The assignments of a .config or a fragment; other lines are passed over. Later ones win.
ConfigValues read_config(std::string_view text);

/// `base` with `fragments` laid over it, in order: each symbol once, the last word counts.
std::string merge_config(std::string_view base, const std::vector<std::string>& fragments);

/// What the configuration system changed or dropped of what was asked, one sentence a symbol, at
/// most `limit` (then a last one counts the rest). "not set" and not there are the same.
std::vector<std::string> config_drift(const ConfigValues& asked, const ConfigValues& got,
                                      std::size_t limit);

/// The lines of `required` that `got` does not fulfil, one sentence each.
std::vector<std::string> unfulfilled(const std::vector<std::string>& required,
                                     const ConfigValues& got);

}  // namespace bisectd::build
