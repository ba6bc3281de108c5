#include "adapters/board/qemu_command.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <sstream>

namespace bisectd::board {
namespace {

/// The board's folder may have its own; else the package's (which waits two seconds more).
constexpr const char *own_u_boot = "u-boot.bin",
                     *packaged_u_boot = "/usr/lib/u-boot/qemu_arm64/u-boot.bin";

bool is_file(const std::string& path) {
    struct stat info{};
    return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

std::string find_in_path(const std::string& name) {
    const char* setting = std::getenv("PATH");
    std::stringstream folders(setting != nullptr ? setting : "/usr/local/bin:/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (folder.empty()) continue;
        folder.append("/").append(name);
        if (is_file(folder) && access(folder.c_str(), X_OK) == 0) return folder;
    }
    return {};
}

/// What differs between the architectures.
struct Machine {
    std::string program, package;
    std::vector<std::string> arguments;
    std::string device_suffix;  ///< virtio-net-SUFFIX
};

std::string u_boot(const std::string& folder) {
    return is_file(folder + "/" + own_u_boot) ? own_u_boot : packaged_u_boot;
}

std::optional<Machine> machine_for(const VirtualBoardSpec& spec) {
    if (spec.arch == "arm64")
        return Machine{"qemu-system-aarch64",
                       "qemu-system-arm",
                       {"-M", "virt", "-cpu", "cortex-a57", "-bios", u_boot(spec.folder)},
                       "device"};
    if (spec.arch == "x86_64")
        return Machine{
            "qemu-system-x86_64", "qemu-system-x86", {"-M", "q35", "-cpu", "max"}, "pci"};
    return std::nullopt;
}

Result<void> check_files(const std::string& where, const VirtualBoardSpec& spec) {
    const std::string disk = spec.folder + "/" + board_file::disk;
    if (!is_file(disk))
        return infrastructure(where, fmt::format("{} is missing: make the board's folder with "
                                                 "agents/virtual-board/make-board",
                                                 disk));
    if (access(disk.c_str(), R_OK | W_OK) != 0)
        return infrastructure(where, fmt::format("{} cannot be read and written: it must belong to "
                                                 "the user that runs bisectd",
                                                 disk));
    if (spec.arch == "arm64" && u_boot(spec.folder) == packaged_u_boot && !is_file(packaged_u_boot))
        return infrastructure(
            where, fmt::format("{} is missing: install the package u-boot-qemu", packaged_u_boot));
    return {};
}

std::string without_commas(std::string text) {
    for (char& byte : text)
        if (byte == ',') byte = '_';  // QEMU's separator
    return text;
}

}  // namespace

Result<QemuCommand> qemu_command(const std::string& board_name, const VirtualBoardSpec& spec,
                                 bool sandbox) {
    const std::string where = "board " + board_name + ", virtual board";
    const auto machine = machine_for(spec);
    if (!machine)
        return wrong_request(where, fmt::format("arch \"{}\" is unknown: write \"arm64\" or "
                                                "\"x86_64\"",
                                                spec.arch));
    if (spec.memory_mib < 32 || spec.memory_mib > 65'536)
        return wrong_request(
            where, fmt::format("memory_mib = {} is out of bounds: 32 to 65536", spec.memory_mib));
    auto files = check_files(where, spec);
    if (!files) return std::unexpected(files.error());
    QemuCommand command{find_in_path(machine->program), {machine->program}};
    if (command.program.empty())
        return infrastructure(where, fmt::format("{} is not in PATH: install the package {}",
                                                 machine->program, machine->package));
    auto& list = command.arguments;
    const auto add = [&list](std::initializer_list<std::string> more) {
        list.insert(list.end(), more);
    };
    add({"-name", "bisectd-" + without_commas(board_name)});
    list.insert(list.end(), machine->arguments.begin(), machine->arguments.end());
    // One thread and a small translation cache: boards are many, and idle most of the time.
    add({"-accel", "tcg,thread=single,tb-size=64", "-smp", "1", "-m",
         std::to_string(spec.memory_mib), "-nodefaults", "-no-user-config", "-display", "none"});
    // The log file gets everything at once, whether or not anybody is connected to the socket.
    add({"-chardev",
         fmt::format("socket,id=console,path={},server=on,wait=off,logfile={},logappend=on",
                     board_file::console_socket, board_file::console),
         "-serial", "chardev:console"});
    add({"-qmp", fmt::format("unix:{},server=on,wait=off", board_file::monitor)});
    // Port 0: the kernel chooses a free one; restrict: the guest reaches nothing outside.
    add({"-netdev", "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:22"});
    const bool pci = machine->device_suffix == "pci";
    add({"-device", fmt::format("virtio-net-{},netdev=net{}", machine->device_suffix,
                                pci ? ",romfile=" : "")});
    add({"-drive", fmt::format("if=none,id=disk,format=raw,file={}", board_file::disk), "-device",
         fmt::format("virtio-blk-{},drive=disk", machine->device_suffix)});
    if (sandbox)
        add({"-sandbox",
             "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"});
    return command;
}

std::optional<std::uint16_t> forwarded_ssh_port(std::string_view usernet) {
    // "  TCP[HOST_FORWARD]  13       127.0.0.1 35933       10.0.2.15    22     0     0"
    std::istringstream lines{std::string(usernet)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string state, descriptor, host, port, guest, guest_port;
        words >> state >> descriptor >> host >> port >> guest >> guest_port;
        if (state != "TCP[HOST_FORWARD]" || guest_port != "22") continue;
        std::uint16_t number = 0;
        const char* end = port.data() + port.size();
        const auto parsed = std::from_chars(port.data(), end, number);
        if (parsed.ec == std::errc{} && parsed.ptr == end && number != 0) return number;
    }
    return std::nullopt;
}

}  // namespace bisectd::board
