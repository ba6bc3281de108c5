#include "adapters/ssh/connection.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>

#include "adapters/ssh/lines.hpp"

namespace bisectd::ssh {
namespace {

using asio::ip::tcp;

/// Once a process, before any session.
bool library_ready() {
    static const bool ready = libssh2_init(0) == 0;
    return ready;
}

SessionHandle new_session(Connection* connection) {
    BISECTD_ASSERT(library_ready());
    SessionHandle session{libssh2_session_init_ex(nullptr, nullptr, nullptr, connection)};
    BISECTD_ASSERT(session != nullptr);
    return session;
}

}  // namespace

Connection::Connection(tcp::socket socket, std::string where)
    : socket_(std::move(socket)), where_(std::move(where)), session_(new_session(this)) {
    boost::system::error_code failed;
    socket_.native_non_blocking(true, failed);
    if (failed) lost_ = true;
    libssh2_session_set_blocking(session_.get(), 0);
    libssh2_session_callback_set(session_.get(), LIBSSH2_CALLBACK_RECV,
                                 reinterpret_cast<void*>(&Connection::receive));
    libssh2_session_callback_set(session_.get(), LIBSSH2_CALLBACK_DISCONNECT,
                                 reinterpret_cast<void*>(&Connection::disconnected));
}

Connection::~Connection() {
    give_up();
}

// Own receive function: the only true sign of life is a byte that came.
LIBSSH2_RECV_FUNC(Connection::receive) {
    auto* self = static_cast<Connection*>(*abstract);
    const ssize_t got = recv(socket, buffer, length, flags);
    if (got > 0) {
        self->received_bytes_ += static_cast<std::uint64_t>(got);
        self->heard_ = std::chrono::steady_clock::now();
        return got;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return -EAGAIN;
    self->lost_ = true;
    return got == 0 ? 0 : -errno;
}

void Connection::disconnected(LIBSSH2_SESSION*, int, const char*, int, const char*, int,
                              void** abstract) {
    static_cast<Connection*>(*abstract)->lost_ = true;
}

void Connection::begin(std::string rung) {
    rung_ = std::move(rung);
    heard_ = std::chrono::steady_clock::now();
}

void Connection::give_up() {
    lost_ = true;
    // After this no call of the library can wait; the descriptor stays ours until the end.
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
}

bool Connection::wants_to_send() const {
    return (libssh2_session_block_directions(session_.get()) & LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0;
}

Task<Result<void>> Connection::wait(Limit limit) {
    const int directions = libssh2_session_block_directions(session_.get());
    const Moment silent = heard_ + std::min<milliseconds>(limit.silence, std::chrono::hours(8760));
    const Moment until = std::min(limit.deadline, silent);
    Awoken end;
    auto readable = socket_.async_wait(tcp::socket::wait_read, asio::deferred);
    auto writable = socket_.async_wait(tcp::socket::wait_write, asio::deferred);
    if (directions == LIBSSH2_SESSION_BLOCK_OUTBOUND) {
        end = co_await first_of(until, std::move(writable));
    } else if ((directions & LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0) {
        end = co_await first_of(until, std::move(readable), std::move(writable));
    } else {
        end = co_await first_of(until, std::move(readable));
    }
    if (end.woke == Woke::ready && !end.error) co_return Result<void>{};
    give_up();
    if (end.woke == Woke::cancelled) co_return cancelled(where(), "cancelled");
    if (end.woke == Woke::ready) co_return lost_error(end.error.message());
    if (until == silent)
        co_return lost_error(
            fmt::format("nothing came from the board for {} ms", limit.silence.count()));
    co_return infrastructure(where(),
                             "not done in time; the board accepts connections but does "
                             "not answer (does it still boot, or hang?)");
}

Task<Result<void>> Connection::wait_for_more(std::uint64_t seen, Limit limit) {
    if (received_bytes_ != seen) co_return Result<void>{};
    co_return co_await wait(limit);
}

std::string Connection::where() const {
    return where_ + ", " + rung_;
}

std::unexpected<Error> Connection::failure(const std::string& what) {
    char* text = nullptr;
    const int code = libssh2_session_last_error(session_.get(), &text, nullptr, 0);
    const std::string said = text == nullptr ? "" : for_people(text);
    const bool hung_up = lost_;
    give_up();
    if (hung_up || code == LIBSSH2_ERROR_SOCKET_DISCONNECT || code == LIBSSH2_ERROR_SOCKET_RECV ||
        code == LIBSSH2_ERROR_SOCKET_SEND)
        return lost_error(what + ", the board closed the connection");
    return infrastructure(where(), fmt::format("{}: {} (libssh2 error {})", what, said, code));
}

std::unexpected<Error> Connection::lost_error(const std::string& what) {
    give_up();
    return infrastructure(where(), "connection lost: " + what);
}

}  // namespace bisectd::ssh
