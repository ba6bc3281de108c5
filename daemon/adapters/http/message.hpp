#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/request.hpp"
#include "ports/logs.hpp"

namespace bisectd::http {

/// A request, with those headers that mean something here. All texts are hostile.
struct Request {
    std::string method;
    std::string target;
    bool over_unix = false;
    std::string host, origin, fetch_site, authorization, content_type, range, last_event_id;
    std::string if_none_match;
    std::string body;
};

/// A part of a log that is sent without being read into memory.
struct LogSpan {
    std::shared_ptr<const LogText> log;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

/// The answer is a stream of server-sent events.
struct EventSubscription {
    std::optional<std::uint64_t> after;  ///< seq; nothing: from now on
    BisectionId bisection = 0;           ///< 0: of all
};

struct Response {
    unsigned status = 200;
    std::string content_type;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;  ///< values without CR and LF
    std::optional<LogSpan> file;
    std::optional<EventSubscription> events;
    bool lasting = false;  ///< its address names its version: it never changes
};

Response json_response(unsigned status, std::string body);
Response text_response(std::string body);
Response html_response(unsigned status, std::string body);

/// Gives the answer to a read a strong entity tag, and makes it 304 when the client has that
/// already. Answers that are files, streams or errors stay as they are.
void tag_entity(const Request& request, Response& response);
/// A digest of a text that tells versions apart; no secret rests on it.
std::string version_of(std::string_view text);

/// An error as application/problem+json.
Response problem(unsigned status, std::string_view title, const Error& error);
/// The same for an error of a port; its kind chooses the status, `request_status` for requests.
Response problem_of(const Error& error, unsigned request_status);

}  // namespace bisectd::http
