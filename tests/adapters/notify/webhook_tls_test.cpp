#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <thread>

#include "tests/adapters/notify/teller.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

namespace asio = boost::asio;

/// Two authorities; certificates that the first one signed: for us, for another, and one too old.
constexpr const char* certificates = R"sh(set -e
cd "$(dirname "$0")"
key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
authority() {
    openssl req -x509 $key -days 2 -subj "/CN=$1" -keyout "$1.key" -out "$1.pem" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
}
server() { # NAME WHO DAYS
    openssl req $key -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
    echo "subjectAltName=$2" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA lab-ca.pem -CAkey lab-ca.key -CAcreateserial \
        -days "$3" -extfile "$1.ext" -out "$1.pem"
}
authority lab-ca
authority other-ca
server here IP:127.0.0.1 2
server elsewhere DNS:elsewhere.example.org 2
server expired IP:127.0.0.1 -1
)sh";

/// A web server with TLS for one connection, in a thread of its own.
class SecureServer {
  public:
    /// `certificate`: without its ".pem"; its key stands beside it.
    explicit SecureServer(const std::string& certificate)
        : tls_(asio::ssl::context::tls_server),
          acceptor_(context_, {asio::ip::address_v4::loopback(), 0}) {
        tls_.use_certificate_chain_file(certificate + ".pem");
        tls_.use_private_key_file(certificate + ".key", asio::ssl::context::pem);
        thread_ = std::thread([this] { serve(); });
    }
    ~SecureServer() {
        if (thread_.joinable()) thread_.join();
    }
    SecureServer(const SecureServer&) = delete;
    SecureServer& operator=(const SecureServer&) = delete;

    std::string address() const {
        return "https://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) +
               "/hook/secret-token";
    }
    /// What came through; empty: the client broke off before it sent anything.
    std::string request() {
        thread_.join();
        return request_;
    }

  private:
    void serve() {
        boost::system::error_code error;
        asio::ssl::stream<asio::ip::tcp::socket> stream(context_, tls_);
        acceptor_.accept(stream.next_layer(), error);
        if (!error) stream.handshake(asio::ssl::stream_base::server, error);
        if (error) return;
        asio::read_until(stream, asio::dynamic_buffer(request_), "\r\n\r\n", error);
        if (error) return;
        const std::size_t head = request_.find("\r\n\r\n") + 4;
        const std::size_t at = request_.find("Content-Length: ");
        const std::size_t body = at == std::string::npos ? 0 : std::stoul(request_.substr(at + 16));
        if (request_.size() < head + body)
            asio::read(stream, asio::dynamic_buffer(request_),
                       asio::transfer_exactly(head + body - request_.size()), error);
        const std::string answer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
        asio::write(stream, asio::buffer(answer), error);
        stream.shutdown(error);
    }

    asio::io_context context_;
    asio::ssl::context tls_;
    asio::ip::tcp::acceptor acceptor_;
    std::string request_;
    std::thread thread_;
};

}  // namespace

TEST_CASE(
    "herald: a webhook over https is told when its certificate is right, else nothing is sent",
    "[adapters]") {
    const Place place;
    const std::string script = place.write_program("certificates", certificates);
    REQUIRE(std::system((script + " 2>" + place.path("said")).c_str()) == 0);
    NotifySpec spec;
    {
        SecureServer server(place.path("here"));
        spec.webhook = server.address();
        spec.webhook_ca = place.path("lab-ca.pem");
        REQUIRE(place.tell(spec, "webhook"));
        const std::string request = server.request();
        CHECK_THAT(request, StartsWith("POST /hook/secret-token HTTP/1.1\r\n"));
        const auto facts =
            boost::json::parse(request.substr(request.find("\r\n\r\n") + 4)).as_object();
        CHECK(facts.at("event").as_string() == "found");
    }
    const std::string lab = place.path("lab-ca.pem"), other = place.path("other-ca.pem");
    for (const auto& [certificate, authority] : std::vector<std::pair<std::string, std::string>>{
             {"here", other}, {"here", ""}, {"elsewhere", lab}, {"expired", lab}}) {
        INFO(certificate << " by " << authority);
        SecureServer server(place.path(certificate));
        spec.webhook = server.address();
        spec.webhook_ca = authority;
        const auto told = place.tell(spec, "webhook");
        REQUIRE_FALSE(told);
        CHECK(told.error().what == "its certificate or encryption is not accepted");
        CHECK_THAT(describe(told.error()), !Contains("secret"));
        CHECK(server.request().empty());
    }
    SecureServer unasked(place.path("here"));
    spec.webhook = unasked.address();
    spec.webhook_ca = place.path("none.pem");
    const auto told = place.tell(spec, "webhook");
    REQUIRE_FALSE(told);
    CHECK_THAT(told.error().what, Contains("webhook_ca"));
    // Nobody came: the server waits no longer.
    asio::io_context context;
    asio::ip::tcp::socket visitor(context);
    const std::string port = unasked.address().substr(std::string("https://127.0.0.1:").size());
    visitor.connect({asio::ip::address_v4::loopback(),
                     static_cast<std::uint16_t>(std::stoul(port.substr(0, port.find('/'))))});
    visitor.close();
    CHECK(unasked.request().empty());
}
