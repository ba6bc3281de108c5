#include "core/build_inputs.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace bisectd {
namespace {

constexpr std::string_view arch_folder = "arch/";

bool is_kconfig(std::string_view path) {
    return name_of(path).starts_with("Kconfig");
}

/// Of these a compiler (or dtc) names every one that it read.
bool is_program_text(std::string_view name) {
    constexpr std::array<std::string_view, 9> ends{".c",    ".h",    ".S",  ".s",  ".dts",
                                                   ".dtsi", ".dtso", ".rs", ".cpp"};
    return std::ranges::any_of(ends, [name](auto end) { return name.ends_with(end); });
}

}  // namespace

std::string_view folder_of(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::string_view architecture_of(std::string_view path) {
    if (!path.starts_with(arch_folder)) return {};
    path.remove_prefix(arch_folder.size());
    const auto slash = path.find('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

bool is_documentation(std::string_view path) {
    constexpr std::array<std::string_view, 8> names{"MAINTAINERS", "CREDITS",      "COPYING",
                                                    "README",      "LICENSE",      ".mailmap",
                                                    ".gitignore",  ".clang-format"};
    // Texts are made into code in some places: arch/x86/lib/x86-opcode-map.txt.
    constexpr std::array<std::string_view, 2> ends{".rst", ".md"};
    const std::string_view name = name_of(path);
    return path.starts_with("Documentation/") || path.starts_with("LICENSES/") ||
           std::ranges::find(names, name) != names.end() || name.starts_with("README") ||
           std::ranges::any_of(ends, [name](auto end) { return name.ends_with(end); });
}

bool steers_build(std::string_view path) {
    const std::string_view folder = folder_of(path);
    // A folder of configurations is entered for the one that is asked for, which is listed.
    const bool configurations = name_of(folder) == "configs";
    return !is_program_text(name_of(path)) && !is_documentation(path) && !configurations;
}

BuildInputs BuildInputs::parse(std::string_view listing) {
    BuildInputs inputs;
    while (!listing.empty()) {
        const auto end = std::min(listing.find('\n'), listing.size());
        const std::string_view path = listing.substr(0, end);
        listing.remove_prefix(std::min(end + 1, listing.size()));
        if (path.empty()) continue;
        inputs.files_.emplace(path);
        if (is_kconfig(path)) continue;
        for (std::string_view folder = folder_of(path);; folder = folder_of(folder)) {
            const bool fresh = inputs.folders_.emplace(folder).second;
            if (!fresh || folder.empty()) break;
        }
    }
    return inputs;
}

bool BuildInputs::reads(std::string_view path) const {
    if (files_.contains(std::string(path))) return true;
    const std::string_view architecture = architecture_of(path);
    const bool foreign = !architecture.empty() &&
                         !folders_.contains(std::string(arch_folder) + std::string(architecture));
    if (foreign) return false;
    if (path.starts_with("scripts/")) return !is_documentation(path);
    if (is_kconfig(path)) return !is_documentation(path);
    // Tables and scripts of an architecture are made into headers that all files read.
    const bool entered = !architecture.empty() || folders_.contains(std::string(folder_of(path)));
    return entered && steers_build(path);
}

std::vector<std::string> BuildInputs::architectures() const {
    std::set<std::string> found;
    for (const std::string& path : files_)
        if (folders_.contains(std::string(folder_of(path))))
            if (const auto name = architecture_of(path); !name.empty()) found.emplace(name);
    return {found.begin(), found.end()};
}

}  // namespace bisectd
