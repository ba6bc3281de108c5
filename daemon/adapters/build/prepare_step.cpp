#include "adapters/build/prepare_step.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "adapters/build/file_access.hpp"
#include "adapters/build/patch_stack.hpp"
#include "adapters/build/recipe_copy.hpp"

namespace bisectd::build {
namespace {

/// Longest that a recipe's `prepare` may take.
constexpr std::chrono::minutes prepare_limit{30};

Task<Result<void>> run_command(Sandbox& sandbox, const Recipe& recipe, std::string folder,
                               std::string scratch, std::string log) {
    const std::string where = "recipe " + recipe.name + ", reproducer.prepare";
    ProcessSpec spec;
    spec.arguments = {"sh", "-c", recipe.reproducer.prepare};
    spec.folder = folder;
    spec.keep_environment = false;
    spec.environment = recipe.build.environment;
    spec.output_file = log;
    spec.deadline = prepare_limit;
    View view{.writable = {folder},
              .readable = {},
              .scratch = std::move(scratch),
              .network = recipe.reproducer.network};
    auto confined = co_await sandbox.confine(std::move(spec), std::move(view));
    if (!confined) co_return std::unexpected(confined.error());
    BuildLog words({});
    OutputSink sink = [&words](std::string_view piece) { words.take(piece); };
    auto end = co_await run_process(confined->process, std::move(sink));
    words.finish();
    if (!end) co_return std::unexpected(end.error());
    if (auto logged = sync_path(log); !logged) co_return std::unexpected(logged.error());
    if (end->ok()) co_return Result<void>{};
    if (end->timed_out) co_return infrastructure(where, "did not end in time");
    if (end->signal != 0)
        co_return infrastructure(where, fmt::format("was ended by signal {}", end->signal));
    if (auto fault = sandbox.fault(*confined, *end, words)) co_return infrastructure(where, *fault);
    co_return wrong_request(where,
                            fmt::format("exit {}; see {}\n{}", end->exit, log, words.excerpt()));
}

}  // namespace

Task<Result<std::string>> run_prepare_step(Sandbox& sandbox, Sweeper& sweeper, PrepareStep step) {
    const Recipe& recipe = step.recipe;
    const std::string folder = step.folder + "/reproducer";
    const std::string done = folder + ".done";
    const std::string scratch = folder + ".tmp";
    if (auto before = read_file(done, 1000); before && *before == recipe.digest) co_return folder;
    if (auto made = make_folder(step.folder + "/logs"); !made)
        co_return std::unexpected(made.error());
    // The second is left by a daemon that was killed in the middle.
    for (const std::string& earlier : {folder, scratch})
        if (auto gone = sweeper.discard(earlier); !gone) co_return std::unexpected(gone.error());
    if (auto copied = copy_recipe(recipe.folder, folder); !copied)
        co_return std::unexpected(copied.error());
    if (!recipe.reproducer.prepare.empty()) {
        if (auto made = make_folder(scratch); !made) co_return std::unexpected(made.error());
        auto ran = co_await run_command(sandbox, recipe, folder, scratch,
                                        step.folder + "/logs/reproducer.log");
        auto gone = sweeper.discard(scratch);
        if (!ran) co_return std::unexpected(ran.error());
        if (!gone) co_return std::unexpected(gone.error());
    }
    // Before it is said to be done: an empty file after a power cut would be a program that passes.
    for (const std::string& name : recipe.reproducer.files) {
        auto file = recipe_file(folder, name);
        if (!file) co_return std::unexpected(file.error());
        for (const std::string& path : {*file, std::filesystem::path(*file).parent_path().string()})
            if (auto durable = sync_path(path); !durable)
                co_return std::unexpected(durable.error());
    }
    if (auto written = write_file(done, recipe.digest); !written)
        co_return std::unexpected(written.error());
    co_return folder;
}

}  // namespace bisectd::build
