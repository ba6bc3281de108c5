#include "adapters/config/folder_digest.hpp"

#include <fmt/core.h>
#include <openssl/evp.h>

#include <filesystem>
#include <map>
#include <memory>
#include <system_error>

#include "adapters/config/checks.hpp"
#include "adapters/config/document.hpp"

namespace bisectd::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = std::size_t{64} * 1024 * 1024;
constexpr std::size_t most_files = 10000;

struct FreeDigest {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

class Sha256 {
  public:
    Sha256() : context_(EVP_MD_CTX_new()) {
        good_ = context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
    }
    /// Adds the length and the bytes.
    void add(const std::string& bytes) {
        std::string length = fmt::format("{}:", bytes.size());
        good_ = good_ && EVP_DigestUpdate(context_.get(), length.data(), length.size()) == 1 &&
                EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
    }
    Result<std::string> hex() {
        unsigned char bytes[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        if (!good_ || EVP_DigestFinal_ex(context_.get(), bytes, &size) != 1)
            return infrastructure("SHA-256", "OpenSSL failed");
        std::string text;
        for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
        return text;
    }

  private:
    std::unique_ptr<EVP_MD_CTX, FreeDigest> context_;
    bool good_ = false;
};

enum class Entry { file, link };

/// What is below the folder, by relative name; folders themselves do not count.
Result<std::map<std::string, Entry>> entries_of(const std::string& folder) {
    std::map<std::string, Entry> entries;
    std::error_code code;
    // Links to folders are not followed: they cannot lead in circles.
    fs::recursive_directory_iterator walk(folder, code);
    for (; !code && walk != fs::recursive_directory_iterator(); walk.increment(code)) {
        fs::file_status status = walk->symlink_status(code);
        if (code) break;
        std::string name = walk->path().lexically_relative(folder).string();
        if (fs::is_symlink(status))
            entries.emplace(name, Entry::link);
        else if (fs::is_regular_file(status))
            entries.emplace(name, Entry::file);
        else if (!fs::is_directory(status))
            return wrong_request(walk->path().string(),
                                 "is neither a file nor a folder: a recipe cannot have it");
        if (entries.size() > most_files)
            return wrong_request(folder, fmt::format("has more than {} files", most_files));
    }
    if (code) return infrastructure(folder, code.message());
    return entries;
}

/// The target of a link that stays in the folder.
Result<std::string> link_target(const std::string& folder, const std::string& name) {
    std::error_code code;
    fs::path target = fs::read_symlink(fs::path(folder) / name, code);
    if (code) return infrastructure(folder + "/" + name, code.message());
    fs::path root = fs::canonical(folder, code);
    fs::path real = fs::weakly_canonical(root / fs::path(name).parent_path() / target, code);
    fs::path relative = real.lexically_relative(root);
    if (code || relative.empty() || *relative.begin() == ".." || target.is_absolute())
        return wrong_request(folder + "/" + name,
                             "is a symbolic link that leaves the recipe's "
                             "folder: copy the file");
    return target.string();
}

}  // namespace

Result<std::string> folder_digest(const std::string& folder) {
    Result<std::map<std::string, Entry>> entries = entries_of(folder);
    if (!entries) return std::unexpected(entries.error());
    Sha256 digest;
    std::size_t left = most_bytes;
    for (const auto& [name, entry] : *entries) {
        Result<std::string> bytes = entry == Entry::link
                                        ? link_target(folder, name)
                                        : read_bounded((fs::path(folder) / name).string(), left);
        if (!bytes && left < most_bytes && bytes.error().what.starts_with("is larger"))
            return wrong_request(folder, "has more than 64 MiB of files");
        if (!bytes) return std::unexpected(bytes.error());
        left -= bytes->size();
        digest.add(entry == Entry::link ? "link" : "file");
        digest.add(name);
        digest.add(*bytes);
    }
    return digest.hex();
}

}  // namespace bisectd::config
