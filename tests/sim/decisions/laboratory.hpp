#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/engine/engine.hpp"
#include "tests/sim/decisions/outcome.hpp"
#include "tests/sim/decisions/virtual_board.hpp"

namespace bisectd::simulate {

/// The boards, the builders and the store of one virtual bisect, in virtual time. It does what an
/// `Advice` says and tells what happened as a `Question`; it decides nothing.
class Laboratory {
  public:
    Laboratory(const Truth& truth, Outcome& outcome);

    /// What may be known now. `recalled` boards are shown as idle, with what they have.
    engine::Question question(const std::vector<bool>& recalled) const;
    /// Boards and builders begin what they were told to; a recalled board that is not told to go
    /// on is idle from now on.
    void obey(const engine::Advice& advice, const std::vector<bool>& recalled);
    /// Goes on to the next thing that happens; false when nothing will.
    bool advance();

    double now() const { return now_; }
    const std::vector<VirtualBoard>& boards() const { return boards_; }
    bool anyone_idle() const;
    bool a_board_is_idle() const;
    /// An idle board boots a commit once more, from a clean build if wanted; false where none is
    /// idle or nobody can build.
    bool prove(engine::Spot at, std::uint64_t runs, bool clean_build);
    void end_column(std::size_t column) { columns_[column].ended = true; }
    const std::vector<engine::Column>& columns() const { return columns_; }
    void tell(const std::string& line);
    void listen(std::string* story) { story_ = story; }

  private:
    bool builder_is_idle() const;
    bool start_build(engine::Spot at);
    void finish_builds();
    void send(VirtualBoard& board, const engine::Order& order);
    void finish_phase(VirtualBoard& board);
    void abandon(const VirtualBoard& board);
    void prepare(VirtualBoard& board);
    void boot(VirtualBoard& board);
    void record(VirtualBoard& board);
    BootKind kind_of_boot(engine::Spot at, std::uint32_t nth);
    bool has_artefact(engine::Spot at) const;
    engine::BoardNow shown(const VirtualBoard& board, bool recalled) const;

    const Truth& truth_;
    const Scenario& scenario_;
    Outcome& outcome_;
    double now_ = 0;
    std::vector<engine::Column> columns_;
    std::vector<double> weights_;
    std::vector<CommitIndex> hints_;
    std::vector<VirtualBoard> boards_;
    std::map<engine::Spot, double> builds_;  ///< under way, and when each ends
    std::set<CommitIndex> built_;
    bool outside_built_ = false;
    std::vector<engine::Tried> tried_;
    std::map<engine::Spot, std::uint32_t> boots_;
    std::uint32_t eligible_for_lie_ = 0;
    std::string* story_ = nullptr;
};

}  // namespace bisectd::simulate
