#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bisectd {

/// Bounds of a pattern, so that no search takes more than a fixed time and stack a character.
/// Unit: bytes; parts and levels of `PatternSize`. Source: ten times the largest that a kernel
/// hunt was seen to need.
inline constexpr std::size_t longest_pattern_bytes = 1024, most_pattern_parts = 2000,
                             most_pattern_levels = 50;

/// What makes `pattern` too large, as the end of a sentence: "is longer than 1024 bytes". Empty:
/// nothing.
std::string pattern_size_fault(const std::string& pattern);

/// What is wrong with `pattern` as a POSIX extended regular expression for `first_matching_line`,
/// its size too. Empty: nothing.
std::string pattern_fault(const std::string& pattern);

/// The first line of `text` (hostile; lines are cut at 1024 bytes) that matches the POSIX extended
/// regular expression, without control characters; nothing when none does or the pattern (hostile,
/// too) has a fault. Linear in the length of the text.
std::optional<std::string> first_matching_line(const std::string& pattern, std::string_view text);

/// What a dying kernel says on its console or in its log.
/// Source: the kernel's panic(), die() and lockup detectors; WARNING is deliberately not in it.
inline constexpr std::string_view dying_kernel_pattern =
    "Oops|BUG:|kernel BUG at|Kernel panic|general protection|Unable to handle kernel|"
    "INFO: rcu.*stall|soft lockup|KASAN:";

/// The last `lines` lines of hostile text, control characters dropped, joined by " | ".
std::string last_lines(std::string_view text, std::size_t lines);

}  // namespace bisectd
