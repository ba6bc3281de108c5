#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bisectd::ssh {

/// Errors: nothing when it is no base64 with its padding. Line ends inside are allowed.
std::optional<std::string> decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

/// Takes a string of the SSH wire format (a length in four bytes, then as many) off the front.
/// Errors: nothing when it is cut short.
std::optional<std::string_view> take_string(std::string_view& bytes);

/// A public key as OpenSSH writes it: "TYPE BASE64 [COMMENT]".
struct PublicKey {
    std::string type;  ///< "ssh-ed25519", "ecdsa-sha2-nistp256", ...
    std::string blob;  ///< raw, as it goes over the wire

    std::string line() const;         ///< "TYPE BASE64"
    std::string fingerprint() const;  ///< "SHA256:...", as ssh-keygen -l prints it
};

/// Errors: nothing when the line is none, or its two types differ.
std::optional<PublicKey> read_public_key(std::string_view line);

/// Errors: nothing when the blob does not start with the name of a type.
std::optional<PublicKey> public_key_of_blob(std::string_view blob);

}  // namespace bisectd::ssh
