#include "adapters/http/access.hpp"

#include "adapters/http/target.hpp"
#include "adapters/http/token.hpp"

namespace bisectd::http {
namespace {

bool is_loopback_host(std::string_view host) {
    for (const std::string_view name : {"localhost", "127.0.0.1", "[::1]"}) {
        if (!host.starts_with(name)) continue;
        const std::string_view rest = host.substr(name.size());
        if (rest.empty()) return true;
        if (rest.front() == ':' && parse_number<std::uint16_t>(rest.substr(1))) return true;
    }
    return false;
}

std::optional<Response> foreign_page(const Request& request) {
    const bool own_origin = request.origin.empty() || (request.origin == "http://" + request.host &&
                                                       is_loopback_host(request.host));
    const bool own_site = request.fetch_site.empty() || request.fetch_site == "same-origin" ||
                          request.fetch_site == "none";
    if (own_origin && own_site) return std::nullopt;
    return problem(403, "Not from another site",
                   Error{ErrorKind::request, "Origin",
                         "only pages of this daemon may change something; use bisectctl"});
}

}  // namespace

bool same_secret(std::string_view given, std::string_view secret) {
    // volatile: the compiler may not leave the loop early.
    volatile unsigned char different = given.size() == secret.size() ? 0 : 1;
    for (std::size_t i = 0; i < secret.size(); ++i) {
        const char c = i < given.size() ? given[i] : '\0';
        different = static_cast<unsigned char>(different | (c ^ secret[i]));
    }
    return different == 0;
}

std::optional<Response> refused(const Request& request, std::string_view digest) {
    if (!request.over_unix && !is_loopback_host(request.host))
        return problem(421, "Wrong host",
                       Error{ErrorKind::request, "Host",
                             "ask for localhost, 127.0.0.1 or [::1]; through a tunnel, keep that "
                             "name (ssh -L PORT:localhost:PORT)"});
    if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
    if (auto refusal = foreign_page(request)) return refusal;
    if (request.over_unix) return std::nullopt;
    constexpr std::string_view scheme = "Bearer ";
    const std::string_view given = request.authorization;
    if (!digest.empty() && given.starts_with(scheme) &&
        same_secret(digest_of_token(given.substr(scheme.size())), digest))
        return std::nullopt;
    Response refusal =
        problem(401, "Token needed",
                Error{ErrorKind::request, "Authorization",
                      "send \"Authorization: Bearer TOKEN\" with the token that `bisectd "
                      "--new-token` gave, or use the unix socket"});
    refusal.headers.emplace_back("WWW-Authenticate", "Bearer");
    return refusal;
}

}  // namespace bisectd::http
