#include "adapters/build/build_key.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "adapters/build/file_access.hpp"
#include "adapters/build/kernel_config.hpp"
#include "adapters/build/patch_stack.hpp"
#include "adapters/digest/sha256.hpp"

namespace bisectd::build {
namespace {

namespace fs = std::filesystem;
/// Raised when a change of this adapter changes what equal inputs build.
constexpr std::string_view generation = "1";

Result<void> add_file(Sha256& digest, const BuildOrder& order, const std::string& name) {
    auto file = recipe_file(order.recipe_folder, name);
    if (!file) return std::unexpected(file.error());
    auto text = read_file(*file, config_limit_bytes);
    if (!text) return std::unexpected(text.error());
    digest.add_part("file", *text);
    return {};
}

/// A command may use any file of the recipe, so all of them count.
Result<void> add_folder(Sha256& digest, const std::string& folder) {
    std::vector<std::string> names;
    std::error_code failed;
    for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end;
         at.increment(failed))
        if (at->is_regular_file(failed)) names.push_back(at->path().lexically_relative(folder));
    if (failed) return infrastructure(folder, "cannot be read: " + failed.message());
    std::ranges::sort(names);
    for (const std::string& name : names) {
        auto content = digest_of_file(fs::path(folder) / name);
        if (!content) return std::unexpected(content.error());
        digest.add_part(name, *content);
    }
    return {};
}

}  // namespace

Result<std::string> artefact_key(const BuildOrder& order, const std::string& stack_digest,
                                 const Toolchain& tools) {
    const BuildSpec& spec = order.spec;
    Sha256 digest;
    digest.add_part("generation", generation);
    digest.add_part("tree", order.tree);
    digest.add_part("stack", stack_digest);
    digest.add_part("toolchain", tools.digest);
    digest.add_part("kind", spec.kind == BuildKind::kernel ? "kernel" : "command");
    if (spec.network) digest.add_part("network", "asked for");
    for (const auto& [name, value] : spec.environment) digest.add_part("set " + name, value);
    if (spec.kind == BuildKind::command) {
        digest.add_part("command", spec.command);
        digest.add_part("commit", order.commit.hex());  // it is told to the command
        for (const std::string& name : spec.artefacts) digest.add_part("artefact", name);
        if (auto added = add_folder(digest, order.recipe_folder); !added)
            return std::unexpected(added.error());
        return digest.hex();
    }
    digest.add_part("arch", spec.arch);
    digest.add_part("cross", spec.cross_compile);
    digest.add_part("base", spec.base_config);
    digest.add_part("image", spec.image);
    for (const std::string& target : spec.targets) digest.add_part("target", target);
    for (const std::string& line : spec.required) digest.add_part("required", line);
    std::vector<std::string> files = spec.fragments;
    if (spec.base_config.starts_with("file:")) files.push_back(spec.base_config.substr(5));
    for (const std::string& name : files)
        if (auto added = add_file(digest, order, name); !added)
            return std::unexpected(added.error());
    return digest.hex();
}

}  // namespace bisectd::build
