#include "adapters/board/virtual_board.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "adapters/board/qmp.hpp"
#include "adapters/board/waiting.hpp"

namespace bisectd::board {
namespace {

using std::chrono::milliseconds;

/// Source: QEMU answers 0.1 s after its start on an idle machine; a hundred times that for a
/// machine that builds kernels meanwhile, and then some.
constexpr milliseconds start_limit{60'000};
constexpr milliseconds monitor_limit{5'000};
constexpr milliseconds kill_limit{30'000};
constexpr milliseconds process_poll_interval{50};

bool blames_sandbox(const std::string& message) {
    return message.find("sandbox") != std::string::npos ||
           message.find("seccomp") != std::string::npos;
}

}  // namespace

VirtualBoardPower::VirtualBoardPower(std::string board_name, VirtualBoardSpec spec)
    : name_(std::move(board_name)),
      where_("board " + name_ + ", virtual board"),
      spec_(std::move(spec)) {}

Task<Result<void>> VirtualBoardPower::on() {
    return without_exceptions(where_ + ", power on", do_on());
}
Task<Result<void>> VirtualBoardPower::cycle() {
    return without_exceptions(where_ + ", power cycle", do_cycle());
}
Task<Result<void>> VirtualBoardPower::off() {
    return without_exceptions(where_ + ", power off", do_off());
}

Task<Result<void>> VirtualBoardPower::do_on() {
    if (!QemuProcess::find(spec_.folder)) co_return co_await start();
    auto published = co_await publish_port(monitor_limit);
    // A hung board is on, too: the port that was written at its start is still right.
    if (!published && access(path(board_file::ssh_port).c_str(), R_OK) != 0) co_return published;
    co_return Result<void>{};
}

Task<Result<void>> VirtualBoardPower::do_cycle() {
    auto is_off = co_await do_off();
    if (!is_off) co_return is_off;
    co_return co_await start();
}

Task<Result<void>> VirtualBoardPower::do_off() {
    auto qemu = QemuProcess::find(spec_.folder);
    if (!qemu) co_return Result<void>{};
    auto killed = co_await qemu->kill(kill_limit);
    if (!killed) co_return infrastructure(where_, describe(killed.error()));
    co_return Result<void>{};
}

Task<Result<void>> VirtualBoardPower::start() {
    for (const bool sandbox : {true, false}) {
        auto command = qemu_command(name_, spec_, sandbox);
        if (!command) co_return std::unexpected(command.error());
        // Gone before another QEMU is: nobody shall meet the old port, which may be anybody's now.
        unlink(path(board_file::ssh_port).c_str());
        unlink(path(board_file::monitor).c_str());
        unlink(path(board_file::console_socket).c_str());
        auto qemu = QemuProcess::start(spec_.folder, std::move(*command));
        if (!qemu) co_return infrastructure(where_, describe(qemu.error()));
        auto up = co_await wait_until_up(*qemu);
        if (up || !qemu->ended() || !sandbox || !blames_sandbox(up.error().what)) co_return up;
    }
    co_return infrastructure(where_, "QEMU could not be started");
}

Task<Result<void>> VirtualBoardPower::wait_until_up(const QemuProcess& qemu) {
    const auto deadline = std::chrono::steady_clock::now() + start_limit;
    Result<void> published;
    do {
        published = co_await publish_port(monitor_limit);
        if (published) co_return published;
        if (qemu.ended()) {
            const auto said = read_small(path(board_file::errors)).value_or("");
            co_return infrastructure(
                where_, "QEMU ended at once: " +
                            (said.empty() ? "it printed nothing" : quoted_tail(said, 600)));
        }
        co_await pause_for(process_poll_interval);
    } while (std::chrono::steady_clock::now() < deadline);
    co_return infrastructure(where_, fmt::format("QEMU (process {}) runs, but its monitor does not "
                                                 "answer: {}",
                                                 qemu.id(), describe(published.error())));
}

/// Writes FOLDER/ssh-port from what QEMU says.
Task<Result<void>> VirtualBoardPower::publish_port(milliseconds limit) {
    auto usernet = co_await ask_qemu(path(board_file::monitor), "info usernet", limit);
    if (!usernet) co_return std::unexpected(usernet.error());
    const auto port = forwarded_ssh_port(*usernet);
    if (!port)
        co_return infrastructure(where_,
                                 "QEMU forwards no port to the board: " + quoted_tail(*usernet));
    co_return write_atomically(path(board_file::ssh_port), fmt::format("{}\n", *port));
}

}  // namespace bisectd::board
