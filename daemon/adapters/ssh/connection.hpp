#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>

#include "adapters/ssh/handle.hpp"
#include "adapters/ssh/waiting.hpp"
#include "core/error.hpp"

namespace bisectd::ssh {

/// How long something may take.
struct Limit {
    Moment deadline = Moment::max();
    /// Longest time without any byte from the board. Counted from the last byte or from
    /// `Connection::begin`, whichever is later.
    milliseconds silence = std::chrono::hours(24 * 365);
};

/// A socket and the SSH session on it: knows how to wait, and when the board was last heard of.
/// One activity at a time: libssh2 wants the same call again after it asked to wait.
class Connection {
  public:
    /// `where` names the board and its address in errors.
    Connection(asio::ip::tcp::socket socket, std::string where);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    int descriptor() { return socket_.native_handle(); }
    LIBSSH2_SESSION* session() const { return session_.get(); }
    std::uint64_t received_bytes() const { return received_bytes_; }

    /// A new activity: the silence is counted from now. `rung` names it in errors.
    void begin(std::string rung);
    const std::string& rung() const { return rung_; }

    /// Nothing can be done any more: the peer has hung up, or an activity was cut short.
    bool lost() const { return lost_; }
    void give_up();

    /// Waits until the socket is ready in the directions the library asks for.
    /// Errors: infrastructure when a limit has passed (the connection is given up), cancelled.
    Task<Result<void>> wait(Limit limit);

    /// Waits only when nothing came since `received_bytes` was `seen`: what came may be what the
    /// caller looks for, taken from the socket by a call that looked for something else.
    Task<Result<void>> wait_for_more(std::uint64_t seen, Limit limit);

    /// Repeats `call` until the library does not ask to wait; returns what it returned.
    template <class Call>
    Task<Result<int>> repeat(Call call, Limit limit) {
        for (;;) {
            const int code = call();
            if (code != LIBSSH2_ERROR_EAGAIN) co_return code;
            Result<void> ready = co_await wait(limit);
            if (!ready) co_return std::unexpected(ready.error());
        }
    }

    /// Whether the library waits to send: then the same call must be repeated before any other.
    bool wants_to_send() const;

    /// "board vb1 (root@127.0.0.1:22), RUNG".
    std::string where() const;
    /// The library has failed: gives up, and says what it said.
    std::unexpected<Error> failure(const std::string& what);
    std::unexpected<Error> lost_error(const std::string& what);

  private:
    static LIBSSH2_RECV_FUNC(receive);
    static void disconnected(LIBSSH2_SESSION* session, int reason, const char* message,
                             int message_size, const char* language, int language_size,
                             void** abstract);

    asio::ip::tcp::socket socket_;
    std::string where_;
    std::string rung_;
    std::uint64_t received_bytes_ = 0;
    Moment heard_ = std::chrono::steady_clock::now();
    bool lost_ = false;
    SessionHandle session_;  // the last member: freed while the rest still stands
};

}  // namespace bisectd::ssh
