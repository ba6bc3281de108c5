#pragma once
#include <memory>

#include "ports/power.hpp"
#include "tests/sim/fake_shell.hpp"

namespace bisectd::sim {

/// Power switches and consoles of the fake boards.
class FakeDrivers : public BoardDrivers {
  public:
    FakeDrivers(VirtualClock& clock, World& world, Boards& boards)
        : clock_(clock), world_(world), boards_(boards) {}
    Result<std::unique_ptr<Power>> power(const BoardSpec& board) override;
    Result<std::unique_ptr<Console>> console(const BoardSpec& board) override;

  private:
    VirtualClock& clock_;
    World& world_;
    Boards& boards_;
};

}  // namespace bisectd::sim
