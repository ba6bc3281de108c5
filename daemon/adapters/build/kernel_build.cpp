#include "adapters/build/kernel_build.hpp"

#include <fmt/format.h>

#include "adapters/build/build_sources.hpp"
#include "adapters/build/content_digest.hpp"
#include "adapters/build/elf_file.hpp"
#include "adapters/build/file_access.hpp"
#include "adapters/build/kernel_config.hpp"
#include "adapters/build/patch_stack.hpp"
#include "ports/offload.hpp"

namespace bisectd::build {
namespace {

constexpr std::size_t drift_limit = 100;
/// Git's state must not change the release: ours says it, and the build has no repository.
constexpr const char* forced_fragment = "# CONFIG_LOCALVERSION_AUTO is not set\n";

std::string localversion(const BuildOrder& order, const PreparedTree& tree) {
    if (!order.localversion.empty()) return order.localversion;
    std::string text = fmt::format("-bisect{}-g{}", order.bisection, order.commit.brief());
    if (!tree.stack_digest.empty()) text += "-p" + tree.stack_digest.substr(0, 6);
    return text;
}

/// The words that every call of make gets.
std::vector<std::string> make_command(const BuildOrder& order, const PreparedTree& tree,
                                      const Toolchain& tools, bool ccache, unsigned jobs) {
    const std::string cache = ccache ? "ccache " : "";
    std::vector<std::string> command{"make", "-C", tree.source, "O=" + tree.output,
                                     fmt::format("-j{}", jobs)};
    if (!order.spec.arch.empty()) command.push_back("ARCH=" + order.spec.arch);
    if (!order.spec.cross_compile.empty())
        command.push_back("CROSS_COMPILE=" + order.spec.cross_compile);
    if (ccache) {
        command.push_back("CC=" + cache + tools.compiler);
        command.push_back("HOSTCC=" + cache + tools.host_compiler);
    }
    if (!tools.nm.empty()) command.push_back("NM=" + tools.nm);
    command.push_back("LOCALVERSION=" + localversion(order, tree));
    return command;
}

std::vector<std::string> with(std::vector<std::string> command, const std::string& target) {
    command.push_back(target);
    return command;
}

Result<std::vector<std::string>> read_fragments(const BuildOrder& order) {
    std::vector<std::string> texts;
    for (const std::string& name : order.spec.fragments) {
        auto file = recipe_file(order.recipe_folder, name);
        if (!file) return std::unexpected(file.error());
        auto text = read_file(*file, config_limit_bytes);
        if (!text) return std::unexpected(text.error());
        texts.push_back(std::move(*text));
    }
    texts.emplace_back(forced_fragment);
    return texts;
}

/// What a build left in its output folder; a link out of it is not followed.
Result<std::string> path_of(const std::string& output, const std::string& name) {
    auto file = file_below(output, name);
    if (!file) return std::unexpected(file.error());
    if (!*file) return infrastructure("build", "the build left no file " + name);
    return **file;
}

Result<std::string> read_output(const std::string& output, const std::string& name,
                                std::size_t limit_bytes) {
    auto file = path_of(output, name);
    if (!file) return file;
    return read_file(*file, limit_bytes);
}

using Drift = std::variant<std::vector<std::string>, BuildRefusal>;

/// Leaves the final .config in the output folder; tells what the tree made of what was asked.
Task<Result<Drift>> configure(BuildRun& run, const BuildOrder& order, const PreparedTree& tree,
                              const std::vector<std::string>& make) {
    auto fragments = read_fragments(order);
    if (!fragments) co_return std::unexpected(fragments.error());
    std::string base;
    ConfigValues asked;
    if (order.spec.base_config.starts_with("file:")) {
        auto file = recipe_file(order.recipe_folder, order.spec.base_config.substr(5));
        if (!file) co_return std::unexpected(file.error());
        auto text = read_file(*file, config_limit_bytes);
        if (!text) co_return std::unexpected(text.error());
        base = std::move(*text);
        asked = read_config(base);
    } else {
        auto made = co_await run.step(with(make, order.spec.base_config));
        if (!made) co_return std::unexpected(made.error());
        if (*made) co_return Drift{std::move(**made)};
        auto text = read_output(tree.output, ".config", config_limit_bytes);
        if (!text) co_return std::unexpected(text.error());
        base = std::move(*text);
    }
    for (const std::string& fragment : *fragments)
        for (const auto& [name, value] : read_config(fragment)) asked[name] = value;
    if (auto laid = write_new_file(tree.output + "/.config", merge_config(base, *fragments)); !laid)
        co_return std::unexpected(laid.error());
    auto made = co_await run.step(with(make, "olddefconfig"));
    if (!made) co_return std::unexpected(made.error());
    if (*made) co_return Drift{std::move(**made)};
    auto text = read_output(tree.output, ".config", config_limit_bytes);
    if (!text) co_return std::unexpected(text.error());
    const ConfigValues got = read_config(*text);
    std::vector<std::string> drift = config_drift(asked, got, drift_limit);
    for (const std::string& line : drift) run.note("configuration drift: " + line);
    std::string missing;
    for (const std::string& line : unfulfilled(order.spec.required, got)) missing += line + "\n";
    if (!missing.empty()) co_return Drift{BuildRefusal{missing}};
    co_return Drift{std::move(drift)};
}

Result<std::string> read_release(const std::string& output) {
    auto text = read_output(output, "include/config/kernel.release", 256);
    if (!text) return std::unexpected(text.error());
    while (!text->empty() && text->back() == '\n') text->pop_back();
    if (text->empty() || text->find_first_of(" \n/") != std::string::npos)
        return infrastructure("build", "the build left no usable kernel.release");
    return text;
}

/// What the build read becomes a file of the artefact, when it is known.
Result<void> add_sources(Made& made, const FinishedBuild& build) {
    auto paths = build_sources(build);
    if (!paths) return std::unexpected(paths.error());
    if (paths->empty()) return {};
    const std::string file = build.output + "/.bisectd-sources";
    if (auto written = write_new_file(file, listing_of(*paths)); !written) return written;
    made.files.push_back({std::string(sources_name), file});
    return {};
}

/// Gathers what a finished build left behind.
Result<MadeResult> gather(const BuildOrder& order, const PreparedTree& tree,
                          std::vector<std::string> drift) {
    auto image = file_below(tree.output, order.spec.image);
    if (!image) return std::unexpected(image.error());
    if (!*image)
        return MadeResult{
            BuildRefusal{fmt::format("the build ended well but made no {}", order.spec.image)}};
    Made made;
    auto release = read_release(tree.output);
    if (!release) return std::unexpected(release.error());
    auto kernel = path_of(tree.output, "vmlinux");
    if (!kernel) return std::unexpected(kernel.error());
    auto config = path_of(tree.output, ".config");
    if (!config) return std::unexpected(config.error());
    auto build_id = build_id_of(*kernel);
    if (!build_id) return std::unexpected(build_id.error());
    const bool own_base = order.spec.base_config.starts_with("file:");
    const FinishedBuild finished{tree.source, tree.output, !own_base};
    auto content = kernel_content(finished, *release, *build_id);
    if (!content) return std::unexpected(content.error());
    made.artefact.release = *release;
    made.artefact.build_id = *build_id;
    made.artefact.content_sha256 = *content;
    made.artefact.drift = std::move(drift);
    made.files = {{"image", **image}, {"config", *config}};
    auto map = file_below(tree.output, "System.map");
    if (map && *map) made.files.push_back({"System.map", **map});
    if (auto added = add_sources(made, finished); !added) return std::unexpected(added.error());
    return MadeResult{std::move(made)};
}

}  // namespace

Task<Result<MadeResult>> build_kernel(BuildRun& run, BuildOrder order, PreparedTree tree,
                                      Toolchain tools, bool ccache,
                                      boost::asio::thread_pool& pool) {
    const auto make = make_command(order, tree, tools, ccache, run.jobs());
    auto configured = co_await configure(run, order, tree, make);
    if (!configured) co_return std::unexpected(configured.error());
    if (auto* refusal = std::get_if<BuildRefusal>(&*configured))
        co_return MadeResult{std::move(*refusal)};
    std::vector<std::string> command = make;
    command.insert(command.end(), order.spec.targets.begin(), order.spec.targets.end());
    auto built = co_await run.step(command);
    if (!built) co_return std::unexpected(built.error());
    if (*built) co_return MadeResult{std::move(**built)};
    auto work = [order, tree, drift = std::get<std::vector<std::string>>(std::move(*configured))] {
        return gather(order, tree, drift);
    };
    co_return co_await offload(pool, std::move(work));
}

Task<Result<MadeResult>> build_command(BuildRun& run, BuildOrder order, PreparedTree tree) {
    if (order.spec.artefacts.empty())
        co_return wrong_request("recipe, build",
                                "a command needs at least one file in "
                                "'artefacts': what does it leave behind?");
    run.environment["SOURCE"] = tree.source;
    run.environment["OUTPUT"] = tree.output;
    run.environment["JOBS"] = std::to_string(run.jobs());
    run.environment["COMMIT"] = order.commit.hex();
    run.environment["RECIPE"] = order.recipe_folder;
    std::vector<std::string> command{"sh", "-c", order.spec.command};
    auto built = co_await run.step(command);
    if (!built) co_return std::unexpected(built.error());
    if (*built) co_return MadeResult{std::move(**built)};
    Made made;
    for (const std::string& name : order.spec.artefacts) {
        auto file = file_below(tree.output, name);
        if (!file) co_return std::unexpected(file.error());
        if (!*file)
            co_return MadeResult{
                BuildRefusal{fmt::format("the command ended well but left no {}", name)}};
        const std::string own_name = name.substr(name.rfind('/') + 1);
        for (const NewFile& other : made.files)
            if (other.name == own_name)
                co_return wrong_request("recipe, build",
                                        fmt::format("two artefacts are called {}", own_name));
        made.files.push_back({own_name, **file});
    }
    co_return MadeResult{std::move(made)};
}

}  // namespace bisectd::build
