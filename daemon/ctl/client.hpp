#pragma once
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.hpp"

namespace bisectd::ctl {

struct Reply {
    unsigned status = 0;
    std::string body;
    bool good() const { return status >= 200 && status < 300; }
};

/// A connection to the daemon's unix socket, with a limit on each wait.
/// Errors everywhere: infrastructure when the daemon cannot be reached, is too slow or does not
/// speak HTTP; cancelled when `interrupted` (see terminal.hpp) became true.
class Wire {
  public:
    static Result<Wire> connect(const std::string& socket_path);
    ~Wire();
    Wire(Wire&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Wire& operator=(Wire&&) = delete;

    Result<void> send(std::string_view text);
    /// Waits for bytes, at most `limit`. Returns how many came; 0: nothing in that time.
    /// Errors: also infrastructure when the daemon has closed the connection.
    Result<std::size_t> receive(char* bytes, std::size_t room, std::chrono::milliseconds limit);

  private:
    explicit Wire(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

/// Asks the daemon, one request a connection.
class Client {
  public:
    explicit Client(std::string socket_path) : socket_path_(std::move(socket_path)) {}

    /// Errors: as of `Wire`; an answer that says no is a `Reply` all the same.
    Result<Reply> get(const std::string& target) const;
    /// `body` is JSON; empty: none. `limit`: until the whole answer is there.
    Result<Reply> post(const std::string& target, const std::string& body,
                       std::chrono::milliseconds limit) const;
    const std::string& socket_path() const { return socket_path_; }

  private:
    Result<Reply> ask(std::string_view request, std::chrono::milliseconds limit) const;

    std::string socket_path_;
};

/// For one segment of an address: everything but letters, digits and "-._~" escaped.
std::string escaped_segment(std::string_view text);

}  // namespace bisectd::ctl
