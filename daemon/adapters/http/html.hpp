#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/commit_id.hpp"

namespace bisectd::http {

/// `text` for HTML, between tags and in quoted attributes: `& < > " '` are escaped, control
/// characters and what is not UTF-8 are replaced.
std::string escaped(std::string_view text);

/// A whole page: head, the bar with the ways to the other pages, and `main`. `title` is plain text;
/// `place`: the address in the bar that this page belongs to.
std::string html_page(std::string_view title, std::string_view place, std::string_view main);

/// "<time datetime=...>2026-11-21 08:42:37</time>"; "" for 0. Unit: milliseconds since 1970 UTC.
std::string html_time(std::int64_t at_ms_utc);
/// The same without the day.
std::string html_clock(std::int64_t at_ms_utc);
/// "3 min 12 s"; "" when `to_ms` is not after `from_ms`.
std::string html_duration(std::int64_t from_ms, std::int64_t to_ms);

/// A short word in a coloured frame. `word` is plain text and also names its colour.
std::string badge(std::string_view word);
/// A part of a list of facts; "" when `html` is empty.
std::string fact(std::string_view name, const std::string& html);
/// "97.3 %", never rounded up to certainty.
std::string percent_text(double share);

/// Where commits are shown to the world: the hosting of the user's choice.
struct Hosting {
    std::string commit_url;  ///< with "{commit}" in it; empty: nowhere

    /// The commit's short id, as a link where there is a hosting.
    std::string link(const CommitId& commit) const;
    /// The address of a commit; "" where there is no hosting.
    std::string address(const CommitId& commit) const;
};

}  // namespace bisectd::http
