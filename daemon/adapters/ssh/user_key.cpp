#include "adapters/ssh/user_key.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "adapters/process/spawn.hpp"
#include "adapters/ssh/key_text.hpp"

namespace bisectd::ssh {
namespace {

constexpr std::size_t key_file_limit_bytes = 65'536;
constexpr std::string_view make_another =
    "make an ed25519 key without a passphrase (ssh-keygen -t ed25519 -N '' -f FILE) and add its "
    ".pub line to the board's authorized_keys";

Result<std::string> read_key_file(const std::string& file, const std::string& where) {
    // Non-blocking: a FIFO in its place must not hang the daemon.
    const process::Descriptor input{open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!input)
        return infrastructure(
            where, fmt::format("cannot read the private key {}: {}", file, std::strerror(errno)));
    struct stat info{};
    if (fstat(input.get(), &info) != 0 || !S_ISREG(info.st_mode))
        return infrastructure(where, fmt::format("the private key {} is not a file", file));
    // The same rule as ssh(1) has.
    if (info.st_uid == geteuid() && (info.st_mode & 077) != 0)
        return infrastructure(where, fmt::format("the private key {} can be read by others (mode "
                                                 "{:04o}): chmod 600 {}",
                                                 file, info.st_mode & 07777, file));
    std::string text(key_file_limit_bytes, '\0');
    const ssize_t got = read(input.get(), text.data(), text.size());
    if (got < 0)
        return infrastructure(
            where, fmt::format("cannot read the private key {}: {}", file, std::strerror(errno)));
    text.resize(static_cast<std::size_t>(got));
    return text;
}

std::unexpected<Error> encrypted(const std::string& file, const std::string& where) {
    return infrastructure(where, fmt::format("the private key {} has a passphrase, and nobody is "
                                             "there to type it: {}",
                                             file, make_another));
}

std::unexpected<Error> unfit(const std::string& file, const std::string& where,
                             std::string_view type) {
    return infrastructure(where, fmt::format("the private key {} is of type {}; only ed25519 and "
                                             "ecdsa keys can be used: {}",
                                             file, type, make_another));
}

/// Source: OpenSSH, PROTOCOL.key.
Result<std::string> check_openssh_key(std::string_view body, const std::string& file,
                                      const std::string& where) {
    constexpr std::string_view magic{"openssh-key-v1\0", 15};
    const std::optional<std::string> bytes = decode_base64(body);
    if (bytes && std::string_view(*bytes).starts_with(magic)) {
        std::string_view rest = std::string_view(*bytes).substr(magic.size());
        const auto cipher = take_string(rest);
        const auto derivation = take_string(rest);
        const auto options = take_string(rest);
        if (cipher && *cipher != "none") return encrypted(file, where);
        if (derivation && options && rest.size() > 4) rest.remove_prefix(4);
        const auto blob = take_string(rest);
        const auto key = blob ? public_key_of_blob(*blob) : std::nullopt;
        if (key && (key->type == "ssh-ed25519" || key->type.starts_with("ecdsa-sha2-nistp")))
            return key->line();
        if (key) return unfit(file, where, key->type == "ssh-rsa" ? "RSA" : key->type);
    }
    return infrastructure(where,
                          fmt::format("the private key {} is damaged: {}", file, make_another));
}

}  // namespace

Result<std::string> check_user_key(const std::string& file, const std::string& where) {
    if (file.empty())
        return infrastructure(where, "no private key is configured: set ssh.key_file of the board");
    const Result<std::string> text = read_key_file(file, where);
    if (!text) return std::unexpected(text.error());
    constexpr std::string_view begin = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
    constexpr std::string_view end = "-----END OPENSSH PRIVATE KEY-----";
    const std::string_view view = *text;
    if (view.starts_with(begin)) {
        const std::string_view body = view.substr(begin.size());
        return check_openssh_key(body.substr(0, body.find(end)), file, where);
    }
    if (view.starts_with("-----BEGIN RSA PRIVATE KEY")) return unfit(file, where, "RSA");
    if (view.find("ENCRYPTED") != view.npos) return encrypted(file, where);
    if (view.starts_with("-----BEGIN EC PRIVATE KEY") || view.starts_with("-----BEGIN PRIVATE KEY"))
        return std::string{};
    return infrastructure(where, fmt::format("{} holds no private key in OpenSSH's format (for a "
                                             "dropbear key: dropbearconvert): {}",
                                             file, make_another));
}

}  // namespace bisectd::ssh
