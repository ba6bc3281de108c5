#include "adapters/ssh/digest.hpp"

#include <fmt/format.h>

#include "core/error.hpp"

namespace bisectd::ssh {

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    BISECTD_ASSERT(context_ != nullptr);
    BISECTD_ASSERT(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

void Sha256::add(std::string_view bytes) {
    BISECTD_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

std::string Sha256::raw() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    BISECTD_ASSERT(EVP_DigestFinal_ex(context_.get(), digest, &size) == 1);
    return std::string(digest, digest + size);
}

std::string Sha256::hex() {
    std::string text;
    for (const char byte : raw()) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return text;
}

}  // namespace bisectd::ssh
