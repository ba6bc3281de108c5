#pragma once
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace bisectd::config {

// Questions about the form of a value. Each gives "" when all is well, otherwise what is wrong,
// as the end of a sentence that begins with the key: "'image' " + "leaves the folder: '../x'".

/// Letters, digits, '.', '_', '-'; begins with a letter or digit; at most 64.
std::string name_problem(std::string_view name);
/// A relative path that stays below its folder, by its form alone.
std::string relative_path_problem(std::string_view path);
/// An existing regular file below `folder`, also after symbolic links.
std::string file_in_folder_problem(const std::string& folder, const std::string& path);
/// An absolute path on the board of letters, digits and "._-+{}/", without "..".
std::string board_path_problem(std::string_view path);
/// A host name or address.
std::string host_problem(std::string_view host);
/// "host:port" or "[address]:port".
std::string host_and_port_problem(std::string_view address);
/// Pairs of hexadecimal digits.
std::string build_id_problem(std::string_view text);
/// A shell variable's name.
std::string variable_problem(std::string_view name);
/// An option line of a kernel configuration.
std::string config_line_problem(std::string_view line);
/// A CROSS_COMPILE prefix such as "aarch64-linux-gnu-".
std::string cross_compile_problem(std::string_view prefix);

/// "TYPE BASE64" of an OpenSSH public host key, without its comment.
/// Errors: request when the type is not supported or the key does not match it.
Result<std::string> host_key_of(std::string_view line);

/// `path` when absolute, otherwise below `folder`.
std::string path_from(const std::string& folder, const std::string& path);
/// The folder of a file; "." when it has none.
std::string folder_of(const std::string& file);

}  // namespace bisectd::config
