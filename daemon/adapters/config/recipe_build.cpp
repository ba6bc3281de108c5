#include <fmt/core.h>

#include <algorithm>

#include "adapters/config/checks.hpp"
#include "adapters/config/recipe_file.hpp"
#include "adapters/config/words.hpp"

namespace bisectd::config {
namespace {

/// Source: the folders of arch/ in Linux 2.6 to 6.12, with the aliases that make knows.
constexpr std::string_view architectures[] = {
    "alpha",     "arc",  "arm",        "arm64", "csky",    "h8300", "hexagon",  "i386",   "ia64",
    "loongarch", "m68k", "microblaze", "mips",  "nds32",   "nios2", "openrisc", "parisc", "powerpc",
    "riscv",     "s390", "sh",         "sparc", "sparc64", "um",    "x86",      "x86_64", "xtensa"};

constexpr std::initializer_list<std::string_view> kernel_keys = {
    "arch", "cross_compile", "base_config", "fragments", "required", "targets", "image"};
constexpr std::initializer_list<std::string_view> command_keys = {"command", "artefacts"};

void check_path(const Section& section, std::string_view key, const std::string& path) {
    std::string problem = relative_path_problem(path);
    if (!problem.empty()) section.refuse(key, fmt::format("'{}' {}", key, problem));
}

void refuse_keys(const Section& build, std::initializer_list<std::string_view> keys,
                 std::string_view kind) {
    for (std::string_view key : keys)
        if (build.has(key))
            build.refuse(key, fmt::format("'{}' is only for kind = \"{}\"", key, kind));
}

void check_target(const Section& build, std::string_view key, const std::string& target) {
    bool good = std::all_of(target.begin(), target.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.' ||
               c == '/';
    });
    if (!good || target.starts_with('-') || target.starts_with('/'))
        build.refuse(key, fmt::format("'{}' is no make target: '{}'", key, shown(target)));
}

void read_base_config(const Section& build, BuildSpec& spec, const std::string& folder) {
    if (spec.base_config.starts_with("file:"))
        need_file(build, "base_config", folder, spec.base_config.substr(5));
    else if (spec.base_config.find("config") == std::string::npos)
        build.refuse("base_config",
                     fmt::format("'base_config' should be a make target such as \"defconfig\", "
                                 "or \"file:NAME\" for a file in this folder: '{}'",
                                 shown(spec.base_config)));
    else
        check_target(build, "base_config", spec.base_config);
}

void read_kernel(const Section& build, BuildSpec& spec, const std::string& folder) {
    refuse_keys(build, command_keys, "command");
    spec.arch = build.needed_text("arch");
    bool known = std::find(std::begin(architectures), std::end(architectures), spec.arch) !=
                 std::end(architectures);
    if (!spec.arch.empty() && !known) {
        std::string_view meant = nearest(spec.arch, architectures);
        build.refuse(
            "arch",
            fmt::format("'arch' is no architecture of Linux: '{}'{}", shown(spec.arch),
                        meant.empty() ? fmt::format("; use one of: {}", listed(architectures))
                                      : fmt::format("; did you mean '{}'?", meant)));
    }
    spec.cross_compile = build.text("cross_compile");
    std::string prefix = cross_compile_problem(spec.cross_compile);
    if (!prefix.empty()) build.refuse("cross_compile", "'cross_compile' " + prefix);
    spec.base_config = build.text("base_config", "defconfig");
    read_base_config(build, spec, folder);
    spec.fragments = build.texts("fragments");
    for (const std::string& name : spec.fragments) need_file(build, "fragments", folder, name);
    spec.required = build.texts("required");
    for (const std::string& line : spec.required)
        if (std::string problem = config_line_problem(line); !problem.empty())
            build.refuse("required", "'required' " + problem);
    spec.targets = build.needed_texts("targets");
    for (const std::string& target : spec.targets) check_target(build, "targets", target);
    spec.image = build.needed_text("image");
    check_path(build, "image", spec.image);
}

void read_command(const Section& build, BuildSpec& spec) {
    refuse_keys(build, kernel_keys, "kernel");
    spec.base_config.clear();
    spec.command = build.needed_text("command");
    spec.artefacts = build.needed_texts("artefacts");
    for (const std::string& path : spec.artefacts) check_path(build, "artefacts", path);
}

}  // namespace

void need_file(const Section& section, std::string_view key, const std::string& folder,
               const std::string& path) {
    std::string problem = file_in_folder_problem(folder, path);
    if (!problem.empty()) section.refuse(key, fmt::format("'{}' {}", key, problem));
}

BuildSpec read_build(const Section& build, const std::string& folder) {
    BuildSpec spec;
    spec.kind =
        build.word<BuildKind>("kind", BuildKind::kernel,
                              {{"kernel", BuildKind::kernel}, {"command", BuildKind::command}});
    if (spec.kind == BuildKind::kernel)
        read_kernel(build, spec, folder);
    else
        read_command(build, spec);
    for (auto& [name, value] : build.section("environment", {}).pairs()) {
        std::string problem = variable_problem(name);
        if (!problem.empty()) build.refuse("environment", "[build.environment]: " + problem);
        spec.environment.emplace(name, value);
    }
    spec.deadline = build.duration("deadline", spec.deadline, std::chrono::seconds(1));
    spec.jobs = static_cast<unsigned>(build.number("jobs", 0, 0, 1024));
    spec.network = build.flag("network", false);
    spec.failure_is_bad = build.flag("failure_is_bad", false);
    return spec;
}

}  // namespace bisectd::config
