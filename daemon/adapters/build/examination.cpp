#include "adapters/build/examination.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "adapters/build/rooms.hpp"
#include "adapters/process/spawn.hpp"

namespace bisectd::build {
namespace {

/// A checkout and an output folder of a kernel. Source: 1.5 GiB of sources, 2 GiB of objects of a
/// distribution's configuration without debugging information.
constexpr std::uint64_t tree_bytes = 4ULL << 30;
/// The same, some artefacts and what the compiler cache takes first.
constexpr std::uint64_t comfortable_bytes = 8ULL << 30;

Finding room_finding(const std::string& folder, std::uint64_t needed) {
    const std::uint64_t free = free_bytes(folder);
    const bool enough = free >= needed;
    return {"disk", enough,
            fmt::format("{} GiB are free below {}{}", free >> 30, folder,
                        enough ? "" : fmt::format(": a kernel needs about {}", needed >> 30))};
}

Finding program_finding(const std::string& program, const BuildSpec& spec) {
    const std::string path = program_of(program, spec);
    return {program, !path.empty(), path.empty() ? "was not found: install it" : path};
}

}  // namespace

std::string program_of(const std::string& program, const BuildSpec& spec) {
    const auto own = spec.environment.find("PATH");
    const char* ours = std::getenv("PATH");
    const std::string path = own != spec.environment.end() ? own->second
                             : ours != nullptr             ? std::string(ours)
                                                           : std::string();
    return process::find_program(program, path);
}

Task<std::vector<Finding>> examine_builder(const Place& place, Sandbox& sandbox,
                                           Toolchains& toolchains, BuildSpec spec) {
    std::vector<Finding> findings{program_finding("git", spec)};
    if (spec.kind == BuildKind::kernel)
        for (const char* program : {"make", "flex", "bison", "bc"})
            findings.push_back(program_finding(program, spec));
    findings.push_back(co_await sandbox.examine());
    auto tools = co_await toolchains.of(spec);
    findings.push_back(tools ? Finding{"tool chain", true, tools->description}
                             : Finding{"tool chain", false, describe(tools.error())});
    if (place.options.ccache) {
        const bool found = !program_of("ccache", spec).empty();
        findings.push_back({"compiler cache", found,
                            found ? fmt::format("ccache in {}, at most {}", place.ccache(),
                                                place.options.ccache_size)
                                  : "ccache was not found: builds work, but each takes its full "
                                    "time; install it"});
    }
    findings.push_back(room_finding(place.data, comfortable_bytes));
    if (!place.options.builds_folder.empty())
        findings.push_back(room_finding(place.builds(), tree_bytes));
    co_return findings;
}

}  // namespace bisectd::build
