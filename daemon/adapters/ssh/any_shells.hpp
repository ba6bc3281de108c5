#pragma once
#include "adapters/ssh/local_shells.hpp"
#include "adapters/ssh/ssh_shells.hpp"

namespace bisectd {

/// Picks by the board's transport.
class AnyShells : public BoardShells {
  public:
    Task<Result<std::unique_ptr<BoardShell>>> connect(BoardSpec board,
                                                      std::chrono::milliseconds limit) override {
        BoardShells& chosen = board.transport == Transport::local
                                  ? static_cast<BoardShells&>(local_)
                                  : static_cast<BoardShells&>(ssh_);
        return chosen.connect(std::move(board), limit);
    }

  private:
    SshShells ssh_;
    LocalShells local_;
};

}  // namespace bisectd
