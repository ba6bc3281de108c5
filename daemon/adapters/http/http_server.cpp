#include "adapters/http/http_server.hpp"

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <string_view>

#include "adapters/http/connection.hpp"
#include "adapters/http/sockets.hpp"

namespace bisectd {

namespace asio = boost::asio;
constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);

namespace {

// No descriptor left, or no memory: a moment later there may be.
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::string_view busy =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
    "Retry-After: 5\r\nConnection: close\r\n\r\n"
    "{\"title\":\"Too many connections\",\"status\":503,\"where\":\"connections\","
    "\"detail\":\"close some pages and try again\"}\n";

}  // namespace

class HttpServer::Impl : public std::enable_shared_from_this<HttpServer::Impl> {
  public:
    Impl(const asio::any_io_executor& executor, Control& control, HttpOptions options)
        : executor_(executor),
          serving_(std::make_shared<http::Serving>(control, std::move(options))),
          all_ended_(executor) {}

    ~Impl() {
        if (unix_) ::unlink(options().unix_socket.c_str());
    }

    const HttpOptions& options() const { return serving_->options; }

    Result<void> listen() {
        if (Result<void> read = serving_->tail.follow(); !read) return read;
        if (!options().unix_socket.empty()) {
            auto acceptor =
                http::listen_unix(executor_, options().unix_socket, options().unix_mode);
            if (!acceptor) return std::unexpected(acceptor.error());
            unix_.emplace(std::move(*acceptor));
        }
        if (options().tcp_port) {
            auto acceptor = http::listen_loopback(executor_, *options().tcp_port);
            if (!acceptor) return std::unexpected(acceptor.error());
            tcp_.emplace(std::move(*acceptor));
        }
        return {};
    }

    Task<void> run() {
        const std::size_t limit = options().connection_limit;
        spawn(serving_->site.draw_surveys());
        if (unix_) spawn(accept(this, *unix_, true, limit));
        if (tcp_) spawn(accept(this, *tcp_, false, limit - limit / 4));
        while (!signals_.empty()) {
            all_ended_.expires_at(std::chrono::steady_clock::time_point::max());
            co_await all_ended_.async_wait(awaiting);
        }
    }

    void stop() {
        stopped_ = true;
        boost::system::error_code ignored;
        if (unix_) unix_->close(ignored);
        if (tcp_) tcp_->close(ignored);
        // Each signal may take its own entry away before the next one is reached.
        for (auto next = signals_.begin(); next != signals_.end();) {
            asio::cancellation_signal& signal = *next++;
            signal.emit(asio::cancellation_type::terminal);
        }
        all_ended_.cancel();
    }

    std::uint16_t tcp_port() const {
        boost::system::error_code error;
        if (!tcp_) return 0;
        const auto endpoint = tcp_->local_endpoint(error);
        return error ? 0 : endpoint.port();
    }

  private:
    /// Every task is in `signals_` until it has ended, so `run` waits for it and `stop` reaches it.
    void spawn(Task<void> task) {
        signals_.emplace_back();
        const auto entry = std::prev(signals_.end());
        auto ended = [self = shared_from_this(), entry](const std::exception_ptr&) {
            // An exception here is a cancellation, or memory that ran out in one connection:
            // that connection is gone, the others are not concerned.
            self->signals_.erase(entry);
            if (self->signals_.empty()) self->all_ended_.cancel();
        };
        asio::co_spawn(executor_, std::move(task),
                       asio::bind_cancellation_slot(entry->slot(), std::move(ended)));
    }

    template <class Acceptor>
    static Task<void> accept(Impl* self, Acceptor& acceptor, bool over_unix, std::size_t limit) {
        asio::steady_timer pause(self->executor_);
        boost::system::error_code ignored;
        acceptor.non_blocking(true, ignored);
        while (!self->stopped_) {
            auto [error, socket] = co_await acceptor.async_accept(awaiting);
            if (self->stopped_) break;
            if (error) {
                pause.expires_after(accept_pause);
                co_await pause.async_wait(awaiting);
                continue;
            }
            self->greet(http::Socket(std::move(socket)), over_unix, limit);
            // All who wait are taken in at once: each wait here is a round of everybody's work.
            for (std::size_t more = 0; more < limit; ++more) {
                boost::system::error_code none;
                auto next = acceptor.accept(none);
                if (none) break;
                self->greet(http::Socket(std::move(next)), over_unix, limit);
            }
        }
    }

    void greet(http::Socket socket, bool over_unix, std::size_t limit) {
        if (signals_.size() < limit) {
            spawn(http::serve_connection(std::move(socket), over_unix, serving_));
            return;
        }
        // A fresh socket's buffer takes this without waiting; if not, closing says it too.
        boost::system::error_code ignored;
        socket.non_blocking(true, ignored);
        socket.send(asio::buffer(busy), 0, ignored);
    }

    asio::any_io_executor executor_;
    std::shared_ptr<http::Serving> serving_;
    std::optional<http::UnixAcceptor> unix_;
    std::optional<http::TcpAcceptor> tcp_;
    std::list<asio::cancellation_signal> signals_;
    asio::steady_timer all_ended_;
    bool stopped_ = false;
};

HttpServer::HttpServer(const asio::any_io_executor& executor, Control& control, HttpOptions options)
    : impl_(std::make_shared<Impl>(executor, control, std::move(options))) {}
HttpServer::~HttpServer() = default;

Result<void> HttpServer::listen() {
    return impl_->listen();
}
Task<void> HttpServer::run() {
    return impl_->run();
}
void HttpServer::stop() {
    impl_->stop();
}
std::uint16_t HttpServer::tcp_port() const {
    return impl_->tcp_port();
}

}  // namespace bisectd
