#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace bisectd {

/// A tag at the end of a commit's message: "Signed-off-by: Kim <kim@example.org>".
struct Trailer {
    std::string key;  ///< in lower case
    std::string value;
};

/// The tags of a message, in their order: lines "Key-by: value" and the kernel's other keys, of
/// its last two paragraphs (a note in brackets or a cherry-pick line often splits the tags).
/// Hostile text. Source: the kernel's submitting-patches, "Sign your work" and on.
std::vector<Trailer> trailers_of(std::string_view message);

}  // namespace bisectd
