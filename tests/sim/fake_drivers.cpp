#include "tests/sim/fake_drivers.hpp"

#include <utility>

namespace bisectd::sim {

using namespace std::chrono_literals;

namespace {

class FakePower : public Power {
  public:
    FakePower(VirtualClock& clock, World& world, FakeBoard& board)
        : clock_(clock), world_(world), board_(board), available_(world.has_power) {}
    bool available() const override { return available_; }
    bool can_stay_off() const override { return world_.power_stays_off; }
    Task<Result<void>> on() override {
        if (world_.faults.refused_power_on != 0 && world_.faults.refused_power_on-- != 0)
            co_return infrastructure("power of " + board_.spec().name, "the switch says no");
        co_return co_await obey(&FakeBoard::switch_on);
    }
    Task<Result<void>> off() override { return obey(&FakeBoard::switch_off); }
    Task<Result<void>> cycle() override { return obey(&FakeBoard::cycle); }

  private:
    Task<Result<void>> obey(void (FakeBoard::*effect)()) {
        if (world_.daemon_dead) co_await clock_.sleep_for_ever();
        co_await clock_.sleep_for(5s);
        if (world_.daemon_dead) co_await clock_.sleep_for_ever();
        const std::string& name = board_.spec().name;
        if (refuses(name)) co_return infrastructure("power of " + name, "the switch says no");
        if (world_.strikes(Fault::power_lies, name)) co_return Result<void>();
        (board_.*effect)();
        if (world_.strikes(Fault::power_says_no_lie, name))
            co_return infrastructure("power of " + name, "the switch says no");
        co_return Result<void>();
    }
    bool refuses(const std::string& name) {
        if (std::exchange(refuses_once_more_, false)) return true;
        refuses_once_more_ = world_.strikes(Fault::power_refuses_twice, name);
        return refuses_once_more_ || world_.strikes(Fault::power_refuses, name);
    }

    VirtualClock& clock_;
    World& world_;
    FakeBoard& board_;
    const bool available_;  ///< as configured when the driver was made
    bool refuses_once_more_ = false;
};

class FakeConsole : public Console {
  public:
    FakeConsole(World& world, FakeBoard& board)
        : world_(world), board_(board), available_(world.has_console) {}
    bool available() const override { return available_; }
    Result<void> start() override { return {}; }
    std::uint64_t mark() const override {
        board_.tick();
        return board_.console().size();
    }
    std::string since(std::uint64_t mark, std::size_t limit) const override {
        board_.tick();
        if (world_.strikes(Fault::console_unreadable, board_.spec().name)) return "";
        const std::string text = board_.console().substr(mark);
        return text.size() <= limit ? text : text.substr(text.size() - limit);
    }
    std::string file() const override { return "console.log"; }

  private:
    World& world_;
    FakeBoard& board_;
    const bool available_;  ///< as configured when the driver was made
};

}  // namespace

Result<std::unique_ptr<Power>> FakeDrivers::power(const BoardSpec& board) {
    return std::make_unique<FakePower>(clock_, world_, *boards_.at(board.name));
}

Result<std::unique_ptr<Console>> FakeDrivers::console(const BoardSpec& board) {
    return std::make_unique<FakeConsole>(world_, *boards_.at(board.name));
}

}  // namespace bisectd::sim
