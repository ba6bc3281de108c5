#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "core/board.hpp"
#include "core/error.hpp"
#include "ports/progress.hpp"
#include "ports/task.hpp"

namespace bisectd {

/// How a command on the board ended.
struct CommandEnd {
    int exit = -1;
    std::string signal;  ///< not empty when a signal ended it ("SEGV")
    std::string errors;  ///< the last 4 KiB of its standard error; hostile text
};

/// Gets each complete line of standard output, without its end; at most 16 KiB, longer ones cut.
using LineSink = std::function<void(std::string_view line)>;

/// One connection to a board. One activity at a time.
/// Errors: infrastructure whenever the connection, the host key, the login or a limit fails.
class BoardShell {
  public:
    virtual ~BoardShell() = default;
    /// Runs a command line with the board's sh. `silence_limit`: longest time without any byte
    /// from the board before the connection counts as lost.
    virtual Task<Result<CommandEnd>> execute(std::string command, LineSink sink,
                                             std::chrono::milliseconds silence_limit) = 0;
    /// Copies a local file: to a temporary name, its SHA-256 compared on the board, then renamed.
    virtual Task<Result<void>> upload(std::string local, std::string remote, unsigned mode,
                                      ProgressSink progress) = 0;
};

class BoardShells {
  public:
    virtual ~BoardShells() = default;
    virtual Task<Result<std::unique_ptr<BoardShell>>> connect(BoardSpec board,
                                                              std::chrono::milliseconds limit) = 0;
};

}  // namespace bisectd
