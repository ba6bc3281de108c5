#pragma once
#include <string_view>

namespace bisectd::http {

/// A file of web/, embedded in the program.
struct WebFile {
    std::string_view name;
    std::string_view content_type;
    std::string_view text;
};

/// Errors: null when there is no file of this name.
const WebFile* web_file(std::string_view name);

}  // namespace bisectd::http
