#include "adapters/http/log_part.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bisectd::http {
namespace {

struct Span {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

/// Errors: nothing when it is no single byte range (then the header is passed over, as RFC 9110
/// allows); a length of 0 when it cannot be satisfied.
std::optional<Span> byte_range(std::string_view text, std::uint64_t size) {
    constexpr std::string_view unit = "bytes=";
    if (!text.starts_with(unit)) return std::nullopt;
    text.remove_prefix(unit.size());
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto first = parse_number<std::uint64_t>(text.substr(0, dash));
    const auto last = parse_number<std::uint64_t>(text.substr(dash + 1));
    const bool open_end = dash + 1 == text.size();
    if (dash == 0) {
        if (!last) return std::nullopt;
        const std::uint64_t length = std::min(*last, size);
        return Span{size - length, length};
    }
    if (!first || (!last && !open_end) || (last && *last < *first)) return std::nullopt;
    if (*first >= size) return Span{};
    const std::uint64_t end = last ? std::min(*last, size - 1) + 1 : size;
    return Span{*first, end - *first};
}

std::optional<Span> query_span(const Target& target, std::uint64_t size) {
    const auto number = [&target](const char* name, std::uint64_t otherwise) {
        const auto found = target.query.find(name);
        return found == target.query.end() ? std::optional(otherwise)
                                           : parse_number<std::uint64_t>(found->second);
    };
    const auto offset = number("offset", 0), limit = number("limit", size);
    const auto tail = number("tail", size);
    if (!offset || !limit || !tail) return std::nullopt;
    if (target.query.contains("tail")) {
        const std::uint64_t length = std::min(*tail, size);
        return Span{size - length, length};
    }
    const std::uint64_t from = std::min(*offset, size);
    return Span{from, std::min(*limit, size - from)};
}

}  // namespace

Response log_part(std::shared_ptr<const LogText> log, const Request& request,
                  const Target& target) {
    if (log == nullptr)
        return problem(
            404, "No such log",
            Error{ErrorKind::request, request.target, "nothing was written to this log (yet)"});
    const std::uint64_t size = log->size_bytes();
    Response response = text_response("");
    response.headers.emplace_back("X-Log-Size", std::to_string(size));
    response.headers.emplace_back("Accept-Ranges", "bytes");
    std::optional<Span> span = query_span(target, size);
    if (!span)
        return problem(400, "Wrong number",
                       Error{ErrorKind::request, request.target,
                             "offset, limit and tail are numbers of bytes"});
    if (const auto range = byte_range(request.range, size)) {
        span = range;
        response.status = range->length == 0 ? 416 : 206;
        response.headers.emplace_back("Content-Range",
                                      range->length == 0
                                          ? fmt::format("bytes */{}", size)
                                          : fmt::format("bytes {}-{}/{}", range->offset,
                                                        range->offset + range->length - 1, size));
    }
    response.file = LogSpan{std::move(log), span->offset, span->length};
    return response;
}

}  // namespace bisectd::http
