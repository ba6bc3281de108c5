#pragma once
#include <string>

#include "core/error.hpp"

namespace bisectd::ssh {

/// Looks at a private key file before the library does, because the library's words for what is
/// wrong mislead ("unable to open" for an encrypted key, a plain refusal for RSA).
/// Returns the public part as an authorized_keys line; empty where the format does not show it.
/// Errors: infrastructure; cannot be read, open to others, encrypted, RSA, no key at all.
/// Source: libraries, SSH: libssh2 signs with RSA only as SHA-1, which today's servers refuse.
Result<std::string> check_user_key(const std::string& file, const std::string& where);

}  // namespace bisectd::ssh
