#include "adapters/build/commit_list.hpp"

#include <algorithm>
#include <filesystem>

#include "adapters/build/file_access.hpp"
#include "adapters/digest/sha256.hpp"

namespace bisectd::build {
namespace {

/// Source: all of Linux has 1.4 million commits of 41 bytes.
constexpr std::size_t list_limit_bytes = 256 << 20;

std::string digest_of(const std::string& text) {
    Sha256 digest;
    digest.add(text);
    return digest.hex();
}

}  // namespace

Result<FrozenList> freeze_commits(const std::string& folder, const std::string& name,
                                  const std::vector<CommitId>& commits) {
    std::string text;
    for (const CommitId& commit : commits) text += commit.hex() + "\n";
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return infrastructure(folder, "cannot make it: " + failed.message());
    const std::string file = folder + "/" + name + ".list";
    if (auto written = write_file(file + ".new", text); !written)
        return std::unexpected(written.error());
    std::filesystem::rename(file + ".new", file, failed);
    if (failed) return infrastructure(file, "cannot move it here: " + failed.message());
    if (auto durable = sync_path(folder); !durable) return std::unexpected(durable.error());
    return FrozenList{file, digest_of(text)};
}

Result<std::vector<CommitId>> read_commits(const FrozenList& list) {
    const auto text = read_file(list.file, list_limit_bytes);
    if (!text) return std::unexpected(text.error());
    if (digest_of(*text) != list.sha256)
        return infrastructure(list.file, "is not as it was written: somebody changed it");
    std::vector<CommitId> commits;
    for (std::string_view rest = *text; !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const auto id = CommitId::parse(rest.substr(0, end));
        if (!id) return infrastructure(list.file, "holds something that is no commit id");
        commits.push_back(*id);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return commits;
}

}  // namespace bisectd::build
