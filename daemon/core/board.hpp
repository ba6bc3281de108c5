#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bisectd {

/// How commands reach the board.
enum class Transport {
    ssh,    ///< over SSH; boots what is deployed
    local,  ///< a shell on the controller: for hunts that need no board and no boot
};

struct SshSpec {
    std::string host;
    std::uint16_t port = 22;
    std::string port_file;  ///< when given, the port is read from here at each connect
    std::string user = "root";
    std::string key_file;  ///< private key, OpenSSH format, ed25519 or ecdsa
    std::string host_key;  ///< pinned: "ssh-ed25519 AAAA..."
    bool operator==(const SshSpec&) const = default;
};

/// How a pushed kernel becomes the booted kernel, once.
struct DeploySpec {
    std::string image;  ///< path on the board; "{release}" is replaced; its folder is cleaned of
                        ///< own old kernels (names that start with "bisectd-")
    std::string arm;    ///< command: boot `$IMAGE` once at the next boot
    std::string disarm;
    std::string reboot = "reboot -f";
    std::uint64_t spare_kib = 1024;  ///< must stay free in the folder after the upload
    /// The known-good kernel: the board is well when it runs this. GNU build-id in hex.
    std::string fallback_build_id;
    std::string fallback_release;
    bool operator==(const DeploySpec&) const = default;
};

enum class DriverKind { none, command, unix_socket, tcp, file, virtual_board };

struct PowerSpec {
    DriverKind driver = DriverKind::none;
    std::string on, off, cycle;        ///< commands, or lines written to the socket
    std::string address;               ///< socket path, or host:port
    std::chrono::seconds off_time{5};  ///< how long it stays off in a cycle
    bool operator==(const PowerSpec&) const = default;
};

struct ConsoleSpec {
    DriverKind driver = DriverKind::none;
    std::string command;  ///< prints the console on its standard output
    std::string address;  ///< file or socket path, or host:port
    bool operator==(const ConsoleSpec&) const = default;
};

/// The built-in board: QEMU with a boot loader on its own disk.
struct VirtualBoardSpec {
    std::string arch;    ///< "arm64" or "x86_64"
    std::string folder;  ///< made by agents/virtual-board/make-board
    std::uint32_t memory_mib = 128;
    bool operator==(const VirtualBoardSpec&) const = default;
};

/// The machine under test, as configured.
struct BoardSpec {
    std::string name;
    std::string kind;  ///< boards of one kind are interchangeable
    Transport transport = Transport::ssh;
    SshSpec ssh;
    DeploySpec deploy;
    PowerSpec power;
    ConsoleSpec console;
    VirtualBoardSpec virtual_board;
    std::string work_folder = "/tmp/bisectd";  ///< on the board; for the agent and its jobs
    std::chrono::seconds boot_deadline{180};   ///< of the known-good kernel
    bool operator==(const BoardSpec&) const = default;
};

}  // namespace bisectd
