#include "adapters/ssh/command.hpp"

#include <array>

namespace bisectd::ssh {
namespace {

/// The name of the signal that ended the command; empty when none did.
std::string exit_signal(LIBSSH2_SESSION* session, LIBSSH2_CHANNEL* channel) {
    char* name = nullptr;
    std::size_t size = 0;
    const int code =
        libssh2_channel_get_exit_signal(channel, &name, &size, nullptr, nullptr, nullptr, nullptr);
    if (code != 0 || name == nullptr) return {};
    std::string signal = for_people(std::string_view(name, size));
    libssh2_free(session, name);
    return signal;
}

}  // namespace

Task<Result<void>> Command::start(std::string line, Limit limit) {
    auto open = [this, session = connection_.session()] {
        channel_.reset(libssh2_channel_open_session(session));
        if (channel_) return 0;
        const int code = libssh2_session_last_errno(session);
        return code == 0 ? LIBSSH2_ERROR_CHANNEL_FAILURE : code;
    };
    const Result<int> opened = co_await connection_.repeat(open, limit);
    if (!opened) co_return std::unexpected(opened.error());
    if (*opened != 0) co_return connection_.failure("cannot open a channel");

    auto execute = [this, &line] {
        return libssh2_channel_process_startup(channel_.get(), "exec", 4, line.data(),
                                               static_cast<unsigned>(line.size()));
    };
    const Result<int> started = co_await connection_.repeat(execute, limit);
    if (!started) co_return std::unexpected(started.error());
    if (*started != 0) co_return connection_.failure("the board does not run commands");
    co_return Result<void>{};
}

/// Reads one stream until nothing is there. Returns whether the library waits to send.
Result<bool> Command::read_stream(int stream) {
    std::array<char, 32'768> buffer;
    for (;;) {
        const ssize_t got =
            libssh2_channel_read_ex(channel_.get(), stream, buffer.data(), buffer.size());
        if (got == LIBSSH2_ERROR_EAGAIN) return connection_.wants_to_send();
        if (got < 0) return connection_.failure("the output broke off");
        if (got == 0) return false;
        const std::string_view piece(buffer.data(), static_cast<std::size_t>(got));
        if (stream == 0) {
            lines_.add(piece);
        } else {
            errors_.add(piece);
        }
    }
}

Result<Command::Streams> Command::read_what_is_there() {
    for (const int stream : {0, SSH_EXTENDED_DATA_STDERR}) {
        const Result<bool> waits = read_stream(stream);
        if (!waits) return std::unexpected(waits.error());
        if (*waits) return Streams::open;
    }
    return libssh2_channel_eof(channel_.get()) == 1 ? Streams::ended : Streams::open;
}

Task<Result<std::size_t>> Command::write(std::string_view bytes, Limit limit) {
    for (;;) {
        const std::uint64_t seen = connection_.received_bytes();
        const ssize_t sent =
            libssh2_channel_write_ex(channel_.get(), 0, bytes.data(), bytes.size());
        if (sent > 0) co_return static_cast<std::size_t>(sent);
        if (sent < 0 && sent != LIBSSH2_ERROR_EAGAIN)
            co_return connection_.failure("the board does not take the data");
        if (!connection_.wants_to_send()) {
            // The board's window is full, or nobody reads any more: a command that has ended
            // (disk full) says so in what it prints.
            const Result<Streams> streams = read_what_is_there();
            if (!streams) co_return std::unexpected(streams.error());
            if (*streams == Streams::ended) co_return std::size_t{0};
        }
        const Result<void> ready = co_await connection_.wait_for_more(seen, limit);
        if (!ready) co_return std::unexpected(ready.error());
    }
}

Task<Result<void>> Command::close_input(Limit limit) {
    auto send_eof = [this] { return libssh2_channel_send_eof(channel_.get()); };
    const Result<int> code = co_await connection_.repeat(send_eof, limit);
    if (!code) co_return std::unexpected(code.error());
    if (*code != 0) co_return connection_.failure("cannot end the command's input");
    co_return Result<void>{};
}

Task<Result<CommandEnd>> Command::end(Limit limit) {
    for (;;) {
        const std::uint64_t seen = connection_.received_bytes();
        const Result<Streams> streams = read_what_is_there();
        if (!streams) co_return std::unexpected(streams.error());
        if (*streams == Streams::ended) break;
        const Result<void> ready = co_await connection_.wait_for_more(seen, limit);
        if (!ready) co_return std::unexpected(ready.error());
    }
    Result<CommandEnd> ended = co_await status(limit);
    if (ended) lines_.end();
    co_return ended;
}

Task<Result<CommandEnd>> Command::status(Limit limit) {
    // The status comes between the end of the output and the close of the channel.
    auto wait_closed = [this] { return libssh2_channel_wait_closed(channel_.get()); };
    const Result<int> closed = co_await connection_.repeat(wait_closed, limit);
    if (!closed) co_return std::unexpected(closed.error());
    // The library reports status 0 when it saw none, and success when the peer hung up here.
    if (*closed != 0 || connection_.lost())
        co_return connection_.failure("how the command ended is not known");
    auto close = [this] { return libssh2_channel_close(channel_.get()); };
    const Result<int> code = co_await connection_.repeat(close, limit);
    if (!code) co_return std::unexpected(code.error());

    CommandEnd end;
    end.errors = errors_.text();
    // First the signal: the exit status is 0 when a signal ended the command.
    end.signal = exit_signal(connection_.session(), channel_.get());
    if (end.signal.empty()) end.exit = libssh2_channel_get_exit_status(channel_.get());
    channel_.reset();
    co_return end;
}

Task<Result<CommandEnd>> run_command(Connection& connection, std::string line, LineSink sink,
                                     Limit limit) {
    Command command(connection, std::move(sink));
    const Result<void> started = co_await command.start(std::move(line), limit);
    if (!started) co_return std::unexpected(started.error());
    const Result<void> no_input = co_await command.close_input(limit);
    if (!no_input) co_return std::unexpected(no_input.error());
    Result<CommandEnd> end = co_await command.end(limit);
    co_return end;
}

}  // namespace bisectd::ssh
