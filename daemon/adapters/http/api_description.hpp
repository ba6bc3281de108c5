#pragma once
#include <string>

namespace bisectd::http {

/// The OpenAPI 3.1 document of the API, made from the table of routes and the shapes of the
/// answers: it cannot say anything else than what is served. Kept in docs/openapi.json too.
const std::string& api_description();

}  // namespace bisectd::http
