#include "adapters/board/drivers.hpp"

#include "adapters/board/captured_console.hpp"
#include "adapters/board/command_source.hpp"
#include "adapters/board/file_source.hpp"
#include "adapters/board/stream_source.hpp"
#include "adapters/board/switched_power.hpp"
#include "adapters/board/virtual_board.hpp"

namespace bisectd {
namespace {

using namespace board;

/// The console file of a virtual board is ours: QEMU appends, we empty it once it was read.
constexpr std::uint64_t virtual_console_bytes = 64ULL << 20;

Result<void> check_lines(const PowerSpec& spec, const std::string& where) {
    if (!spec.cycle.empty() || (!spec.on.empty() && !spec.off.empty())) return {};
    return wrong_request(where, "cannot be cycled: give `cycle`, or `off` and `on`");
}

Result<void> check_folder(const BoardSpec& board, const std::string& where) {
    if (!board.virtual_board.folder.empty()) return {};
    return wrong_request(where,
                         "[virtual_board] names no folder: make one with "
                         "agents/virtual-board/make-board");
}

bool is_plain_name(const std::string& name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
}

Result<std::unique_ptr<ConsoleSource>> make_source(const BoardSpec& board, const std::string& where,
                                                   const std::string& position_file) {
    const ConsoleSpec& spec = board.console;
    switch (spec.driver) {
        case DriverKind::command:
            if (spec.command.empty()) return wrong_request(where, "names no command");
            return std::make_unique<CommandSource>(spec.command);
        case DriverKind::unix_socket:
        case DriverKind::tcp: {
            auto endpoint = parse_endpoint(spec.driver, spec.address, where);
            if (!endpoint) return std::unexpected(endpoint.error());
            return std::make_unique<StreamSource>(std::move(*endpoint));
        }
        case DriverKind::file:
            if (spec.address.empty()) return wrong_request(where, "names no file");
            return std::make_unique<FileSource>(spec.address, position_file, FileSource::Options{});
        case DriverKind::virtual_board: {
            auto folder = check_folder(board, where);
            if (!folder) return std::unexpected(folder.error());
            const FileSource::Options options{true, virtual_console_bytes};
            const std::string file = board.virtual_board.folder + "/" + board_file::console;
            return std::make_unique<FileSource>(file, position_file, options);
        }
        case DriverKind::none:
            break;
    }
    return wrong_request(where, "this driver is no console driver");
}

}  // namespace

ConfiguredDrivers::ConfiguredDrivers(boost::asio::any_io_executor executor, std::string data_folder)
    : executor_(std::move(executor)), data_folder_(std::move(data_folder)) {}

Result<std::unique_ptr<Power>> ConfiguredDrivers::power(const BoardSpec& board) {
    const std::string where = "board " + board.name + ", power";
    const PowerSpec& spec = board.power;
    switch (spec.driver) {
        case DriverKind::none:
            return std::make_unique<NoPower>(where);
        case DriverKind::virtual_board: {
            auto folder = check_folder(board, where);
            if (!folder) return std::unexpected(folder.error());
            return std::make_unique<VirtualBoardPower>(board.name, board.virtual_board);
        }
        case DriverKind::command: {
            auto lines = check_lines(spec, where);
            if (!lines) return std::unexpected(lines.error());
            return std::make_unique<CommandPower>(where, spec);
        }
        case DriverKind::unix_socket:
        case DriverKind::tcp: {
            auto lines = check_lines(spec, where);
            if (!lines) return std::unexpected(lines.error());
            auto endpoint = parse_endpoint(spec.driver, spec.address, where);
            if (!endpoint) return std::unexpected(endpoint.error());
            return std::make_unique<SocketPower>(where, spec, std::move(*endpoint));
        }
        case DriverKind::file:
            break;
    }
    return wrong_request(where, "a file cannot switch power: use command, tcp or unix_socket");
}

Result<std::unique_ptr<Console>> ConfiguredDrivers::console(const BoardSpec& board) {
    const std::string where = "board " + board.name + ", console";
    if (board.console.driver == DriverKind::none) return std::make_unique<NoConsole>();
    if (!is_plain_name(board.name))
        return wrong_request(where, "the board's name cannot be the name of a folder");
    const std::string folder = data_folder_ + "/boards/" + board.name;
    auto source = make_source(board, where, folder + "/console.position");
    if (!source) return std::unexpected(source.error());
    return std::make_unique<CapturedConsole>(executor_, std::move(*source),
                                             folder + "/console.log");
}

}  // namespace bisectd
