#include "adapters/http/message.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "adapters/http/api_views.hpp"
#include "adapters/json/fields.hpp"

namespace bisectd::http {
namespace {

Response response(unsigned status, std::string_view content_type, std::string body) {
    Response out;
    out.status = status;
    out.content_type = content_type;
    out.body = std::move(body);
    return out;
}

}  // namespace

Response json_response(unsigned status, std::string body) {
    return response(status, "application/json", std::move(body) + "\n");
}

Response text_response(std::string body) {
    return response(200, "text/plain; charset=utf-8", std::move(body));
}

Response html_response(unsigned status, std::string body) {
    return response(status, "text/html; charset=utf-8", std::move(body));
}

std::string version_of(std::string_view text) {
    // FNV-1a, 64 bits. Source: RFC draft-eastlake-fnv.
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return fmt::format("{:016x}", hash);
}

void tag_entity(const Request& request, Response& response) {
    const bool read = request.method == "GET" || request.method == "HEAD";
    if (!read || response.status != 200 || response.events || response.file) return;
    const std::string tag = "\"" + version_of(response.body) + "\"";
    response.headers.emplace_back("ETag", tag);
    // A list of tags, or a star; weak ones compare as equal. Source: RFC 9110, 13.1.2.
    if (request.if_none_match != "*" && request.if_none_match.find(tag) == std::string::npos)
        return;
    response.status = 304;
    response.body.clear();
}

Response problem(unsigned status, std::string_view title, const Error& error) {
    ProblemView view;
    view.title = title;
    view.status = status;
    view.detail = error.what;
    view.where = error.where;
    view.kind = word(error.kind);
    return response(status, "application/problem+json",
                    boost::json::serialize(to_json(view)) + "\n");
}

Response problem_of(const Error& error, unsigned request_status) {
    switch (error.kind) {
        case ErrorKind::request:
            return problem(request_status, "This cannot be done", error);
        case ErrorKind::infrastructure:
            return problem(503, "The lab failed", error);
        case ErrorKind::cancelled:
            return problem(409, "It was cancelled", error);
        case ErrorKind::bug:
            break;
    }
    return problem(500, "This is a fault of bisectd", error);
}

}  // namespace bisectd::http
