#include "adapters/ssh/key_text.hpp"

#include <openssl/evp.h>

#include <algorithm>

#include "adapters/digest/sha256.hpp"

namespace bisectd::ssh {
namespace {

/// Far above the biggest key; keeps the lengths inside OpenSSL's int.
constexpr std::size_t text_limit_bytes = 1 << 20;

unsigned char byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() > text_limit_bytes) return std::nullopt;
    std::string compact(text);
    std::erase_if(compact, [](char c) { return c == '\n' || c == '\r'; });
    if (compact.empty() || compact.size() % 4 != 0) return std::nullopt;
    std::string bytes(compact.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(compact.data()),
                                     static_cast<int>(compact.size()));
    if (size < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size));
    // The padding counts as zero bytes there.
    for (std::size_t i = 0; i < 2 && compact[compact.size() - 1 - i] == '='; ++i) bytes.pop_back();
    return bytes;
}

std::string encode_base64(std::string_view bytes) {
    std::string text((std::min(bytes.size(), text_limit_bytes) + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(std::min(bytes.size(), text_limit_bytes)));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::optional<std::string_view> take_string(std::string_view& bytes) {
    if (bytes.size() < 4) return std::nullopt;
    std::uint32_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size = size << 8 | byte_at(bytes, i);
    if (bytes.size() - 4 < size) return std::nullopt;
    const std::string_view value = bytes.substr(4, size);
    bytes.remove_prefix(4 + std::size_t{size});
    return value;
}

std::string PublicKey::line() const {
    return type + " " + encode_base64(blob);
}

std::string PublicKey::fingerprint() const {
    Sha256 digest;
    digest.add(blob);
    std::string text = encode_base64(digest.raw());
    while (!text.empty() && text.back() == '=') text.pop_back();
    return "SHA256:" + text;
}

std::optional<PublicKey> read_public_key(std::string_view line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    const std::size_t space = line.find(' ');
    if (space == line.npos) return std::nullopt;
    const std::string_view rest = line.substr(space + 1);
    const std::optional<std::string> blob = decode_base64(rest.substr(0, rest.find(' ')));
    if (!blob) return std::nullopt;
    std::optional<PublicKey> key = public_key_of_blob(*blob);
    if (!key || key->type != line.substr(0, space)) return std::nullopt;
    return key;
}

std::optional<PublicKey> public_key_of_blob(std::string_view blob) {
    std::string_view rest = blob;
    const std::optional<std::string_view> type = take_string(rest);
    const auto printable = [](char c) { return c > ' ' && c < 0x7f; };
    if (!type || type->empty() || type->size() > 64 ||
        !std::all_of(type->begin(), type->end(), printable))
        return std::nullopt;
    return PublicKey{std::string(*type), std::string(blob)};
}

}  // namespace bisectd::ssh
