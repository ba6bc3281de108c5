#pragma once
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace bisectd {

/// Makes a token for changes over TCP, in place of any earlier one: 64 hexadecimal digits from the
/// kernel's random source. Only its digest is kept, in `path` (mode 0600, of the folder's owner);
/// it counts at once. The token itself is returned and nowhere written.
/// Errors: infrastructure when the file cannot be made.
Result<std::string> make_token(const std::string& path);

/// The digest that `path` holds; empty: there is no token. Salt and stretching would add nothing:
/// a token is 256 random bits.
/// Errors: infrastructure when the file cannot be read; request when it is not a regular file of
/// ours, others may read it, or it holds no digest.
Result<std::string> token_digest(const std::string& path);

/// What is kept of this token. Unit: 64 hexadecimal digits, SHA-256.
std::string digest_of_token(std::string_view token);

/// Replaces a token that an earlier version kept in clear by its digest: it goes on to count,
/// unless `make_token` has made another one since. Does nothing when there is none. Errors: as
/// those of the other two.
Result<void> hide_clear_token(const std::string& clear, const std::string& path);

}  // namespace bisectd
