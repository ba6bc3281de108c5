#include "adapters/ssh/ssh_shells.hpp"

#include <fmt/format.h>

#include "adapters/process/quietly.hpp"
#include "adapters/ssh/command.hpp"
#include "adapters/ssh/dial.hpp"
#include "adapters/ssh/login.hpp"
#include "adapters/ssh/upload.hpp"

namespace bisectd {
namespace {

using namespace ssh;

Task<bool> is_cancelled() {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() != asio::cancellation_type::none;
}

class SshShell : public BoardShell {
  public:
    explicit SshShell(std::unique_ptr<Connection> connection)
        : connection_(std::move(connection)) {}

    // Quietly: whoever awaited us is still told by an exception that it was cancelled.
    Task<Result<CommandEnd>> execute(std::string command, LineSink sink,
                                     milliseconds silence_limit) override {
        return quietly(do_execute(std::move(command), std::move(sink), silence_limit));
    }

    Task<Result<void>> upload(std::string local, std::string remote, unsigned mode,
                              ProgressSink progress) override {
        return quietly(do_upload(std::move(local), std::move(remote), mode, std::move(progress)));
    }

  private:
    Task<Result<CommandEnd>> do_execute(std::string command, LineSink sink,
                                        milliseconds silence_limit) {
        const Result<void> ready = co_await begin("run");
        if (!ready) co_return std::unexpected(ready.error());
        const Limit limit{.silence = silence_limit};
        Result<CommandEnd> end =
            co_await run_command(*connection_, std::move(command), std::move(sink), limit);
        co_return end;
    }

    Task<Result<void>> do_upload(std::string local, std::string remote, unsigned mode,
                                 ProgressSink progress) {
        const Result<void> ready = co_await begin("upload");
        if (!ready) co_return std::unexpected(ready.error());
        Result<void> done = co_await upload_file(*connection_, std::move(local), std::move(remote),
                                                 mode, std::move(progress));
        co_return done;
    }

    Task<Result<void>> begin(std::string rung) {
        const bool stopped = co_await is_cancelled();
        connection_->begin(std::move(rung));
        if (stopped) co_return cancelled(connection_->where(), "cancelled before it began");
        if (connection_->lost()) co_return connection_->lost_error("connect again");
        co_return Result<void>{};
    }

    std::unique_ptr<Connection> connection_;
};

Task<Result<std::unique_ptr<BoardShell>>> do_connect(BoardSpec board, milliseconds limit) {
    const bool stopped = co_await is_cancelled();
    const Limit whole{.deadline = after(limit)};
    std::string where = "board " + board.name;
    if (stopped) co_return cancelled(where + ", connect", "cancelled before it began");
    const auto port = port_of(board.ssh, where + ", connect");
    if (!port) co_return std::unexpected(port.error());
    where += fmt::format(" ({}@{}:{})", board.ssh.user, board.ssh.host, *port);
    auto socket = co_await dial(board.ssh.host, *port, where + ", connect", whole.deadline);
    if (!socket) co_return std::unexpected(socket.error());
    auto connection = std::make_unique<Connection>(std::move(*socket), where);
    connection->begin("connect");
    const Result<void> in = co_await log_in(*connection, std::move(board.ssh), whole);
    if (!in) co_return std::unexpected(in.error());
    co_return std::make_unique<SshShell>(std::move(connection));
}

}  // namespace

Task<Result<std::unique_ptr<BoardShell>>> SshShells::connect(BoardSpec board,
                                                             std::chrono::milliseconds limit) {
    return quietly(do_connect(std::move(board), limit));
}

}  // namespace bisectd
