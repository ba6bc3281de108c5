#include "adapters/http/received_request.hpp"

#include <algorithm>
#include <boost/beast/http/field.hpp>
#include <iterator>

namespace bisectd::http {

std::optional<Request> received_request(ReceivedMessage message, bool over_unix) {
    using boost::beast::http::field;
    Request request;
    const auto single = [&message](field name, std::string& out) {
        const auto found = message.equal_range(name);
        if (found.first == found.second) return true;
        out = std::string(found.first->value());
        return std::next(found.first) == found.second;
    };
    const auto site = message.find("Sec-Fetch-Site");
    if (site != message.end()) request.fetch_site = std::string(site->value());
    const auto known = message.find(field::if_none_match);
    if (known != message.end()) request.if_none_match = std::string(known->value());
    const auto last = message.find("Last-Event-ID");
    if (last != message.end()) request.last_event_id = std::string(last->value());
    std::string length;
    const bool fine = single(field::content_length, length) && single(field::host, request.host) &&
                      single(field::origin, request.origin) &&
                      single(field::authorization, request.authorization) &&
                      single(field::content_type, request.content_type) &&
                      single(field::range, request.range);
    // "5, 5" means 5 to us; who stands between may have read something else.
    if (!std::ranges::all_of(length, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    if (!fine || (message.version() == 11 && request.host.empty())) return std::nullopt;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    request.over_unix = over_unix;
    request.body = std::move(message.body());
    return request;
}

}  // namespace bisectd::http
