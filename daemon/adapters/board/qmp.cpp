#include "adapters/board/qmp.hpp"

#include <fmt/format.h>

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>

#include "adapters/board/endpoint.hpp"
#include "adapters/board/small_file.hpp"
#include "adapters/board/waiting.hpp"

namespace bisectd::board {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::size_t longest_line_bytes = 65'536;
constexpr int most_lines = 100;  ///< events may come between

/// One connection to a QMP server: a JSON object a line, both ways.
struct Monitor {
    Stream stream;
    std::string where;
    std::string buffer;
};

Task<Result<json::object>> read_object(Monitor& monitor) {
    auto bytes = asio::dynamic_buffer(monitor.buffer, longest_line_bytes);
    auto [failed, length] = co_await asio::async_read_until(monitor.stream, bytes, '\n', as_result);
    if (failed) co_return infrastructure(monitor.where, "QMP: " + failed.message());
    const std::string line = monitor.buffer.substr(0, length);
    monitor.buffer.erase(0, length);
    json::error_code wrong;
    json::value value = json::parse(line, wrong);
    if (wrong || !value.is_object())
        co_return infrastructure(monitor.where, "QMP: no JSON object: " + quoted_tail(line, 100));
    co_return std::move(value.as_object());
}

/// Sends one command and skips the events before its answer.
Task<Result<json::value>> execute(Monitor& monitor, json::object command) {
    const std::string line = json::serialize(command) + "\n";
    auto [failed, bytes] =
        co_await asio::async_write(monitor.stream, asio::buffer(line), as_result);
    if (failed) co_return infrastructure(monitor.where, "QMP: " + failed.message());
    for (int lines = 0; lines < most_lines; ++lines) {
        auto object = co_await read_object(monitor);
        if (!object) co_return std::unexpected(object.error());
        if (const auto* answer = object->if_contains("return")) co_return *answer;
        if (const auto* error = object->if_contains("error"))
            co_return infrastructure(monitor.where, "QMP: " + quoted_tail(json::serialize(*error)));
    }
    co_return infrastructure(monitor.where, "QMP: no answer among its events");
}

Task<Result<std::string>> converse(std::string socket, std::string question,
                                   std::chrono::milliseconds limit) {
    auto stream = co_await connect(Endpoint{socket, {}, {}}, limit);
    if (!stream) co_return std::unexpected(stream.error());
    Monitor monitor{std::move(*stream), socket, {}};
    auto greeting = co_await read_object(monitor);
    if (!greeting) co_return std::unexpected(greeting.error());
    json::object hello{{"execute", "qmp_capabilities"}};
    auto ready = co_await execute(monitor, std::move(hello));
    if (!ready) co_return std::unexpected(ready.error());
    json::object command{{"execute", "human-monitor-command"},
                         {"arguments", json::object{{"command-line", question}}}};
    auto answer = co_await execute(monitor, std::move(command));
    if (!answer) co_return std::unexpected(answer.error());
    if (!answer->is_string()) co_return infrastructure(socket, "QMP: the answer is no text");
    co_return std::string(answer->as_string());
}

}  // namespace

Task<Result<std::string>> ask_qemu(std::string socket, std::string question,
                                   std::chrono::milliseconds limit) {
    auto task = converse(socket, std::move(question), limit);
    auto answer = co_await within(limit, std::move(task));
    if (!answer)
        co_return infrastructure(
            socket, fmt::format("QEMU's monitor did not answer within {} ms", limit.count()));
    co_return std::move(*answer);
}

}  // namespace bisectd::board
