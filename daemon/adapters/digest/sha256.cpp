#include "adapters/digest/sha256.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include "core/error.hpp"

namespace bisectd {

struct Sha256::Context {
    EVP_MD_CTX* handle = EVP_MD_CTX_new();
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { EVP_MD_CTX_free(handle); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
    BISECTD_ASSERT(context_->handle != nullptr);
    BISECTD_ASSERT(EVP_DigestInit_ex(context_->handle, EVP_sha256(), nullptr) == 1);
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
    BISECTD_ASSERT(EVP_DigestUpdate(context_->handle, bytes.data(), bytes.size()) == 1);
}

void Sha256::add_part(std::string_view name, std::string_view value) {
    add(fmt::format("{} {} {}\n", name, name.size(), value.size()));
    add(value);
    add("\n");
}

std::string Sha256::raw() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    BISECTD_ASSERT(EVP_DigestFinal_ex(context_->handle, digest, &size) == 1);
    return std::string(digest, digest + size);
}

std::string Sha256::hex() {
    std::string text;
    for (const char byte : raw()) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return text;
}

}  // namespace bisectd
