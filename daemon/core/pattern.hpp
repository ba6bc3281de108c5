#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace bisectd {

/// The first line of `text` (hostile; lines are cut at 1024 bytes) that matches the POSIX extended
/// regular expression, without control characters; nothing when none does or the pattern is wrong.
/// Polynomial in the length of a line, never exponential.
std::optional<std::string> first_matching_line(const std::string& pattern, std::string_view text);

/// What a dying kernel says on its console or in its log.
/// Source: the kernel's panic(), die() and lockup detectors; WARNING is deliberately not in it.
inline constexpr std::string_view dying_kernel_pattern =
    "Oops|BUG:|kernel BUG at|Kernel panic|general protection|Unable to handle kernel|"
    "INFO: rcu.*stall|soft lockup|KASAN:";

/// The last `lines` lines of hostile text, control characters dropped, joined by " | ".
std::string last_lines(std::string_view text, std::size_t lines);

}  // namespace bisectd
