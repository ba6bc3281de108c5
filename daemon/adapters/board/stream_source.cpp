#include "adapters/board/stream_source.hpp"

#include <array>
#include <boost/asio/buffer.hpp>

#include "adapters/board/waiting.hpp"

namespace bisectd::board {
namespace {

constexpr std::chrono::milliseconds connect_limit{10'000};

/// Until the connection ends; returns why it did.
Task<std::string> read_all(Stream stream, ConsoleLog& log, BackOff& back_off) {
    std::array<char, 16'384> piece;
    for (;;) {
        auto [failed, bytes] =
            co_await stream.async_read_some(boost::asio::buffer(piece), as_result);
        if (failed) co_return failed.message();
        log.append(std::string_view(piece.data(), bytes));
        back_off.reset();  // only now: a server that accepts and hangs up gains nothing
    }
}

}  // namespace

Task<void> StreamSource::run(ConsoleLog& log) {
    BackOff back_off;
    std::string last_note;
    for (;;) {
        std::string news;
        auto stream = co_await connect(endpoint_, connect_limit);
        if (stream) {
            log.note("console connected to " + endpoint_.text());
            news = "console connection to " + endpoint_.text() + " lost: ";
            news += co_await read_all(std::move(*stream), log, back_off);
            last_note.clear();
        } else {
            news = "console: " + describe(stream.error());
        }
        if (news != last_note) log.note(news + "; trying again");
        last_note = news;
        co_await pause_for(back_off.next());
    }
}

}  // namespace bisectd::board
