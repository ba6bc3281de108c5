#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "ports/control.hpp"
#include "ports/task.hpp"

namespace bisectd {

struct HttpOptions {
    /// Path of the unix socket; empty: none. Whoever may open it may do everything.
    std::string unix_socket;
    /// Unit: permission bits. 0600, or 0660 for a group of users.
    unsigned unix_mode = 0600;
    /// Port on 127.0.0.1; nothing: none; 0: any free one.
    std::optional<std::uint16_t> tcp_port;
    /// File with the digest of the token for changes over TCP (see token.hpp), read at each of
    /// them; empty, or no such file: none are possible there.
    std::string token_file;

    /// A whole request must arrive in this time, an idle connection is closed after it.
    std::chrono::milliseconds request_limit{15'000};
    /// One write must be taken by the client in this time. Source: a page over a slow link.
    std::chrono::milliseconds write_limit{30'000};
    /// Between progress events, and between signs of life on a silent event stream.
    std::chrono::milliseconds progress_period{1'000};
    std::chrono::milliseconds heartbeat_period{15'000};
    /// Over TCP, all clients together; then 429. Source: two hundred viewers of a busy farm ask
    /// some 400 times a second; a person changes things a few times a minute.
    double reads_per_second = 2'000, changes_per_second = 5, wrong_tokens_per_second = 0.5;
    /// Where a commit is shown, with "{commit}" in it; empty: nowhere.
    std::string commit_url;
    std::size_t header_limit_bytes = 16UL * 1024;
    std::size_t body_limit_bytes = 256UL * 1024;
    /// All connections; a quarter is kept for the unix socket, so that pages cannot lock out
    /// the command line. Source: two of each of 300 viewers' browsers.
    std::size_t connection_limit = 800;
};

/// The HTTP API and the page (docs/api.md), on a unix socket and on a loopback port.
/// Everything that arrives is taken for hostile.
/// Thread: all on `executor`, which must be the orchestration thread's.
class HttpServer {
  public:
    HttpServer(const boost::asio::any_io_executor& executor, Control& control, HttpOptions options);
    /// Closes the sockets and removes the unix socket's file. Requires: `run` has returned, or
    /// was never called, or its executor runs no more.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Binds both sockets and asks the journal for its last event.
    /// Errors: request when an address is taken by another daemon or cannot be bound;
    /// infrastructure when the journal cannot be read.
    Result<void> listen();
    /// Serves until `stop`; returns when the last connection has ended. Requires: `listen`.
    Task<void> run();
    /// Closes everything, connections in the middle of an answer too. Harmless when repeated.
    void stop();

    /// The port that was bound; 0 when there is none.
    std::uint16_t tcp_port() const;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace bisectd
