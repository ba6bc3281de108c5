#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "adapters/ssh/waiting.hpp"
#include "core/board.hpp"
#include "core/error.hpp"

namespace bisectd::ssh {

/// The port of a board: from its port file, where it has one.
/// Errors: infrastructure; the file is missing or holds no port.
Result<std::uint16_t> port_of(const SshSpec& spec, const std::string& where);

/// Resolves the name and connects, one address after the other. The socket sees a peer that
/// vanishes: keepalive after 10 s of silence, and data that stays unacknowledged for 30 s.
/// Errors: infrastructure (says which: name, refused, no answer), cancelled.
Task<Result<asio::ip::tcp::socket>> dial(std::string host, std::uint16_t port, std::string where,
                                         Moment deadline);

}  // namespace bisectd::ssh
