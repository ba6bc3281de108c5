#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/board_shell.hpp"
#include "tests/sim/fake_board.hpp"

namespace bisectd::sim {

using Boards = std::map<std::string, std::unique_ptr<FakeBoard>>;

/// One connection to a fake board: lost for good when the board reboots or dies. Answers the
/// commands that the daemon is known to send, the agent's verbs as PROTOCOL.md has them.
class FakeShell : public BoardShell {
  public:
    FakeShell(VirtualClock& clock, World& world, FakeBoard& board)
        : clock_(clock), world_(world), board_(board), boot_id_(board.boot_id()) {}

    Task<Result<CommandEnd>> execute(std::string command, LineSink sink, Ms silence_limit) override;
    Task<Result<void>> upload(std::string local, std::string remote, unsigned mode,
                              ProgressSink progress) override;

  private:
    bool alive() { return !lost_ && board_.answers() && board_.boot_id() == boot_id_; }
    /// The time a message takes; for ever when the daemon is dead. False: the connection is lost.
    Task<bool> travel(Ms silence_limit);
    /// The connection is of no more use. `silence`: until that is noticed.
    Task<Error> lose(Ms silence, std::string what);
    /// What the board does and says, while nothing goes wrong on the way.
    CommandEnd answer(const std::vector<std::string>& words, std::vector<std::string>& lines);
    CommandEnd agent_answer(const std::vector<std::string>& words, std::vector<std::string>& lines);
    Task<std::optional<Error>> tell_run(const PlannedRun& run, const LineSink& sink,
                                        Ms silence_limit);
    Task<std::optional<Error>> upload_trouble(const std::string& remote);
    Task<Result<CommandEnd>> follow(std::string folder, unsigned from, LineSink sink,
                                    Ms silence_limit);
    /// The end status of a verb that answers at once.
    int verb(const std::vector<std::string>& words, const LineSink& sink);
    bool arm(const std::vector<std::string>& words);
    void tell_facts(const std::vector<std::string>& words, const LineSink& sink);

    VirtualClock& clock_;
    World& world_;
    FakeBoard& board_;
    std::string boot_id_;
    bool lost_ = false;
};

class FakeShells : public BoardShells {
  public:
    FakeShells(VirtualClock& clock, World& world, Boards& boards)
        : clock_(clock), world_(world), boards_(boards) {}
    Task<Result<std::unique_ptr<BoardShell>>> connect(BoardSpec board, Ms limit) override;

  private:
    VirtualClock& clock_;
    World& world_;
    Boards& boards_;
};

}  // namespace bisectd::sim
