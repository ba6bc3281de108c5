#pragma once
#include <string>
#include <string_view>

namespace bisectd {

/// What a C compiler sees of a text: comments are gone, blanks in a row are one, blank lines are
/// gone; strings and characters stay as they are. Texts that come out equal say the same to a
/// compiler but for line numbers; texts that say the same need not come out equal.
std::string without_comments(std::string_view text);

/// Whether comments are written as in C in a file of this name.
bool has_c_comments(std::string_view path);

}  // namespace bisectd
