#include "adapters/build/build_sources.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "adapters/build/file_access.hpp"
#include "core/build_inputs.hpp"

namespace bisectd::build {
namespace {

namespace fs = std::filesystem;

/// Source: an allmodconfig leaves about 30 000 of them, the largest half a megabyte.
constexpr std::size_t command_files_limit = 300'000;
constexpr std::size_t command_file_limit_bytes = 16 << 20;
/// All of them. Source: 1 s of reading for 167 MB. Unit: bytes.
constexpr std::uintmax_t commands_limit_bytes = 4ULL << 30;
/// Source: all of Linux has 90 000 files.
constexpr std::size_t paths_limit = 500'000;

struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};

bool is_plain(std::string_view name) {
    return std::ranges::all_of(name, [](unsigned char c) {
        return c > ' ' && c != 0x7f && c != '"' && c != '\'' && c != '\\' && c != '$';
    });
}

/// Calls `take` with each file that a dependency file names: the value of `source_X :=`, the words
/// of `deps_X :=` up to the line that does not go on.
template <class Take>
void each_named_file(std::string_view text, Take take) {
    bool inside = false;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.starts_with("source_") || line.starts_with("deps_")) {
            const auto value = line.find(":=");
            if (value == std::string_view::npos) continue;
            line.remove_prefix(value + 2);
            inside = true;
        }
        if (!inside) continue;
        inside = line.ends_with('\\');
        if (inside) line.remove_suffix(1);
        while (!line.empty()) {
            const auto start = line.find_first_not_of(" \t\r");
            if (start == std::string_view::npos) break;
            line.remove_prefix(start);
            const auto stop = std::min(line.find_first_of(" \t\r"), line.size());
            take(line.substr(0, stop));
            line.remove_prefix(stop);
        }
    }
}

/// Gathers the paths of one build.
class Gatherer {
  public:
    explicit Gatherer(const FinishedBuild& build) : build_(build) {
        std::error_code failed;
        source_ = fs::canonical(build.source, failed);
        output_ = fs::canonical(build.output, failed);
    }

    /// Reads all dependency files. False: more than anybody reads.
    Result<bool> read_commands();
    Result<void> read_command_file(const std::string& file);
    void add_steering_files();
    std::set<std::string> paths;

  private:
    void take(std::string_view word);
    void add(const fs::path& path);
    std::optional<std::string> below_source(const fs::path& path) const;
    void add_folder(const std::string& folder);
    std::set<std::string> own_architectures() const;

    const FinishedBuild& build_;
    fs::path source_, output_;
    std::unordered_set<std::string, Hash, std::equal_to<>> seen_;
    std::set<std::string> entered_;  ///< folders of the output that hold dependency files
};

Result<bool> Gatherer::read_commands() {
    std::error_code failed;
    std::size_t files = 0;
    std::uintmax_t bytes = 0;
    for (fs::recursive_directory_iterator at(output_, failed), end; !failed && at != end;
         at.increment(failed)) {
        const std::string name = at->path().filename();
        const bool command = name.starts_with('.') && name.ends_with(".cmd");
        if (!command && name != "auto.conf.cmd") continue;
        std::error_code odd;
        if (!at->is_regular_file(odd) || at->is_symlink(odd)) continue;
        const std::uintmax_t file_bytes = at->file_size(odd);
        bytes += file_bytes;
        if (odd || file_bytes > command_file_limit_bytes || bytes > commands_limit_bytes ||
            ++files > command_files_limit || paths.size() > paths_limit)
            return false;
        if (command) entered_.insert(at->path().parent_path().lexically_relative(output_));
        if (auto read = read_command_file(at->path()); !read) return std::unexpected(read.error());
    }
    if (failed)
        return infrastructure(build_.output,
                              "cannot be searched for what the build read: " + failed.message());
    return true;
}

