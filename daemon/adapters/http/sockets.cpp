#include "adapters/http/sockets.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bisectd::http {
namespace {

namespace asio = boost::asio;

// Clients that wait to be taken in. After a restart all pages that are open come back in the same
// two seconds; whom the kernel turns away then tries again after 1, 3, 7, 15 s. Source: a little
// more than HttpOptions::connection_limit.
constexpr int backlog = 1024;

/// Makes the place free, or says who sits there.
Result<void> clear_path(const asio::any_io_executor& executor, const std::string& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return {};
        return infrastructure(path, fmt::format("cannot look at it: {}", std::strerror(errno)));
    }
    if (!S_ISSOCK(status.st_mode))
        return wrong_request(path,
                             "something that is no socket stands here; remove it, or "
                             "choose another path for the socket");
    asio::local::stream_protocol::socket probe(executor);
    boost::system::error_code error;
    probe.connect(asio::local::stream_protocol::endpoint(path), error);
    if (!error)
        return wrong_request(path,
                             "another bisectd listens here; stop it first, or choose "
                             "another path for the socket");
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return infrastructure(path, fmt::format("cannot remove the socket of a daemon that is "
                                                "gone: {}",
                                                std::strerror(errno)));
    return {};
}

}  // namespace

Result<UnixAcceptor> listen_unix(const asio::any_io_executor& executor, const std::string& path,
                                 unsigned mode) {
    if (path.size() >= sizeof(sockaddr_un::sun_path))
        return wrong_request(path, fmt::format("the path of a unix socket has at most {} bytes",
                                               sizeof(sockaddr_un::sun_path) - 1));
    if (Result<void> cleared = clear_path(executor, path); !cleared)
        return std::unexpected(cleared.error());
    UnixAcceptor acceptor(executor);
    boost::system::error_code error;
    acceptor.open(asio::local::stream_protocol(), error);
    // Linux gives the file the mode that the socket has before it is bound: no moment is open.
    if (!error && ::fchmod(acceptor.native_handle(), static_cast<mode_t>(mode)) != 0)
        return infrastructure(path, fmt::format("cannot set its mode: {}", std::strerror(errno)));
    if (!error) acceptor.bind(asio::local::stream_protocol::endpoint(path), error);
    // And the umask takes bits away, such as the group's.
    if (!error && ::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0)
        return infrastructure(path, fmt::format("cannot set its mode: {}", std::strerror(errno)));
    if (!error) acceptor.listen(backlog, error);
    if (error)
        return infrastructure(path, fmt::format("cannot listen here: {}; does the folder exist "
                                                "and may the daemon write there?",
                                                error.message()));
    return acceptor;
}

Result<TcpAcceptor> listen_loopback(const asio::any_io_executor& executor, std::uint16_t port) {
    const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
    const std::string where = fmt::format("127.0.0.1:{}", port);
    TcpAcceptor acceptor(executor);
    boost::system::error_code error;
    acceptor.open(asio::ip::tcp::v4(), error);
    if (!error) acceptor.set_option(TcpAcceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(backlog, error);
    if (error == asio::error::address_in_use)
        return wrong_request(where, "the port is taken; choose another one for the page");
    if (error) return infrastructure(where, fmt::format("cannot listen here: {}", error.message()));
    return acceptor;
}

}  // namespace bisectd::http
