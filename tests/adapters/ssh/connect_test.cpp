#include <fmt/format.h>
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#define BISECTD_TEST_LEAKS
#endif
#endif
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/adapters/ssh/server.hpp"

using namespace bisectd;
using namespace bisectd::test;
using boost::asio::ip::tcp;
using Catch::Matchers::Contains;

namespace {

#ifdef BISECTD_TEST_LEAKS
using LeakOfTheLibrary = __lsan::ScopedDisabler;
#else
struct LeakOfTheLibrary {
    LeakOfTheLibrary() {}
};
#endif

constexpr milliseconds patience{10'000};

std::string error_of(const BoardSpec& board, milliseconds limit = patience) {
    return run(connect_error(board, limit));
}

/// Another key pair; the path of its private part.
std::string new_key(const Folder& folder, const std::string& name, const std::string& options) {
    here(fmt::format("ssh-keygen -q {} -f {}", options, folder / name));
    return folder / name;
}

}  // namespace

TEST_CASE("connect: errors name board, address and rung", "[adapters]") {
    BoardSpec board;
    board.name = "vb1";
    board.ssh.host = "127.0.0.1";
    board.ssh.port = free_port();
    CHECK_THAT(error_of(board),
               Contains(fmt::format("board vb1 (root@127.0.0.1:{}), connect: ", board.ssh.port)) &&
                   Contains("refused"));
    board.ssh.host = "no-such-host.invalid";
    CHECK_THAT(error_of(board),
               Contains("cannot find host no-such-host.invalid") || Contains("name server"));
}

TEST_CASE("connect: a port that accepts and says nothing ends at the limit", "[adapters]") {
    boost::asio::io_context loop;
    const tcp::acceptor silent(loop, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    BoardSpec board;
    board.name = "vb1";
    board.ssh.host = "127.0.0.1";
    board.ssh.port = silent.local_endpoint().port();
    const auto before = std::chrono::steady_clock::now();
    CHECK_THAT(error_of(board, milliseconds(400)), Contains("not done in time"));
    CHECK(std::chrono::steady_clock::now() - before < milliseconds(3'000));
}

TEST_CASE("connect: a port that talks another language is refused", "[adapters]") {
    boost::asio::io_context loop;
    tcp::acceptor acceptor(loop, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    BoardSpec board;
    board.name = "vb1";
    board.ssh.host = "127.0.0.1";
    board.ssh.port = acceptor.local_endpoint().port();
    acceptor.async_accept([](boost::system::error_code, tcp::socket peer) {
        boost::asio::write(peer, boost::asio::buffer(std::string(100'000, 'x')));
    });
    std::thread server([&loop] { loop.run(); });
    const std::string error = error_of(board, milliseconds(3'000));
    server.join();
    CHECK_THAT(error, Contains("board vb1") && Contains("connect: "));
}

TEST_CASE("connect: the host key must be the pinned one", "[adapters]") {
    const Kind kind = GENERATE(Kind::openssh, Kind::dropbear);
    const Server server(kind);
    if (!server.runs()) return;
    BoardSpec board = server.board();
    CHECK(error_of(board) == "connected");

    const std::string own = board.ssh.host_key;
    new_key(server.folder(), "other", "-t ed25519 -N ''");
    board.ssh.host_key = content(server.folder() / "other.pub");
    CHECK_THAT(error_of(board),
               Contains("host key differs from the pinned one") && Contains(own.substr(0, 60)));
    board.ssh.host_key = "";
    CHECK_THAT(error_of(board), Contains("no host key is pinned") && Contains(own.substr(0, 60)));
    board.ssh.host_key = "ssh-ed25519 nonsense";
    CHECK_THAT(error_of(board), Contains("no public key line"));
    new_key(server.folder(), "nist", "-t ecdsa -N ''");
    board.ssh.host_key = content(server.folder() / "nist.pub");
    CHECK_THAT(error_of(board), Contains("pinned type ecdsa-sha2-nistp256"));
    new_key(server.folder(), "rsa", "-t rsa -b 2048 -N ''");
    board.ssh.host_key = content(server.folder() / "rsa.pub");
    CHECK_THAT(error_of(board), Contains("type ssh-rsa cannot be checked"));
}

TEST_CASE("connect: of several host keys the pinned one is asked for", "[adapters]") {
    const Folder keys;
    const std::string nist = new_key(keys, "nist", "-t ecdsa -N ''");
    const Server server(Kind::openssh, "HostKey " + nist + "\n");
    BoardSpec board = server.board();
    CHECK(error_of(board) == "connected");
    board.ssh.host_key = content(nist + ".pub");
    CHECK(error_of(board) == "connected");
}

TEST_CASE("connect: a user key that cannot work is named with what to do", "[adapters]") {
    const Kind kind = GENERATE(Kind::openssh, Kind::dropbear);
    const Server server(kind);
    if (!server.runs()) return;
    BoardSpec board = server.board();
    const Folder& folder = server.folder();

    board.ssh.key_file = new_key(folder, "stranger", "-t ed25519 -N ''");
    const std::string stranger = content(folder / "stranger.pub").substr(0, 60);
    CHECK_THAT(error_of(board), Contains("login: ") && Contains("refuses user") &&
                                    Contains("authorized_keys") && Contains(stranger));
    board.ssh.key_file = new_key(folder, "rsa", "-t rsa -b 2048 -N ''");
    CHECK_THAT(error_of(board), Contains("is of type RSA") && Contains("ssh-keygen -t ed25519"));
    board.ssh.key_file = new_key(folder, "pem", "-t rsa -m PEM -b 2048 -N ''");
    CHECK_THAT(error_of(board), Contains("is of type RSA"));
    board.ssh.key_file = new_key(folder, "secret", "-t ed25519 -N hidden");
    CHECK_THAT(error_of(board), Contains("has a passphrase"));
    board.ssh.key_file = folder / "nowhere";
    CHECK_THAT(error_of(board), Contains("cannot read") && Contains("No such file"));
    board.ssh.key_file = folder.text("text", "hello");
    here("chmod 600 " + board.ssh.key_file);
    CHECK_THAT(error_of(board), Contains("holds no private key"));
    board.ssh.key_file = server.board().ssh.key_file;
    here("chmod 644 " + board.ssh.key_file);
    CHECK_THAT(error_of(board), Contains("can be read by others") && Contains("chmod 600"));
}

TEST_CASE("connect: an ecdsa user key works", "[adapters]") {
    // libssh2 1.10 leaks two numbers (112 bytes) a signature with such a key.
    const LeakOfTheLibrary known;
    const Kind kind = GENERATE(Kind::openssh, Kind::dropbear);
    const Server server(kind);
    if (!server.runs()) return;
    BoardSpec board = server.board();
    board.ssh.key_file = new_key(server.folder(), "nist", "-t ecdsa -N ''");
    server.folder().text("home/.ssh/authorized_keys", content(board.ssh.key_file + ".pub"));
    CHECK(error_of(board) == "connected");
}

TEST_CASE("connect: the port is read from its file each time", "[adapters]") {
    const Server server(Kind::openssh);
    BoardSpec board = server.board();
    board.ssh.port_file = server.folder() / "port";
    CHECK_THAT(error_of(board), Contains("no port in the file") && Contains("switched on"));
    server.folder().text("port", "99999\n");
    CHECK_THAT(error_of(board), Contains("no port in the file"));
    server.folder().text("port", std::to_string(board.ssh.port) + "\n");
    board.ssh.port = 1;
    CHECK(error_of(board) == "connected");
}

namespace {

/// Cancels a task after a while; its error.
template <class T>
std::string cancelled_error(Task<Result<T>> task, milliseconds when,
                            boost::asio::cancellation_signal& stop) {
    boost::asio::io_context loop;
    boost::asio::steady_timer timer(loop, when);
    timer.async_wait([&stop](boost::system::error_code ended_first) {
        if (!ended_first) stop.emit(boost::asio::cancellation_type::terminal);
    });
    std::string error = "did not end";
    auto keep = [&error, &timer](std::exception_ptr thrown, Result<T> result) {
        timer.cancel();
        error = thrown ? "threw" : result ? "done" : std::string(word(result.error().kind));
    };
    boost::asio::co_spawn(loop, std::move(task),
                          boost::asio::bind_cancellation_slot(stop.slot(), keep));
    loop.run_for(std::chrono::seconds(10));
    return error;
}

Task<Result<CommandEnd>> sleep_on(BoardSpec board) {
    const Heard heard = co_await hear(std::move(board), "sleep 30", milliseconds(60'000));
    co_return heard.end;
}

/// What a caller does next that does not look at the result.
Task<Result<CommandEnd>> sleep_on_and_wait(BoardSpec board) {
    const Heard heard = co_await hear(std::move(board), "sleep 30", milliseconds(60'000));
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                    milliseconds(60'000));
    co_await timer.async_wait(boost::asio::use_awaitable);
    co_return heard.end;
}

/// Cancels itself from inside, while nothing waits.
Task<Result<CommandEnd>> talk_and_stop(BoardSpec board, boost::asio::cancellation_signal& stop) {
    AnyShells shells;
    auto shell = co_await shells.connect(std::move(board), milliseconds(60'000));
    if (!shell) co_return std::unexpected(shell.error());
    LineSink sink = [&stop](std::string_view) {
        stop.emit(boost::asio::cancellation_type::terminal);
    };
    auto end = co_await (*shell)->execute("echo now; sleep 30", sink, milliseconds(60'000));
    co_return end;
}

Task<Result<std::unique_ptr<BoardShell>>> connect_to(BoardSpec board) {
    SshShells shells;
    auto shell = co_await shells.connect(std::move(board), milliseconds(60'000));
    co_return shell;
}

}  // namespace

TEST_CASE("shell: cancelling ends a connect and a command at once, without a throw", "[adapters]") {
    boost::asio::io_context loop;
    const tcp::acceptor silent(loop, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    BoardSpec board;
    board.ssh.host = "127.0.0.1";
    board.ssh.port = silent.local_endpoint().port();
    boost::asio::cancellation_signal stop;
    CHECK(cancelled_error(connect_to(board), milliseconds(100), stop) == "cancelled");

    const Server server(Kind::openssh);
    CHECK(cancelled_error(sleep_on(server.board()), milliseconds(1'000), stop) == "cancelled");
    CHECK(cancelled_error(talk_and_stop(server.board(), stop), milliseconds(9'000), stop) ==
          "cancelled");
    board.transport = Transport::local;
    CHECK(cancelled_error(sleep_on(board), milliseconds(300), stop) == "cancelled");
    CHECK(cancelled_error(talk_and_stop(board, stop), milliseconds(9'000), stop) == "cancelled");
}

// A daemon that was asked to end went on with power cycles and waits for minutes.
TEST_CASE("shell: who awaited a command that was cancelled waits for nothing more", "[adapters]") {
    boost::asio::cancellation_signal stop;
    const Server server(Kind::openssh);
    CHECK(cancelled_error(sleep_on_and_wait(server.board()), milliseconds(1'000), stop) == "threw");
    BoardSpec board;
    board.transport = Transport::local;
    CHECK(cancelled_error(sleep_on_and_wait(board), milliseconds(300), stop) == "threw");
}
