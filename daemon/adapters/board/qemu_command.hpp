#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/board.hpp"
#include "core/error.hpp"

namespace bisectd::board {

/// Names of the files in a virtual board's folder.
namespace board_file {
inline constexpr const char *disk = "disk.img", *pid = "qemu.pid", *errors = "qemu.err",
                            *monitor = "qmp.sock", *console = "console.raw",
                            *console_socket = "console.sock", *ssh_port = "ssh-port";
}

/// How to start the QEMU of a virtual board; it works in the board's folder, so that all names
/// are relative and no path is too long for a socket.
struct QemuCommand {
    std::string program;                 ///< absolute
    std::vector<std::string> arguments;  ///< arguments[0] is the program's name
};

/// `sandbox`: with QEMU's own system call filter.
/// Errors: request when the architecture is unknown or the memory is out of bounds;
/// infrastructure when QEMU, U-Boot or a file of the folder is missing (what to do is said).
Result<QemuCommand> qemu_command(const std::string& board_name, const VirtualBoardSpec& spec,
                                 bool sandbox);

/// The port on the loopback interface that leads to the board's port 22, from what the monitor
/// says to `info usernet`.
std::optional<std::uint16_t> forwarded_ssh_port(std::string_view usernet);

}  // namespace bisectd::board
