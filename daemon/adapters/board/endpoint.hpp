#pragma once
#include <boost/asio/generic/stream_protocol.hpp>
#include <chrono>
#include <string>

#include "core/board.hpp"
#include "core/error.hpp"
#include "ports/task.hpp"

namespace bisectd::board {

/// Where a serial server or a power switch listens.
struct Endpoint {
    std::string unix_path;   ///< not empty: a unix socket; of any length
    std::string host, port;  ///< else: TCP

    std::string text() const { return unix_path.empty() ? host + ":" + port : unix_path; }
};

/// Reads "host:port" or "[v6]:port" (tcp) or a path (unix_socket).
/// Errors: request; `where` names the setting.
Result<Endpoint> parse_endpoint(DriverKind driver, const std::string& address,
                                const std::string& where);

using Stream = boost::asio::generic::stream_protocol::socket;

/// Connects; a dead TCP peer is noticed by keep-alive within about two minutes.
/// Errors: infrastructure, at the latest after `limit`.
Task<Result<Stream>> connect(Endpoint endpoint, std::chrono::milliseconds limit);

}  // namespace bisectd::board
