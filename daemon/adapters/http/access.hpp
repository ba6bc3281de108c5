#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/message.hpp"

namespace bisectd::http {

/// Says no to what a foreign web page, or a name that was rebound to this machine, could send.
/// - Over TCP `Host` must be a loopback name (421): defends against DNS rebinding.
/// - A POST must not come from a foreign page (`Origin`, `Sec-Fetch-Site`; 403).
/// - A POST over TCP needs the token (401). Over the unix socket the file's permission decides.
/// Errors: nothing when the request may go on, else the refusal.
/// `digest` is that of the token (token.hpp); empty: no token is right.
std::optional<Response> refused(const Request& request, std::string_view digest);

/// Compares in a time that does not depend on where the texts differ.
bool same_secret(std::string_view given, std::string_view secret);

}  // namespace bisectd::http
