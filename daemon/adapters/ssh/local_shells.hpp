#pragma once
#include "ports/board_shell.hpp"

namespace bisectd {

/// The controller as its own board (Transport::local): commands run by `sh -c` as this user.
///
/// A command's process group is killed when its silence limit passes or it is cancelled. What a
/// command detaches into a session of its own (the agent's runner) lives on, as it would on a
/// board; when it has ended it is reaped by the next command.
/// Thread: the orchestration thread.
class LocalShells : public BoardShells {
  public:
    Task<Result<std::unique_ptr<BoardShell>>> connect(BoardSpec board,
                                                      std::chrono::milliseconds limit) override;
};

}  // namespace bisectd
