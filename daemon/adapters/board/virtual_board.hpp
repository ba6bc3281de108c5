#pragma once
#include <chrono>
#include <string>

#include "adapters/board/qemu_process.hpp"
#include "core/board.hpp"
#include "ports/power.hpp"

namespace bisectd::board {

/// The power switch of the built-in board: a QEMU with a boot loader on its own disk, under TCG.
/// Switching on writes FOLDER/ssh-port, where SSH connections look for the port.
/// Errors: see qemu_command; infrastructure with QEMU's own words when it ends at once.
class VirtualBoardPower final : public Power {
  public:
    VirtualBoardPower(std::string board_name, VirtualBoardSpec spec);

    bool available() const override { return true; }
    Task<Result<void>> on() override;
    /// Pulls the plug (SIGKILL, also of a stopped process), then switches on.
    Task<Result<void>> cycle() override;
    bool can_stay_off() const override { return true; }
    /// Pulls the plug.
    Task<Result<void>> off() override;

  private:
    Task<Result<void>> do_on();
    Task<Result<void>> do_cycle();
    Task<Result<void>> do_off();
    Task<Result<void>> start();
    Task<Result<void>> wait_until_up(const QemuProcess& qemu);
    Task<Result<void>> publish_port(std::chrono::milliseconds limit);
    std::string path(const char* file) const { return spec_.folder + "/" + file; }

    std::string name_, where_;
    VirtualBoardSpec spec_;
};

}  // namespace bisectd::board
