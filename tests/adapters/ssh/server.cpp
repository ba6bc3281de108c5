#include "tests/adapters/ssh/server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <thread>

extern char** environ;

namespace bisectd::test {
namespace fs = std::filesystem;

Folder::Folder() {
    std::string name = (fs::temp_directory_path() / "bisectd-ssh-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
}

Folder::~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::string Folder::text(const std::string& name, const std::string& what) const {
    std::ofstream(*this / name, std::ios::binary) << what;
    return *this / name;
}

std::string Folder::file(const std::string& name, std::size_t size) const {
    std::mt19937_64 chance(size);
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i + 8 <= size; i += 8) {
        const std::uint64_t word = chance();
        std::copy_n(reinterpret_cast<const char*>(&word), 8, bytes.data() + i);
    }
    return text(name, bytes);
}

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string here(const std::string& command) {
    const auto close_pipe = [](FILE* pipe) { pclose(pipe); };
    const std::unique_ptr<FILE, decltype(close_pipe)> pipe{popen(command.c_str(), "r")};
    if (!pipe) throw std::runtime_error("cannot run " + command);
    std::string output;
    std::array<char, 4096> piece{};
    while (const std::size_t got = fread(piece.data(), 1, piece.size(), pipe.get()))
        output.append(piece.data(), got);
    while (!output.empty() && output.back() == '\n') output.pop_back();
    return output;
}

std::uint16_t free_port() {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    const bool bound = bind(listener, any, size) == 0 && getsockname(listener, any, &size) == 0;
    close(listener);
    if (!bound) throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

std::string user_name() {
    return getpwuid(geteuid())->pw_name;
}

namespace {

bool answers(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool yes = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    return yes;
}

std::string sshd_config(const Folder& folder, std::uint16_t port, const std::string& extra) {
    return fmt::format(
        "{}ListenAddress 127.0.0.1:{}\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\n"
        "PidFile none\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n"
        "KbdInteractiveAuthentication no\nSubsystem sftp internal-sftp\nMaxStartups 100\nLogLevel "
        "ERROR\n",
        extra, port, folder / "host_key", folder / "home/.ssh/authorized_keys");
}

}  // namespace

Server::Server(Kind kind, const std::string& extra) : port_(free_port()) {
    fs::create_directories(folder_ / "home/.ssh");
    here(fmt::format(
        "chmod 700 {0}/home {0}/home/.ssh; ssh-keygen -q -t ed25519 -N '' -f {0}/user_key; "
        "cp {0}/user_key.pub {0}/home/.ssh/authorized_keys",
        folder_ / "."));
    if (kind == Kind::openssh) {
        if (geteuid() == 0) fs::create_directories("/run/sshd");
        here(fmt::format("ssh-keygen -q -t ed25519 -N '' -f {}", folder_ / "host_key"));
        host_key_ = content(folder_ / "host_key.pub");
        const std::string config = folder_.text("sshd_config", sshd_config(folder_, port_, extra));
        start({"/usr/sbin/sshd", "-D", "-e", "-f", config});
        return;
    }
    // dropbear looks for keys in the user's home only: give it a mount name space with another one.
    if (geteuid() != 0 || here("unshare -m true 2>&1; echo $?") != "0") {
        std::cerr << "dropbear cannot be tested here: needs root and mount name spaces\n";
        return;
    }
    const std::string key = folder_ / "dropbear_key";
    here(fmt::format("dropbearkey -t ed25519 -f {} 2>/dev/null", key));
    host_key_ = here(fmt::format("dropbearkey -y -f {} | grep ^ssh-ed25519", key));
    const std::string home = getpwuid(geteuid())->pw_dir;
    // The keys lie under the folder, which must stay visible: only the home is covered.
    start({"unshare", "-m", "sh", "-c",
           fmt::format(
               "mount --bind {} {} && cd / && exec dropbear -F -E -s -p 127.0.0.1:{} -r {} -P {}",
               folder_ / "home", home, port_, key, folder_ / "pid")});
}

void Server::start(const std::vector<std::string>& arguments) {
    std::vector<std::string> copy = arguments;
    std::vector<char*> pointers;
    for (std::string& text : copy) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const std::string log = folder_ / "log";
    posix_spawn_file_actions_addopen(&actions, 2, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    const int error = posix_spawnp(&pid_, pointers[0], &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot start " + arguments[0]);
    for (int i = 0; !answers(port_); ++i) {
        if (i == 1000) throw std::runtime_error("no server: " + content(log));
        std::this_thread::sleep_for(milliseconds(10));
    }
}

Server::~Server() {
    if (pid_ <= 0) return;
    signal_sessions(SIGKILL);
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

int Server::signal_sessions(int number) const {
    int count = 0;
    // The shells below them are left alone: they end when nobody listens.
    const std::string below = here(fmt::format(
        "for p in $(pgrep -P {0}); do echo $p; pgrep -P $p -x 'sshd|dropbear'; done", pid_));
    for (std::size_t at = 0; at < below.size(); ++count) {
        const std::size_t end = std::min(below.find('\n', at), below.size());
        kill(std::stoi(below.substr(at, end - at)), number);
        at = end + 1;
    }
    return count;
}

BoardSpec Server::board() const {
    BoardSpec board;
    board.name = "vb1";
    board.ssh.host = "127.0.0.1";
    board.ssh.port = port_;
    board.ssh.user = user_name();
    board.ssh.key_file = folder_ / "user_key";
    board.ssh.host_key = host_key_;
    return board;
}

Task<Heard> hear(BoardSpec board, std::string command, milliseconds silence) {
    AnyShells shells;
    auto shell = co_await shells.connect(std::move(board), milliseconds(20'000));
    Heard heard;
    if (!shell) {
        heard.end = std::unexpected(shell.error());
        co_return heard;
    }
    LineSink sink = [&heard](std::string_view line) { heard.lines.emplace_back(line); };
    heard.end = co_await (*shell)->execute(std::move(command), std::move(sink), silence);
    co_return heard;
}

Task<Result<void>> put(BoardSpec board, std::string local, std::string remote,
                       ProgressSink progress) {
    AnyShells shells;
    auto shell = co_await shells.connect(std::move(board), milliseconds(20'000));
    if (!shell) co_return std::unexpected(shell.error());
    Result<void> done =
        co_await (*shell)->upload(std::move(local), std::move(remote), 0750, std::move(progress));
    co_return done;
}

Task<std::string> connect_error(BoardSpec board, milliseconds limit) {
    AnyShells shells;
    auto shell = co_await shells.connect(std::move(board), limit);
    co_return shell ? "connected" : describe(shell.error());
}

}  // namespace bisectd::test
