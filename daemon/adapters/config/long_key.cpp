#include "adapters/config/long_key.hpp"

#include <algorithm>

namespace bisectd::config {
namespace {

/// Behind the text in quotes that begins at `at`; at the end of the line where a short one is not
/// closed. Source: TOML 1.0, "String".
std::size_t behind_text(std::string_view text, std::size_t at) {
    const bool escapes = text[at] == '"';
    const std::string_view three = escapes ? "\"\"\"" : "'''";
    const bool is_long = text.substr(at).starts_with(three);
    const std::string_view end = is_long ? three : three.substr(0, 1);
    for (at += end.size(); at < text.size(); ++at) {
        if (escapes && text[at] == '\\')
            ++at;
        else if (text.substr(at).starts_with(end))
            return at + end.size();
        else if (!is_long && text[at] == '\n')
            return at;
    }
    return text.size();
}

}  // namespace

std::optional<std::uint32_t> line_of_long_key(std::string_view text) {
    unsigned parts = 1;
    for (std::size_t at = 0; at < text.size(); ++at) {
        switch (text[at]) {
            case '"':
            case '\'':
                at = behind_text(text, at) - 1;
                break;
            case '#':
                at = std::min(text.find('\n', at), text.size()) - 1;
                break;
            case '.':
                if (++parts <= most_key_parts) break;
                return static_cast<std::uint32_t>(
                    1 +
                    std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
            case '=':
            case ',':
            case '[':
            case ']':
            case '{':
            case '}':
            case '\n':
                parts = 1;
                break;
            default:
                break;
        }
    }
    return std::nullopt;
}

}  // namespace bisectd::config
