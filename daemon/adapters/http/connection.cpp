#include "adapters/http/connection.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <vector>

#include "adapters/http/event_feed.hpp"
#include "adapters/http/received_request.hpp"

namespace bisectd::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Stream = beast::basic_stream<asio::generic::stream_protocol, asio::any_io_executor>;
using Milliseconds = std::chrono::milliseconds;
constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);

// Long logs go in pieces of this size, so that the one thread serves others in between.
constexpr std::size_t piece_bytes = 64UL * 1024;
// After a refusal the rest of the request is read away, or the client would not see the answer.
constexpr std::size_t most_read_away = 2UL * 1024 * 1024;
constexpr Milliseconds read_away_limit{1000};
// Between two looks whether it is a reader's turn.
constexpr Milliseconds turn_period{20};

/// The head of an answer. Values never hold CR or LF: they are ours, or numbers.
std::string head_of(const Response& response, bool keep_alive) {
    const auto reason = beast::http::obsolete_reason(beast::http::int_to_status(response.status));
    std::string head = fmt::format("HTTP/1.1 {} {}\r\n", response.status,
                                   std::string_view(reason.data(), reason.size()));
    const auto add = [&head](std::string_view name, std::string_view value) {
        head += fmt::format("{}: {}\r\n", name, value);
    };
    add("Server", "bisectd");
    add("Content-Type", response.content_type);
    add("Cache-Control", response.lasting ? "max-age=31536000, immutable"
                         : response.status == 200 && !response.events ? "private, no-cache"
                         : response.status == 304                     ? "private, no-cache"
                                                                      : "no-store");
    add("Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types bisectd");
    add("X-Content-Type-Options", "nosniff");
    add("Referrer-Policy", "no-referrer");
    add("Cross-Origin-Resource-Policy", "same-origin");
    for (const auto& [name, value] : response.headers) add(name, value);
    if (!response.events && response.status != 304)
        add("Content-Length",
            std::to_string(response.file ? response.file->length : response.body.size()));
    add("Connection", keep_alive ? "keep-alive" : "close");
    return head + "\r\n";
}

Task<bool> write_all(Stream& stream, Milliseconds limit, std::string_view text) {
    stream.expires_after(limit);
    const asio::const_buffer buffer(text.data(), text.size());
    const auto [error, written] = co_await asio::async_write(stream, buffer, awaiting);
    co_return !error && written == text.size();
}

Task<bool> write_span(Stream& stream, Milliseconds limit, LogSpan part) {
    std::string piece;
    while (part.length > 0) {
        const std::size_t wanted = std::min<std::uint64_t>(part.length, piece_bytes);
        const std::string_view text = part.log->read(piece, part.offset, wanted);
        // Shorter than promised: the client notices, because the connection ends here.
        if (text.empty()) co_return false;
        if (!co_await write_all(stream, limit, text)) co_return false;
        part.offset += text.size();
        part.length -= text.size();
    }
    co_return true;
}

/// What a new event rings. A ring that comes while nobody waits is kept.
struct Bell {
    asio::steady_timer timer;
    bool rung = false;
};

/// Whoever reads far back in the journal takes turns, so that many of them hold up no page.
Task<void> wait_for_turn(const EventFeed& feed, std::shared_ptr<Serving> serving, Bell& bell) {
    while (feed.is_far_behind() && !serving->catching_up.take(std::chrono::steady_clock::now())) {
        bell.timer.expires_after(turn_period);
        co_await bell.timer.async_wait(awaiting);
    }
}

/// Waits until the bell rings, at most `limit`.
Task<void> wait_for(Bell& bell, Milliseconds limit) {
    if (!bell.rung) {
        bell.timer.expires_after(limit);
        co_await bell.timer.async_wait(awaiting);
    }
    bell.rung = false;
}

Task<void> write_events(Stream& stream, std::shared_ptr<Serving> serving,
                        EventSubscription subscription) {
    const HttpOptions& options = serving->options;
    const auto bell = std::make_shared<Bell>(asio::steady_timer(stream.get_executor()));
    const std::weak_ptr<Bell> weak_bell = bell;
    const Traffic::Stream counted(serving->traffic);
    EventFeed feed(serving->control, serving->tail, subscription, [weak_bell] {
        const auto alive = weak_bell.lock();
        if (alive == nullptr) return;
        alive->rung = true;
        alive->timer.cancel();
    });
    std::string frames = feed.greeting();
    auto now = std::chrono::steady_clock::now();
    auto next_progress = now, next_heartbeat = now + options.heartbeat_period;
    for (;;) {
        co_await wait_for_turn(feed, serving, *bell);
        Result<std::string> events = feed.events();
        if (!events) co_return;  // the client comes back, and then it may work again
        frames += *events;
        now = std::chrono::steady_clock::now();
        if (!feed.more() && now >= next_progress) {
            frames += feed.progress();
            next_progress = now + options.progress_period;
        }
        if (frames.empty() && now >= next_heartbeat) frames = ": still here\n\n";
        if (!frames.empty()) {
            if (!co_await write_all(stream, options.write_limit, frames)) co_return;
            next_heartbeat = now + options.heartbeat_period;
            frames.clear();
        } else if (feed.more()) {
            // A long stretch of the journal that nobody wants: let others have their turn.
            co_await asio::post(stream.get_executor(), asio::use_awaitable);
        }
        if (feed.more()) continue;
        const auto wait = std::chrono::duration_cast<Milliseconds>(
            next_progress - std::chrono::steady_clock::now());
        co_await wait_for(*bell, std::max(wait, Milliseconds(1)));
    }
}

