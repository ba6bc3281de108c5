#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <string>

#include "core/error.hpp"

namespace bisectd::http {

using UnixAcceptor = boost::asio::local::stream_protocol::acceptor;
using TcpAcceptor = boost::asio::ip::tcp::acceptor;

/// Listens on a unix socket whose file has `mode` from its first moment on. A file that a dead
/// daemon left there is removed.
/// Errors: request when another daemon listens there, the path is too long, or something that is
/// no socket stands there; infrastructure when the system says no.
Result<UnixAcceptor> listen_unix(const boost::asio::any_io_executor& executor,
                                 const std::string& path, unsigned mode);

/// Listens on 127.0.0.1. Errors: request when the port is taken; infrastructure else.
Result<TcpAcceptor> listen_loopback(const boost::asio::any_io_executor& executor,
                                    std::uint16_t port);

}  // namespace bisectd::http
