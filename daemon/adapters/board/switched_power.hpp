#pragma once
#include <chrono>
#include <string>

#include "adapters/board/endpoint.hpp"
#include "core/board.hpp"
#include "ports/power.hpp"

namespace bisectd::board {

/// A power switch that is told what to do by one line of text.
class SwitchedPower : public Power {
  public:
    /// `where`: "board NAME, power".
    SwitchedPower(std::string where, PowerSpec spec)
        : where_(std::move(where)), spec_(std::move(spec)) {}

    bool available() const override { return true; }
    /// Does nothing where no way to switch on is configured (a reset button only).
    Task<Result<void>> on() override;
    Task<Result<void>> cycle() override;
    bool can_stay_off() const override { return !spec_.on.empty() && !spec_.off.empty(); }
    Task<Result<void>> off() override;

  protected:
    /// `where` already names the action.
    virtual Task<Result<void>> act(std::string where, std::string line) = 0;

  private:
    Task<Result<void>> do_on();
    Task<Result<void>> do_cycle();
    Task<Result<void>> do_off();
    std::string where_;
    PowerSpec spec_;
};

/// The lines are commands for `sh -c` on the controller.
/// Errors: infrastructure; what says how it ended and the last lines it printed.
class CommandPower final : public SwitchedPower {
  public:
    CommandPower(std::string where, PowerSpec spec,
                 std::chrono::milliseconds limit = std::chrono::seconds(60))
        : SwitchedPower(std::move(where), std::move(spec)), limit_(limit) {}

  private:
    Task<Result<void>> act(std::string where, std::string line) override;
    std::chrono::milliseconds limit_;
};

/// The lines are written to a socket, one connection each.
class SocketPower final : public SwitchedPower {
  public:
    SocketPower(std::string where, PowerSpec spec, Endpoint endpoint,
                std::chrono::milliseconds limit = std::chrono::seconds(10))
        : SwitchedPower(std::move(where), std::move(spec)),
          endpoint_(std::move(endpoint)),
          limit_(limit) {}

  private:
    Task<Result<void>> act(std::string where, std::string line) override;
    Endpoint endpoint_;
    std::chrono::milliseconds limit_;  ///< of connecting and of writing, each
};

/// A board that only a person can switch.
class NoPower final : public Power {
  public:
    explicit NoPower(std::string where) : where_(std::move(where)) {}
    bool available() const override { return false; }
    Task<Result<void>> on() override;
    Task<Result<void>> cycle() override;
    bool can_stay_off() const override { return false; }
    Task<Result<void>> off() override { return cycle(); }

  private:
    std::string where_;
};

}  // namespace bisectd::board
