#pragma once
#include "ports/board_shell.hpp"

namespace bisectd {

/// Boards over SSH: one TCP connection and one session a shell; a shell whose activity failed or
/// was cancelled stays lost, connect again.
///
/// `execute`: `silence_limit` is counted in bytes that come from the board, so a command that
/// prints nothing for that long counts as lost, too. Its standard error goes to `CommandEnd`.
/// Errors name the board, user@host:port and the rung ("connect", "login", "run", "upload",
/// "verify", "install").
/// Thread: the orchestration thread.
class SshShells : public BoardShells {
  public:
    /// `limit` covers everything: name, connection, the board's greeting, key exchange and login.
    Task<Result<std::unique_ptr<BoardShell>>> connect(BoardSpec board,
                                                      std::chrono::milliseconds limit) override;
};

}  // namespace bisectd
