#pragma once
#include <string>
#include <string_view>

namespace bisectd::http {

/// `text` for HTML, between tags and in quoted attributes: `& < > " '` are escaped, control
/// characters and what is not UTF-8 are replaced.
std::string escaped(std::string_view text);

/// A whole page: head, the bar with the way home, and `main`. `title` is plain text.
std::string html_page(std::string_view title, std::string_view main);

/// "<time datetime=...>2026-11-21 08:42:37</time>"; "" for 0. Unit: milliseconds since 1970 UTC.
std::string html_time(std::int64_t at_ms_utc);

/// A short word in a coloured frame. `word` is plain text and also names its colour.
std::string badge(std::string_view word);

}  // namespace bisectd::http
