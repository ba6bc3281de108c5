#include "adapters/ssh/upload.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <charconv>
#include <filesystem>
#include <vector>

#include "adapters/ssh/command.hpp"
#include "adapters/ssh/source_file.hpp"
#include "core/agent_protocol.hpp"

namespace bisectd::ssh {
namespace {

const Limit while_sending{.silence = data_silence};
const Limit while_writing{.silence = disk_silence};

/// How often others get the thread while the socket takes everything at once.
constexpr std::uint64_t breath_bytes = 1 << 20;

std::string ending(const CommandEnd& end) {
    return end.signal.empty() ? fmt::format("exit {}", end.exit) : "signal " + end.signal;
}

/// What went wrong on the board, in a sentence: a full disk is named as such.
std::unexpected<Error> refused(Connection& connection, const std::string& what,
                               const CommandEnd& end) {
    const std::string said = for_people(end.errors);
    const bool full = said.find("No space left") != said.npos;
    return infrastructure(connection.where(),
                          fmt::format("{}{} ({}{}{})", full ? "the board's disk is full: " : "",
                                      what, ending(end), said.empty() ? "" : ": ", said));
}

Task<Result<void>> send_all(Connection& connection, Command& command, SourceFile& source,
                            ProgressSink progress) {
    const std::string name = std::filesystem::path(source.path()).filename().string();
    auto executor = co_await asio::this_coro::executor;
    std::uint64_t sent = 0, breath = 0;
    for (;;) {
        const Result<std::string_view> piece = source.next();
        if (!piece) {
            connection.give_up();
            co_return std::unexpected(piece.error());
        }
        if (piece->empty()) co_return Result<void>{};
        std::string_view rest = *piece;
        while (!rest.empty()) {
            const Result<std::size_t> took = co_await command.write(rest, while_sending);
            if (!took) co_return std::unexpected(took.error());
            if (*took == 0) co_return Result<void>{};  // it has ended: its status tells why
            rest.remove_prefix(*took);
            sent += *took;
        }
        if (progress) progress(Progress{"upload", sent, source.size_bytes(), name});
        if (sent - breath < breath_bytes) continue;
        breath = sent;
        co_await asio::post(executor, asio::use_awaitable);
        auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() == asio::cancellation_type::none) continue;
        connection.give_up();
        co_return cancelled(connection.where(), "cancelled");
    }
}

/// The data, into the temporary file.
Task<Result<void>> send(Connection& connection, SourceFile& source, std::string temporary,
                        ProgressSink progress) {
    Command command(connection, {});
    std::string line = "cat > " + shell_quote(temporary);
    const Result<void> started = co_await command.start(std::move(line), while_sending);
    if (!started) co_return std::unexpected(started.error());
    const Result<void> sent = co_await send_all(connection, command, source, std::move(progress));
    if (!sent) co_return std::unexpected(sent.error());
    const Result<void> closed = co_await command.close_input(while_sending);
    if (!closed) co_return std::unexpected(closed.error());
    const Result<CommandEnd> end = co_await command.end(while_writing);
    if (!end) co_return std::unexpected(end.error());
    if (end->exit != 0)
        co_return refused(connection, fmt::format("cannot write {}", temporary), *end);
    co_return Result<void>{};
}

/// Size and digest as the board sees them, after it wrote them to its disk.
Task<Result<void>> verify(Connection& connection, SourceFile& source, std::string temporary) {
    connection.begin("verify");
    std::vector<std::string> lines;
    LineSink keep = [&lines](std::string_view line) {
        if (lines.size() < 2) lines.emplace_back(line);
    };
    const std::string file = shell_quote(temporary);
    std::string line = fmt::format("sync; sha256sum < {0} && wc -c < {0}", file);
    const Result<CommandEnd> end =
        co_await run_command(connection, std::move(line), std::move(keep), while_writing);
    if (!end) co_return std::unexpected(end.error());
    if (end->exit != 0 || lines.size() != 2)
        co_return refused(connection,
                          "the board cannot tell the digest of what it got; are "
                          "sha256sum and wc there?",
                          *end);
    std::string_view count = lines[1];
    while (count.starts_with(' ')) count.remove_prefix(1);
    const std::string size = std::to_string(source.size_bytes());
    const std::string digest = source.sha256();
    const std::string shown = lines[0].substr(0, lines[0].find(' '));
    if (count == size && shown == digest) co_return Result<void>{};
    co_return infrastructure(
        connection.where(),
        fmt::format("what the board has in {} is not what was sent: {} bytes, SHA-256 {}; sent "
                    "were {} bytes, {}. Is its disk or memory faulty?",
                    temporary, for_people(count), for_people(shown), size, digest));
}

Task<Result<void>> install(Connection& connection, std::string temporary, std::string remote,
                           unsigned mode) {
    connection.begin("install");
    const std::string from = shell_quote(temporary);
    const std::string to = shell_quote(remote);
    std::string line = fmt::format("[ ! -d {1} ] && chmod {2:04o} {0} && mv -f {0} {1} && sync",
                                   from, to, mode & 07777);
    const Result<CommandEnd> end =
        co_await run_command(connection, std::move(line), {}, while_writing);
    if (!end) co_return std::unexpected(end.error());
    if (end->exit != 0)
        co_return refused(connection, fmt::format("cannot rename {} to {}", temporary, remote),
                          *end);
    co_return Result<void>{};
}

Task<Result<void>> send_verify_install(Connection& connection, SourceFile& source,
                                       std::string remote, unsigned mode, ProgressSink progress) {
    const std::string temporary = temporary_name(remote);
    const Result<void> sent = co_await send(connection, source, temporary, std::move(progress));
    if (!sent) co_return std::unexpected(sent.error());
    const Result<void> same = co_await verify(connection, source, temporary);
    if (!same) co_return std::unexpected(same.error());
    Result<void> installed = co_await install(connection, temporary, std::move(remote), mode);
    co_return installed;
}

}  // namespace

std::string temporary_name(const std::string& remote) {
    return remote + ".tmp";
}

Result<void> check_remote_name(const std::string& remote, const std::string& where) {
    if (remote.starts_with('/') && !remote.ends_with('/') && remote.find('\0') == remote.npos)
        return {};
    return wrong_request(where, fmt::format("'{}' is not the absolute path of a file", remote));
}

Task<Result<void>> upload_file(Connection& connection, std::string local, std::string remote,
                               unsigned mode, ProgressSink progress) {
    connection.begin("upload");
    const Result<void> named = check_remote_name(remote, connection.where());
    if (!named) co_return std::unexpected(named.error());
    auto source = SourceFile::open(local, connection.where());
    if (!source) co_return std::unexpected(source.error());
    Result<void> done =
        co_await send_verify_install(connection, *source, remote, mode, std::move(progress));
    if (done || connection.lost()) co_return done;
    // A half of a file must not fill the disk that may be the reason. Its own failure says
    // nothing new.
    connection.begin("clean up");
    std::string line = "rm -f " + shell_quote(temporary_name(remote));
    const Result<CommandEnd> removed =
        co_await run_command(connection, std::move(line), {}, while_sending);
    static_cast<void>(removed);
    co_return done;
}

}  // namespace bisectd::ssh
