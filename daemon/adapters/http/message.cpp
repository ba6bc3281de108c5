#include "adapters/http/message.hpp"

#include <boost/json.hpp>

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

Response problem(unsigned status, std::string_view title, const Error& error) {
    boost::json::object object;
    object["type"] = "about:blank";
    object["title"] = title;
    object["status"] = status;
    object["detail"] = to_json(error.what);
    object["where"] = to_json(error.where);
    object["kind"] = word(error.kind);
    return response(status, "application/problem+json", boost::json::serialize(object) + "\n");
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
