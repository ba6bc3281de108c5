#include "adapters/build/digest.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "adapters/process/spawn.hpp"

namespace bisectd::build {

using process::Descriptor;

struct Digest::Context {
    EVP_MD_CTX* handle = EVP_MD_CTX_new();
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { EVP_MD_CTX_free(handle); }
};

Digest::Digest() : context_(std::make_unique<Context>()) {
    BISECTD_ASSERT(context_->handle != nullptr);
    BISECTD_ASSERT(EVP_DigestInit_ex(context_->handle, EVP_sha256(), nullptr) == 1);
}
Digest::Digest(Digest&&) noexcept = default;
Digest::~Digest() = default;

void Digest::bytes(std::string_view bytes) {
    BISECTD_ASSERT(EVP_DigestUpdate(context_->handle, bytes.data(), bytes.size()) == 1);
}

void Digest::part(std::string_view name, std::string_view value) {
    bytes(fmt::format("{} {} {}\n", name, name.size(), value.size()));
    bytes(value);
    bytes("\n");
}

std::string Digest::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
    unsigned length = 0;
    BISECTD_ASSERT(EVP_DigestFinal_ex(context_->handle, raw.data(), &length) == 1);
    std::string text;
    for (unsigned i = 0; i < length; ++i) text += fmt::format("{:02x}", raw[i]);
    return text;
}

namespace {

std::unexpected<Error> failed(const std::string& path, const char* action) {
    return infrastructure(path, fmt::format("cannot {}: {}", action, std::strerror(errno)));
}

/// Calls `sink` with the pieces of a file; false from it ends the reading.
template <class Sink>
Result<void> read_pieces(const std::string& path, Sink sink) {
    Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file) return failed(path, "open it");
    std::vector<char> buffer(std::size_t{256} * 1024);
    for (;;) {
        const ssize_t got = read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(path, "read it");
        if (got == 0) return {};
        if (!sink(std::string_view(buffer.data(), static_cast<std::size_t>(got)))) return {};
    }
}

}  // namespace

Result<std::string> digest_of_file(const std::string& path) {
    Digest digest;
    auto read = read_pieces(path, [&digest](std::string_view piece) {
        digest.bytes(piece);
        return true;
    });
    if (!read) return std::unexpected(read.error());
    return digest.hex();
}

Result<std::string> read_file(const std::string& path, std::size_t limit_bytes) {
    std::string text;
    auto read = read_pieces(path, [&text, limit_bytes](std::string_view piece) {
        text += piece;
        return text.size() <= limit_bytes;
    });
    if (!read) return std::unexpected(read.error());
    if (text.size() > limit_bytes)
        return infrastructure(path, fmt::format("is larger than {} bytes", limit_bytes));
    return text;
}

Result<void> write_file(const std::string& path, std::string_view text) {
    Descriptor file{open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (!file) return failed(path, "write it");
    while (!text.empty()) {
        const ssize_t wrote = write(file.get(), text.data(), text.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return failed(path, "write it");
        text.remove_prefix(static_cast<std::size_t>(wrote));
    }
    if (fdatasync(file.get()) != 0) return failed(path, "make it durable");
    return {};
}

Result<void> sync_path(const std::string& path) {
    Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file || fsync(file.get()) != 0) return failed(path, "make it durable");
    return {};
}

}  // namespace bisectd::build