/// What is said to a client that sent no usable request; nothing when there is no use.
std::optional<Response> refusal_of(boost::system::error_code error) {
    using beast::http::error;
    const auto say = [](unsigned status, std::string_view title, std::string what) {
        return problem(status, title, Error{ErrorKind::request, "request", std::move(what)});
    };
    if (error == error::header_limit)
        return say(431, "Header too large", "send less than 16 KiB of header");
    if (error == error::body_limit) return say(413, "Body too large", "send less than 256 KiB");
    const bool left = error == error::end_of_stream || error == error::partial_message;
    if (left || error.category() != make_error_code(error::bad_method).category())
        return std::nullopt;
    return say(400, "Not HTTP", "it could not be read as HTTP/1.1: " + error.message());
}

Task<void> refuse(Stream& stream, const HttpOptions& options, Response response) {
    const std::string text = head_of(response, false) + response.body;
    if (!co_await write_all(stream, options.write_limit, text)) co_return;
    boost::system::error_code ignored;
    stream.socket().shutdown(Socket::shutdown_send, ignored);
    std::vector<char> rubbish(piece_bytes);
    stream.expires_after(read_away_limit);
    for (std::size_t total = 0; total < most_read_away;) {
        const asio::mutable_buffer buffer(rubbish.data(), rubbish.size());
        const auto [error, got] = co_await stream.async_read_some(buffer, awaiting);
        if (error) co_return;
        total += got;
    }
}

/// One request and its answer. Returns whether the connection goes on.
Task<bool> serve_one(Stream& stream, beast::flat_buffer& buffer, bool over_unix,
                     std::shared_ptr<Serving> serving) {
    const HttpOptions& options = serving->options;
    beast::http::request_parser<beast::http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(options.header_limit_bytes));
    parser.body_limit(options.body_limit_bytes);
    stream.expires_after(options.request_limit);
    const auto [error, got] = co_await beast::http::async_read(stream, buffer, parser, awaiting);
    if (error) {
        if (std::optional<Response> refusal = refusal_of(error))
            co_await refuse(stream, options, std::move(*refusal));
        co_return false;
    }
    const bool keep_alive = parser.get().keep_alive();
    const bool head_only = parser.get().method() == beast::http::verb::head;
    std::optional<Request> request = received_request(parser.release(), over_unix);
    Response response =
        problem(400, "Wrong header",
                Error{ErrorKind::request, "request",
                      "send one Host, and no other header of ours twice or as a list"});
    // The handler has its own limits; the client's silence meanwhile is no fault.
    stream.expires_never();
    const auto asked = std::chrono::steady_clock::now();
    const bool clear = request.has_value();
    if (request) response = co_await serving->site.answer(std::move(*request));
    serving->traffic.answered(response.status, std::chrono::steady_clock::now() - asked);
    // Where a request is not clear its end is not sure either.
    const bool stays = keep_alive && clear && !response.events;
    std::string text = head_of(response, stays);
    if (!head_only) text += response.body;
    if (!co_await write_all(stream, options.write_limit, text)) co_return false;
    if (response.events && !head_only)
        co_await write_events(stream, serving, *response.events);
    else if (response.file && !head_only && response.status != 416)
        if (!co_await write_span(stream, options.write_limit, *response.file)) co_return false;
    co_return stays;
}

}  // namespace

Task<void> serve_connection(Socket socket, bool over_unix, std::shared_ptr<Serving> serving) {
    Stream stream(std::move(socket));
    beast::flat_buffer buffer(serving->options.header_limit_bytes +
                              serving->options.body_limit_bytes);
    while (co_await serve_one(stream, buffer, over_unix, serving)) {
    }
    boost::system::error_code ignored;
    stream.socket().shutdown(Socket::shutdown_both, ignored);
}

}  // namespace bisectd::http
