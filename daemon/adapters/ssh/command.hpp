#pragma once
#include "adapters/ssh/connection.hpp"
#include "adapters/ssh/lines.hpp"
#include "ports/board_shell.hpp"

namespace bisectd::ssh {

/// One command on the board, on a channel of its own.
class Command {
  public:
    Command(Connection& connection, LineSink sink)
        : connection_(connection), lines_(std::move(sink)) {}
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;

    Task<Result<void>> start(std::string line, Limit limit);

    /// Sends some of `bytes` to its standard input; returns how many. 0: it has ended already.
    Task<Result<std::size_t>> write(std::string_view bytes, Limit limit);
    Task<Result<void>> close_input(Limit limit);

    /// Reads its output to the end, and how it ended.
    /// Errors: infrastructure when the connection is lost before its status came.
    Task<Result<CommandEnd>> end(Limit limit);

  private:
    enum class Streams { open, ended };
    Result<Streams> read_what_is_there();
    Result<bool> read_stream(int stream);
    Task<Result<CommandEnd>> status(Limit limit);

    Connection& connection_;
    ChannelHandle channel_;
    Lines lines_;
    Tail errors_;
};

/// Runs a command line from beginning to end, without input.
Task<Result<CommandEnd>> run_command(Connection& connection, std::string line, LineSink sink,
                                     Limit limit);

}  // namespace bisectd::ssh
