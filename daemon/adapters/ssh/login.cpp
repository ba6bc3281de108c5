#include "adapters/ssh/login.hpp"

#include <fmt/format.h>

#include "adapters/ssh/key_text.hpp"
#include "adapters/ssh/user_key.hpp"

namespace bisectd::ssh {
namespace {

/// The pinned key. Errors: infrastructure when it is unfit; nothing when none is pinned.
Result<std::optional<PublicKey>> pinned_key(const SshSpec& spec, const std::string& where) {
    if (spec.host_key.empty()) return std::nullopt;
    std::optional<PublicKey> key = read_public_key(spec.host_key);
    if (!key)
        return infrastructure(where,
                              "ssh.host_key of the board is no public key line (\"ssh-ed25519 "
                              "AAAA...\", as ssh-keyscan -t ed25519 prints it after the name)");
    if (key->type != "ssh-ed25519" && !key->type.starts_with("ecdsa-sha2-nistp"))
        return infrastructure(where, fmt::format("a host key of type {} cannot be checked: pin the "
                                                 "board's ed25519 or ecdsa key (ssh-keyscan -t "
                                                 "ed25519,ecdsa HOST)",
                                                 key->type));
    return key;
}

/// Without this the library and the server agree on a key type that is not the pinned one, and a
/// board that is right looks wrong.
Result<void> restrict_types(Connection& connection, const std::optional<PublicKey>& pinned) {
    if (!pinned) return {};
    const int code = libssh2_session_method_pref(connection.session(), LIBSSH2_METHOD_HOSTKEY,
                                                 pinned->type.c_str());
    if (code != 0) return connection.failure("cannot ask for a host key of type " + pinned->type);
    return {};
}

Task<Result<void>> shake_hands(Connection& connection, const std::optional<PublicKey>& pinned,
                               int socket, Limit limit) {
    auto handshake = [session = connection.session(), socket] {
        return libssh2_session_handshake(session, socket);
    };
    const Result<int> code = co_await connection.repeat(handshake, limit);
    if (!code) co_return std::unexpected(code.error());
    if (*code == 0) co_return Result<void>{};
    if (*code == LIBSSH2_ERROR_KEX_FAILURE && !connection.lost() && pinned)
        co_return connection.failure(
            fmt::format("no common methods; does the board have a host key of the pinned type {}?",
                        pinned->type));
    co_return connection.failure("no SSH greeting or key exchange");
}

Result<void> compare_host_key(Connection& connection, const std::optional<PublicKey>& pinned) {
    std::size_t size = 0;
    int type = 0;
    const char* blob = libssh2_session_hostkey(connection.session(), &size, &type);
    const auto shown =
        blob == nullptr ? std::nullopt : public_key_of_blob(std::string_view(blob, size));
    if (!shown) return connection.failure("the board shows no host key");
    if (!pinned)
        return infrastructure(
            connection.where(),
            fmt::format("no host key is pinned. The board shows {}; compare it "
                        "with the board's own ({}), then set ssh.host_key = \"{}\"",
                        shown->fingerprint(), "ssh-keygen -l", shown->line()));
    if (shown->blob == pinned->blob) return {};
    return infrastructure(
        connection.where(),
        fmt::format("host key differs from the pinned one: the board shows {} ({}), pinned is {}. "
                    "If the board was installed anew, set ssh.host_key = \"{}\"; if not, another "
                    "machine answers at this address",
                    shown->fingerprint(), shown->type, pinned->fingerprint(), shown->line()));
}

Task<Result<void>> show_user_key(Connection& connection, SshSpec spec, Limit limit) {
    const Result<std::string> public_line = check_user_key(spec.key_file, connection.where());
    if (!public_line) co_return std::unexpected(public_line.error());
    auto authenticate = [session = connection.session(), &spec] {
        return libssh2_userauth_publickey_fromfile_ex(session, spec.user.c_str(),
                                                      static_cast<unsigned>(spec.user.size()),
                                                      nullptr, spec.key_file.c_str(), nullptr);
    };
    const Result<int> code = co_await connection.repeat(authenticate, limit);
    if (!code) co_return std::unexpected(code.error());
    if (*code == 0) co_return Result<void>{};
    if (connection.lost()) co_return connection.failure("not logged in");
    if (*code == LIBSSH2_ERROR_AUTHENTICATION_FAILED ||
        *code == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED) {
        connection.give_up();
        co_return infrastructure(
            connection.where(),
            fmt::format("the board refuses user {} with the key {}: add its public part to the "
                        "board's authorized_keys{}{}",
                        spec.user, spec.key_file, public_line->empty() ? "" : ": ", *public_line));
    }
    co_return connection.failure(fmt::format("cannot log in with the key {}", spec.key_file));
}

}  // namespace

Task<Result<void>> log_in(Connection& connection, SshSpec spec, Limit limit) {
    const auto pinned = pinned_key(spec, connection.where());
    if (!pinned) co_return std::unexpected(pinned.error());
    const Result<void> restricted = restrict_types(connection, *pinned);
    if (!restricted) co_return std::unexpected(restricted.error());
    const Result<void> greeted =
        co_await shake_hands(connection, *pinned, connection.descriptor(), limit);
    if (!greeted) co_return std::unexpected(greeted.error());
    const Result<void> known = compare_host_key(connection, *pinned);
    if (!known) co_return std::unexpected(known.error());
    connection.begin("login");
    Result<void> shown = co_await show_user_key(connection, std::move(spec), limit);
    co_return shown;
}

}  // namespace bisectd::ssh
