// The daemon's file and a board's: the same bytes are read as both. Beyond not crashing: what is
// read keeps its promises, and an error is bounded, printable and says where.
#include "adapters/config/board_file.hpp"
#include "adapters/config/checks.hpp"
#include "adapters/config/daemon_config.hpp"
#include "tests/fuzz/promises.hpp"

using namespace bisectd;

namespace {

void check(const DaemonConfig& config) {
    BISECTD_ASSERT(config.socket.size() <= 107 && config.jobs <= 1024);
    if (!config.listen.empty()) BISECTD_ASSERT(!config.listen.starts_with("0.0.0.0"));
    BISECTD_ASSERT(config.commit_url.empty() || config.commit_url.starts_with("http"));
    // Addresses become a header of a mail and an argument of a program.
    for (const std::string& address : config.notify.mail_to) {
        fuzz::check_plain(address);
        BISECTD_ASSERT(!address.starts_with('-'));
    }
    fuzz::check_plain(config.notify.mail_from);
    // The webhook's stands in quotes in a file that curl reads.
    fuzz::check_plain(config.notify.webhook);
    BISECTD_ASSERT(config.notify.webhook.find_first_of("\"\\ ") == std::string::npos);
}

void check(const BoardSpec& board) {
    BISECTD_ASSERT(config::name_problem(board.name).empty());
    BISECTD_ASSERT(config::board_path_problem(board.work_folder).empty());
    if (board.transport == Transport::local) return;
    BISECTD_ASSERT(config::host_problem(board.ssh.host).empty());
    BISECTD_ASSERT(!board.ssh.user.starts_with('-') && board.ssh.port != 0);
    fuzz::check_plain(board.ssh.host_key);
}

template <class T>
void check(const Result<T>& read) {
    if (read)
        check(*read);
    else
        fuzz::check_error(read.error(), 40'000);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::ScratchFolder folder;
    static const bool written = [] {
        std::filesystem::create_directories(folder.path("keys"));
        folder.write("keys/pi", "private\n");
        return true;
    }();
    BISECTD_ASSERT(written);
    const std::string_view text = fuzz::text_of(data, size);
    Result<config::Document> as_board = config::Document::parse(text, folder.path("pi.toml"));
    if (!as_board) {
        fuzz::check_error(as_board.error(), 1000);
        return 0;
    }
    check(config::board_of(std::move(*as_board)));
    Result<config::Document> as_daemon = config::Document::parse(text, folder.path("bisectd.toml"));
    BISECTD_ASSERT(as_daemon.has_value());
    check(config::daemon_config_of(std::move(*as_daemon)));
    return 0;
}
