#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <vector>

namespace bisectd::test {

/// The other side of a socket driver: accepts for ever and keeps what it is sent.
template <class Protocol>
class Peer {
  public:
    Peer(boost::asio::io_context& io, const typename Protocol::endpoint& endpoint)
        : acceptor_(io, endpoint) {
        accept();
    }
    int connections = 0;
    std::string received;
    bool hangs_up_at_once = false;

    auto endpoint() const { return acceptor_.local_endpoint(); }
    bool connected() const { return stream_ && stream_->is_open(); }
    void send(const std::string& text) { boost::asio::write(*stream_, boost::asio::buffer(text)); }
    void hang_up() {
        stream_->close();
        stream_.reset();
    }

  private:
    using Socket = typename Protocol::socket;
    void accept() {
        acceptor_.async_accept([this](boost::system::error_code failed, Socket socket) {
            if (failed) return;
            ++connections;
            stream_ = std::make_shared<Socket>(std::move(socket));
            if (hangs_up_at_once)
                stream_.reset();
            else
                read(stream_);
            accept();
        });
    }
    void read(std::shared_ptr<Socket> stream) {
        auto piece = std::make_shared<std::string>(1024, '\0');
        auto got = [this, stream, piece](boost::system::error_code failed, std::size_t bytes) {
            received.append(*piece, 0, bytes);
            if (!failed) return read(stream);
            if (stream_ == stream) stream_.reset();
        };
        stream->async_read_some(boost::asio::buffer(*piece), got);
    }
    typename Protocol::acceptor acceptor_;
    std::shared_ptr<Socket> stream_;
};

using UnixPeer = Peer<boost::asio::local::stream_protocol>;
using TcpPeer = Peer<boost::asio::ip::tcp>;

inline boost::asio::ip::tcp::endpoint loopback(std::uint16_t port = 0) {
    return {boost::asio::ip::address_v4::loopback(), port};
}

}  // namespace bisectd::test
