#include "adapters/build/toolchain.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "adapters/build/examination.hpp"
#include "adapters/build/file_access.hpp"
#include "adapters/digest/sha256.hpp"
#include "adapters/process/process.hpp"

namespace bisectd::build {
namespace {

std::string setting(const BuildSpec& spec, const std::string& name) {
    const auto found = spec.environment.find(name);
    return found == spec.environment.end() ? "" : found->second;
}

/// Compilers as the kernel's Makefile would choose them.
Toolchain names_of(const BuildSpec& spec) {
    Toolchain tools;
    const std::string llvm = setting(spec, "LLVM");
    const bool is_llvm = !llvm.empty() && llvm != "0";
    // LLVM=/path/ is a prefix, LLVM=-17 a suffix. Source: Documentation/kbuild/llvm.rst.
    const std::string before = is_llvm && llvm.ends_with('/') ? llvm : "";
    const std::string after = is_llvm && llvm.starts_with('-') ? llvm : "";
    tools.compiler = is_llvm ? before + "clang" + after : spec.cross_compile + "gcc";
    tools.host_compiler = is_llvm ? before + "clang" + after : "gcc";
    tools.linker = is_llvm ? before + "ld.lld" + after : spec.cross_compile + "ld";
    if (!setting(spec, "CC").empty()) tools.compiler = setting(spec, "CC");
    if (!setting(spec, "HOSTCC").empty()) tools.host_compiler = setting(spec, "HOSTCC");
    if (!setting(spec, "LD").empty()) tools.linker = setting(spec, "LD");
    return tools;
}

/// Changes when another program stands at this path.
std::string stamp_of(const std::string& path) {
    struct stat info{};
    if (stat(path.c_str(), &info) != 0) return {};
    return fmt::format("{} {} {}.{} {}", path, info.st_size, info.st_mtim.tv_sec,
                       info.st_mtim.tv_nsec, info.st_ino);
}

}  // namespace

Task<Result<std::string>> Toolchains::describe(std::string program, std::string path) {
    const std::string stamp = stamp_of(path);
    if (const auto found = known_.find(stamp); found != known_.end()) co_return found->second;
    ProcessSpec ask;
    ask.arguments = {path, "--version"};
    ask.keep_environment = false;
    auto confined = co_await sandbox_.confine(std::move(ask), View{});
    if (!confined) co_return std::unexpected(confined.error());
    auto said = co_await capture(confined->process, 16UL * 1024);
    if (!said) co_return std::unexpected(said.error());
    if (!said->end.ok())
        co_return infrastructure("tool chain", fmt::format("{} --version failed: {}", program,
                                                           said->errors.substr(0, 500)));
    std::error_code failed;
    const std::string real = std::filesystem::canonical(path, failed).string();
    std::string text = fmt::format("{}\n{}\n{}", program, real, said->output);
    if (known_.size() > 100) known_.clear();
    known_[stamp] = text;
    co_return text;
}

Task<Result<std::string>> Toolchains::nm_of(BuildSpec spec) {
    for (const char* own_choice : {"LLVM", "CC", "NM"})
        if (!setting(spec, own_choice).empty()) co_return "";
    const std::string program = spec.cross_compile + "gcc-nm";
    const std::string path = program_of(program, spec);
    if (path.empty() || !co_await sandbox_.sees(path)) co_return "";
    // A GCC that was built without plugins has one that refuses to work.
    auto text = co_await describe(program, path);
    if (!text && text.error().kind == ErrorKind::cancelled) co_return std::unexpected(text.error());
    co_return text ? program : "";
}

Task<Result<Toolchain>> Toolchains::of(BuildSpec spec) {
    Toolchain tools = names_of(spec);
    Sha256 digest;
    std::vector<std::string> programs{tools.compiler, tools.linker, tools.host_compiler};
    for (const std::string& named : programs) {
        const std::string program = named.substr(0, named.find(' '));  // CC="gcc -m32"
        const std::string path = program_of(program, spec);
        if (path.empty()) {
            if (spec.kind == BuildKind::command) continue;
            co_return infrastructure("tool chain",
                                     fmt::format("{} was not found: install it, or mend "
                                                 "cross_compile in the recipe",
                                                 program));
        }
        if (const bool seen = co_await sandbox_.sees(path); !seen) {
            if (spec.kind == BuildKind::command) continue;
            co_return infrastructure(
                "tool chain",
                fmt::format("{} is {}, which builds in the sandbox do not see: add the folder of "
                            "this tool chain to 'readable' of [builds] in bisectd.toml",
                            program, path));
        }
        auto text = co_await describe(program, path);
        if (!text) co_return std::unexpected(text.error());
        digest.add_part(named, *text);
        const auto start = text->find('\n', text->find('\n') + 1) + 1;
        const std::string version = text->substr(start, text->find('\n', start) - start);
        if (&named == &programs.front()) tools.version = version;
        tools.description += version + "; ";
    }
    tools.digest = digest.hex();
    if (spec.kind == BuildKind::kernel) {
        auto nm = co_await nm_of(spec);
        if (!nm) co_return std::unexpected(nm.error());
        tools.nm = *nm;
    }
    co_return tools;
}

}  // namespace bisectd::build