Result<void> Gatherer::read_command_file(const std::string& file) {
    auto text = read_file(file, command_file_limit_bytes);
    if (!text) return std::unexpected(text.error());
    each_named_file(*text, [this](std::string_view word) { take(word); });
    return {};
}

void Gatherer::take(std::string_view word) {
    if (seen_.contains(word)) return;  // a few thousand headers are named a million times
    seen_.emplace(word);
    if (!is_plain(word)) return;
    const fs::path path(word);
    if (path.is_absolute()) return add(path);
    // The compiler works in the output folder; the configuration's reader in the tree.
    if (below_source(output_ / path)) return add(output_ / path);
    std::error_code failed;
    if (fs::exists(source_ / path, failed)) add(source_ / path);
}

std::optional<std::string> Gatherer::below_source(const fs::path& path) const {
    const std::string whole = path.lexically_normal();
    const std::string base = source_.string() + "/";
    if (!whole.starts_with(base) || whole.size() == base.size()) return std::nullopt;
    return whole.substr(base.size());
}

void Gatherer::add(const fs::path& path) {
    const auto named = below_source(path);
    if (!named) return;
    paths.insert(*named);
    // Device trees reach headers through links; git knows the file behind the link.
    std::error_code failed;
    const fs::path real = fs::canonical(path, failed);
    if (failed) return;
    if (auto behind = below_source(real); behind && is_plain(*behind)) paths.insert(*behind);
}

void Gatherer::add_folder(const std::string& folder) {
    const bool configurations = name_of(folder) == "configs";
    std::error_code failed;
    for (fs::directory_iterator at(source_ / folder, failed), end; !failed && at != end;
         at.increment(failed)) {
        std::error_code odd;
        if (!at->is_regular_file(odd)) continue;
        const std::string name = at->path().filename();
        const std::string path = folder.empty() ? name : fmt::format("{}/{}", folder, name);
        if (is_plain(path) && (configurations || steers_build(path))) paths.insert(path);
    }
}

std::set<std::string> Gatherer::own_architectures() const {
    std::set<std::string> own;
    for (const std::string& path : paths) {
        const auto name = architecture_of(path);
        if (!name.empty() && !name_of(path).starts_with("Kconfig"))
            own.insert("arch/" + std::string(name));
    }
    return own;
}

void Gatherer::add_steering_files() {
    std::set<std::string> folders = entered_;
    for (const std::string& path : paths) {
        if (name_of(path).starts_with("Kconfig")) continue;
        for (auto folder = folder_of(path);; folder = folder_of(folder)) {
            if (!folders.emplace(folder).second || folder.empty()) break;
        }
    }
    folders.erase(".");
    folders.insert("");
    for (const std::string& own : own_architectures()) {
        std::error_code failed;
        for (fs::recursive_directory_iterator at(source_ / own, failed), end; !failed && at != end;
             at.increment(failed))
            if (at->is_directory(failed) && at->path().filename() != "configs")
                folders.insert(at->path().lexically_relative(source_));
        if (build_.config_of_tree) folders.insert(own + "/configs");
    }
    if (build_.config_of_tree) folders.insert("kernel/configs");
    for (const std::string& folder : folders) add_folder(folder);
}

}  // namespace

Result<std::set<std::string>> build_sources(const FinishedBuild& build) {
    Gatherer gatherer(build);
    auto read = gatherer.read_commands();
    if (!read) return std::unexpected(read.error());
    if (!*read || gatherer.paths.empty()) return std::set<std::string>{};
    gatherer.add_steering_files();
    return std::move(gatherer.paths);
}

Result<std::set<std::string>> object_sources(const FinishedBuild& build,
                                             const std::string& command_file) {
    Gatherer gatherer(build);
    if (auto read = gatherer.read_command_file(build.output + "/" + command_file); !read)
        return std::unexpected(read.error());
    return std::move(gatherer.paths);
}

std::string listing_of(const std::set<std::string>& paths) {
    std::string text;
    for (const std::string& path : paths) text += path + "\n";
    return text;
}

}  // namespace bisectd::build
