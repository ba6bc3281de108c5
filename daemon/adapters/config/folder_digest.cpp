#include "adapters/config/folder_digest.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <map>
#include <system_error>

#include "adapters/config/checks.hpp"
#include "adapters/config/document.hpp"
#include "adapters/digest/sha256.hpp"

namespace bisectd::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = std::size_t{64} * 1024 * 1024;
constexpr std::size_t most_files = 10000;

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
        digest.add_part(entry == Entry::link ? "link" : "file", name);
        digest.add_part("bytes", *bytes);
    }
    return digest.hex();
}

}  // namespace bisectd::config
