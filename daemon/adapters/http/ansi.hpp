#pragma once
#include <string>
#include <string_view>

namespace bisectd::http {

/// One line of a log as HTML: colours and weights of ANSI escapes become classes, all other
/// escapes are left out, and the rest is escaped as any text from outside. Each line begins plain.
std::string ansi_html(std::string_view line);

}  // namespace bisectd::http
