#include "adapters/board/switched_power.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/write.hpp>
#include <memory>

#include "adapters/board/small_file.hpp"
#include "adapters/board/waiting.hpp"
#include "adapters/process/masking.hpp"
#include "adapters/process/process.hpp"

namespace bisectd::board {
namespace {

namespace asio = boost::asio;

/// Of a command's output, for the error message.
constexpr std::size_t kept_output_bytes = 4096;
/// How long a switch may hold the connection after it got its line, before we hang up.
constexpr std::chrono::milliseconds farewell_limit{1'000};

Task<boost::system::error_code> write_line(Stream& stream, std::string line) {
    line += '\n';
    auto [failed, bytes] = co_await asio::async_write(stream, asio::buffer(line), as_result);
    co_return failed;
}

/// Reads and drops until the other side hangs up: closing with unread bytes would reset the
/// connection, and may take our line away from a switch that has not read it yet.
Task<bool> wait_for_end(Stream& stream) {
    std::array<char, 1024> dropped;
    for (;;) {
        auto [failed, bytes] = co_await stream.async_read_some(asio::buffer(dropped), as_result);
        if (failed) co_return true;
    }
}

}  // namespace

Task<Result<void>> SwitchedPower::on() {
    return without_exceptions(where_ + " on", do_on());
}
Task<Result<void>> SwitchedPower::cycle() {
    return without_exceptions(where_ + " cycle", do_cycle());
}
Task<Result<void>> SwitchedPower::off() {
    return without_exceptions(where_ + " off", do_off());
}

Task<Result<void>> SwitchedPower::do_on() {
    if (spec_.on.empty()) co_return Result<void>{};
    co_return co_await act(where_ + " on", spec_.on);
}

Task<Result<void>> SwitchedPower::do_off() {
    co_return co_await act(where_ + " off", spec_.off);
}

Task<Result<void>> SwitchedPower::do_cycle() {
    if (!spec_.cycle.empty()) co_return co_await act(where_ + " cycle", spec_.cycle);
    auto is_off = co_await do_off();
    if (!is_off) co_return is_off;
    co_await pause_for(spec_.off_time);
    co_return co_await act(where_ + " on", spec_.on);
}

Task<Result<void>> CommandPower::act(std::string where, std::string line) {
    ProcessSpec spec;
    spec.arguments = {"sh", "-c", line};
    spec.deadline = limit_;
    auto output = std::make_shared<std::string>();
    OutputSink sink = [output](std::string_view piece) {
        *output += piece;
        if (output->size() > kept_output_bytes)
            output->erase(0, output->size() - kept_output_bytes);
    };
    auto end = co_await run_process(std::move(spec), std::move(sink));
    if (!end) co_return std::unexpected(Error{end.error().kind, where, describe(end.error())});
    if (end->ok()) co_return Result<void>{};
    std::string how = fmt::format("ended with exit status {}", end->exit);
    if (end->signal != 0) how = fmt::format("was ended by signal {}", end->signal);
    if (end->timed_out) how = fmt::format("did not end within {} ms", limit_.count());
    // Not the command itself: it may hold a password. The board's file has it.
    const std::string said =
        output->empty() ? "and printed nothing" : quoted_tail(process::masked(*output, line));
    co_return infrastructure(where, fmt::format("the command {}: {}", how, said));
}

Task<Result<void>> SocketPower::act(std::string where, std::string line) {
    auto stream = co_await connect(endpoint_, limit_);
    if (!stream) co_return infrastructure(where, describe(stream.error()));
    auto written = co_await within(limit_, write_line(*stream, line));
    if (!written)
        co_return infrastructure(
            where, fmt::format("{} took no bytes for {} ms", endpoint_.text(), limit_.count()));
    if (*written)
        co_return infrastructure(
            where, fmt::format("cannot write to {}: {}", endpoint_.text(), written->message()));
    boost::system::error_code ignored;
    stream->shutdown(Stream::shutdown_send, ignored);
    co_await within(farewell_limit, wait_for_end(*stream));
    co_return Result<void>{};
}

Task<Result<void>> NoPower::on() {
    co_return Result<void>{};
}

Task<Result<void>> NoPower::cycle() {
    co_return infrastructure(where_ + " cycle",
                             "this board has no power switch: a person must cycle it, or configure "
                             "[power] for it");
}

}  // namespace bisectd::board
