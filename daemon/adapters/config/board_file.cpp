#include "adapters/config/board_file.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <system_error>

#include "adapters/config/checks.hpp"
#include "adapters/config/section.hpp"
#include "adapters/config/words.hpp"

namespace bisectd::config {
namespace {

/// Unit: bytes. Source: a line of the longest key has 700.
constexpr std::size_t host_key_file_limit = 65536;

/// Refuses the value of `key` unless `problem` is empty.
void check(const Section& section, std::string_view key, const std::string& problem) {
    if (!problem.empty()) section.refuse(key, fmt::format("'{}' {}", key, problem));
}

std::string path_of(const Section& section, std::string_view key, const std::string& folder) {
    return path_from(folder, section.text(key));
}

void read_host_key(const Section& ssh, SshSpec& spec, const std::string& folder) {
    bool by_file = ssh.has("host_key_file");
    std::string_view key = by_file ? "host_key_file" : "host_key";
    if (by_file == ssh.has("host_key"))
        return ssh.refuse("host_key",
                          "[ssh] needs either 'host_key' (the line of the board's "
                          "/etc/ssh/ssh_host_ed25519_key.pub) or 'host_key_file'");
    std::string line = ssh.needed_text(key);
    if (line.empty()) return;
    if (by_file) {
        std::string file = path_from(folder, line);
        Result<std::string> contents = read_bounded(file, host_key_file_limit);
        if (!contents)
            return ssh.refuse(key, fmt::format("'{}': {}: {}", key, file, contents.error().what));
        line = *contents;
    }
    Result<std::string> host_key = host_key_of(line);
    if (!host_key) return check(ssh, key, host_key.error().what);
    spec.host_key = *host_key;
}

SshSpec read_ssh(const Section& ssh, const std::string& folder) {
    SshSpec spec;
    spec.host = ssh.needed_text("host");
    if (!spec.host.empty()) check(ssh, "host", host_problem(spec.host));
    spec.port = static_cast<std::uint16_t>(ssh.number("port", 22, 1, 65535));
    spec.port_file = path_of(ssh, "port_file", folder);
    spec.user = ssh.text("user", "root");
    std::string user = name_problem(spec.user);
    if (!user.empty() && !spec.user.starts_with('_')) ssh.refuse("user", user);
    spec.key_file = path_from(folder, ssh.needed_text("key_file"));
    std::error_code code;
    if (!spec.key_file.empty() && !std::filesystem::is_regular_file(spec.key_file, code))
        ssh.refuse("key_file", fmt::format("'key_file': there is no file {}; make a key with "
                                           "ssh-keygen -t ed25519",
                                           spec.key_file));
    read_host_key(ssh, spec, folder);
    return spec;
}

DeploySpec read_deploy(const Section& deploy) {
    DeploySpec spec;
    spec.image = deploy.needed_text("image");
    if (!spec.image.empty()) check(deploy, "image", board_path_problem(spec.image));
    spec.arm = deploy.needed_text("arm");
    spec.disarm = deploy.text("disarm");
    spec.reboot = deploy.text("reboot", spec.reboot);
    spec.spare_kib = static_cast<std::uint64_t>(
        deploy.number("spare_kib", static_cast<std::int64_t>(spec.spare_kib), 0, 1 << 30));
    spec.fallback_build_id = deploy.needed_text("fallback_build_id");
    if (!spec.fallback_build_id.empty())
        check(deploy, "fallback_build_id", build_id_problem(spec.fallback_build_id));
    spec.fallback_release = deploy.text("fallback_release");
    return spec;
}

const WordTable<DriverKind> power_words = {{"none", DriverKind::none},
                                           {"command", DriverKind::command},
                                           {"unix", DriverKind::unix_socket},
                                           {"tcp", DriverKind::tcp},
                                           {"virtual-board", DriverKind::virtual_board}};
const WordTable<DriverKind> console_words = {
    {"none", DriverKind::none},        {"command", DriverKind::command},
    {"unix", DriverKind::unix_socket}, {"tcp", DriverKind::tcp},
    {"file", DriverKind::file},        {"virtual-board", DriverKind::virtual_board}};

/// The address that a driver needs: HOST:PORT, or a path made absolute.
std::string read_address(const Section& section, DriverKind driver, const std::string& folder) {
    if (section.excused("driver")) return {};
    bool by_path = driver == DriverKind::unix_socket || driver == DriverKind::file;
    if (!by_path && driver != DriverKind::tcp) {
        if (section.has("address"))
            section.refuse("address", "'address' is only for the drivers unix, tcp and file");
        return {};
    }
    std::string address = section.needed_text("address");
    if (by_path) return path_from(folder, address);
    if (!address.empty()) check(section, "address", host_and_port_problem(address));
    return address;
}

PowerSpec read_power(const Section& power, const std::string& folder) {
    PowerSpec spec;
    spec.driver = power.word<DriverKind>("driver", DriverKind::none, power_words);
    spec.on = power.text("on");
    spec.off = power.text("off");
    spec.cycle = power.text("cycle");
    spec.address = read_address(power, spec.driver, folder);
    spec.off_time = power.duration("off_time", spec.off_time, std::chrono::seconds(0));
    if (power.excused("driver")) return spec;
    bool has_lines = !spec.on.empty() || !spec.off.empty() || !spec.cycle.empty();
    bool by_lines = spec.driver == DriverKind::command || spec.driver == DriverKind::tcp ||
                    spec.driver == DriverKind::unix_socket;
    if (by_lines && spec.cycle.empty() && (spec.on.empty() || spec.off.empty()))
        power.refuse("driver", "[power] needs 'cycle', or both 'on' and 'off', for this driver");
    if (!by_lines && has_lines)
        power.refuse("driver",
                     "[power] has commands, but no driver that uses them; write "
                     "driver = \"command\", \"unix\" or \"tcp\"");
    return spec;
}

ConsoleSpec read_console(const Section& console, const std::string& folder) {
    ConsoleSpec spec;
    spec.driver = console.word<DriverKind>("driver", DriverKind::none, console_words);
    spec.address = read_address(console, spec.driver, folder);
    if (spec.driver == DriverKind::command)
        spec.command = console.needed_text("command");
    else if (console.has("command") && !console.excused("driver"))
        console.refuse("command", "'command' is only for driver = \"command\"");
    return spec;
}

VirtualBoardSpec read_virtual_board(const Section& section, const std::string& folder) {
    VirtualBoardSpec spec;
    std::string arch = section.needed_text("arch");
    if (!arch.empty())
        spec.arch =
            section.word<std::string>("arch", "", {{"arm64", "arm64"}, {"x86_64", "x86_64"}});
    spec.folder = path_from(folder, section.needed_text("folder"));
    std::error_code code;
    if (!spec.folder.empty() && !std::filesystem::is_directory(spec.folder, code))
        section.refuse("folder", fmt::format("'folder': there is no folder {}; make it with "
                                             "agents/virtual-board/make-board",
                                             spec.folder));
    spec.memory_mib = static_cast<std::uint32_t>(section.number("memory_mib", 128, 64, 65536));
    return spec;
}

void read_by_transport(const Section& top, BoardSpec& board, const std::string& folder) {
    Section ssh = top.section(
        "ssh", {"host", "port", "port_file", "user", "key_file", "host_key", "host_key_file"});
    Section deploy = top.section("deploy", {"image", "arm", "disarm", "reboot", "spare_kib",
                                            "fallback_build_id", "fallback_release"});
    if (board.transport == Transport::local) {
        for (std::string_view key : {"ssh", "deploy", "power", "console", "virtual_board"})
            if (top.has(key))
                top.refuse(key, fmt::format("[{}] has no meaning with transport = \"local\"", key));
        return;
    }
    if (top.holds_table("ssh"))
        board.ssh = read_ssh(ssh, folder);
    else if (!top.has("ssh") && !top.excused("ssh"))
        top.refuse("ssh", "missing [ssh]: how is the board reached? (or transport = \"local\")");
    if (top.holds_table("deploy")) board.deploy = read_deploy(deploy);
}

void read_drivers(const Section& top, BoardSpec& board, const std::string& folder) {
    board.power = read_power(
        top.section("power", {"driver", "on", "off", "cycle", "address", "off_time"}), folder);
    board.console = read_console(top.section("console", {"driver", "command", "address"}), folder);
    Section section = top.section("virtual_board", {"arch", "folder", "memory_mib"});
    if (top.holds_table("virtual_board")) {
        board.virtual_board = read_virtual_board(section, folder);
        return;
    }
    for (std::string_view key : {"power", "console"}) {
        DriverKind driver = key == "power" ? board.power.driver : board.console.driver;
        if (driver == DriverKind::virtual_board)
            top.refuse(key, fmt::format("[{}] has driver = \"virtual-board\", but there is no "
                                        "[virtual_board]",
                                        key));
    }
}

}  // namespace

Result<BoardSpec> board_of(Document document) {
    const std::string path = document.path();
    Section top(document, document.root(), "",
                {"name", "kind", "transport", "work_folder", "boot_deadline", "ssh", "deploy",
                 "power", "console", "virtual_board"});
    std::string folder = folder_of(path);
    BoardSpec board;
    board.name = top.needed_text("name");
    std::string stem = std::filesystem::path(path).stem().string();
    std::string name = board.name.empty() ? "" : name_problem(board.name);
    if (!name.empty())
        top.refuse("name", name);
    else if (!board.name.empty() && board.name != stem)
        top.refuse("name", fmt::format("the board's name '{}' does not equal its file's name "
                                       "'{}.toml'",
                                       shown(board.name), shown(stem)));
    board.kind = top.text("kind", board.name);
    board.transport = top.word<Transport>("transport", Transport::ssh,
                                          {{"ssh", Transport::ssh}, {"local", Transport::local}});
    board.work_folder = top.text("work_folder", board.work_folder);
    check(top, "work_folder", board_path_problem(board.work_folder));
    board.boot_deadline =
        top.duration("boot_deadline", board.boot_deadline, std::chrono::seconds(1));
    read_by_transport(top, board, folder);
    read_drivers(top, board, folder);
    Result<void> verdict = document.verdict();
    if (!verdict) return std::unexpected(verdict.error());
    return board;
}

Result<BoardSpec> read_board(const std::string& path) {
    Result<Document> document = Document::read(path);
    if (!document) return std::unexpected(document.error());
    return board_of(std::move(*document));
}

}  // namespace bisectd::config
