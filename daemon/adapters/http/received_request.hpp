#pragma once
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "adapters/http/message.hpp"

namespace bisectd::http {

using ReceivedMessage = boost::beast::http::request<boost::beast::http::string_body>;

/// What means something here of a message that was read whole.
/// Errors: nothing when a header that must be single is not, an HTTP/1.1 request lacks Host, or
/// Content-Length is no plain number.
std::optional<Request> received_request(ReceivedMessage message, bool over_unix);

}  // namespace bisectd::http
