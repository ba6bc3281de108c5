#pragma once
#include <sys/types.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "adapters/ssh/any_shells.hpp"

namespace bisectd::test {

using std::chrono::milliseconds;

/// A folder that is gone with the object.
class Folder {
  public:
    Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder();
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    /// Makes a file of `size` bytes that do not repeat.
    std::string file(const std::string& name, std::size_t size) const;
    std::string text(const std::string& name, const std::string& content) const;

  private:
    std::filesystem::path path_;
};

std::string content(const std::string& path);
/// Runs a shell command line on this machine; its output, without the last line end.
std::string here(const std::string& command);
/// A port of the loopback that nobody listens on.
std::uint16_t free_port();
std::string user_name();

enum class Kind { openssh, dropbear };

/// A real SSH server on the loopback, with keys of its own; gone with the object.
class Server {
  public:
    /// `extra`: lines for sshd_config.
    explicit Server(Kind kind, const std::string& extra = "");
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    /// False where this machine cannot run it (not root, no name spaces); says so.
    bool runs() const { return pid_ > 0; }
    /// A board that this server accepts.
    BoardSpec board() const;
    const Folder& folder() const { return folder_; }
    /// Sends a signal to every process that serves a connection; returns how many.
    int signal_sessions(int number) const;

  private:
    void start(const std::vector<std::string>& arguments);
    Folder folder_;
    std::uint16_t port_ = 0;
    std::string host_key_;
    pid_t pid_ = -1;
};

/// Runs a task to its end on a loop of its own.
/// Throws when that takes more than two minutes (the test fails instead of hanging).
template <class T>
T run(Task<T> task) {
    boost::asio::io_context loop;
    std::optional<T> result;
    std::exception_ptr thrown;
    boost::asio::co_spawn(loop, std::move(task),
                          [&result, &thrown](std::exception_ptr error, T value) {
                              thrown = error;
                              if (!error) result.emplace(std::move(value));
                          });
    loop.run_for(std::chrono::minutes(2));
    if (thrown) std::rethrow_exception(thrown);
    if (!result) throw std::runtime_error("the task did not end");
    return std::move(*result);
}

/// What a command printed, line by line, and how it ended.
struct Heard {
    std::vector<std::string> lines;
    Result<CommandEnd> end;
};

/// Connects and runs one command.
Task<Heard> hear(BoardSpec board, std::string command, milliseconds silence);
/// Connects and uploads one file.
Task<Result<void>> put(BoardSpec board, std::string local, std::string remote,
                       ProgressSink progress);
/// The error of a connect; "connected" when there is none.
Task<std::string> connect_error(BoardSpec board, milliseconds limit);

}  // namespace bisectd::test
