#include "adapters/config/builds_section.hpp"

#include <fmt/core.h>

#include <charconv>
#include <filesystem>

#include "adapters/config/checks.hpp"
#include "adapters/config/words.hpp"

namespace bisectd::config {
namespace {

/// Less is a mistake: one compiler of a kernel takes a few hundred megabytes.
constexpr std::uint64_t least_memory_bytes = 256ULL << 20;
constexpr int most_processors = 1024;

std::uint64_t read_memory(const Section& builds) {
    const std::string text = builds.text("memory");
    if (text.empty()) return 0;
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, failed] = std::from_chars(text.data(), end, number);
    const bool whole = failed == std::errc{} && stop + 1 == end && number < (1U << 20);
    const std::uint64_t bytes = !whole         ? 0
                                : *stop == 'G' ? number << 30
                                : *stop == 'M' ? number << 20
                                               : 0;
    if (bytes < least_memory_bytes)
        builds.refuse("memory", fmt::format("'memory' should be a size such as \"8G\" or "
                                            "\"512M\", at least 256M: '{}'",
                                            shown(text)));
    return bytes;
}

std::vector<std::string> read_folders(const Section& builds, const std::string& folder) {
    std::vector<std::string> folders = builds.texts("readable");
    for (std::string& path : folders) {
        path = path_from(folder, path);
        while (path.size() > 1 && path.ends_with('/')) path.pop_back();
        std::error_code failed;
        if (path.empty() || std::filesystem::equivalent(path, "/", failed))
            builds.refuse("readable",
                          "'readable' lists folders that builds may read; all of the "
                          "machine (\"/\") is too much");
        else if (!std::filesystem::is_directory(path, failed))
            builds.refuse("readable",
                          fmt::format("'readable' lists folders: '{}' is none", shown(path)));
    }
    return folders;
}

}  // namespace

ConfinementSpec read_builds(const Section& top, const std::string& folder) {
    ConfinementSpec spec;
    const Section builds =
        top.section("builds", {"sandbox", "network", "readable", "memory", "processors"});
    spec.sandbox = builds.word<SandboxUse>("sandbox", spec.sandbox,
                                           {{"auto", SandboxUse::automatic},
                                            {"required", SandboxUse::required},
                                            {"off", SandboxUse::off}});
    spec.network = builds.word<NetworkUse>("network", spec.network,
                                           {{"as-asked", NetworkUse::as_asked},
                                            {"never", NetworkUse::never},
                                            {"always", NetworkUse::always}});
    spec.readable = read_folders(builds, folder);
    spec.memory_bytes = read_memory(builds);
    spec.processors = static_cast<unsigned>(builds.number("processors", 0, 0, most_processors));
    return spec;
}

}  // namespace bisectd::config
