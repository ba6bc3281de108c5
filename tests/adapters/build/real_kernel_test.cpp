// Run by hand: BISECTD_LINUX=/path/to/bare.git BISECTD_COMMITS="good bad" build_test "[.full]"
// An arm64 kernel; with BISECTD_X86=1 one for x86_64.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <map>
#include <sstream>

#include "workbench.hpp"

using namespace workbench;

namespace {

/// Of what `name` means in the mirror.
BuildOrder order_of(const std::string& mirror, const std::string& name,
                    const CleanWorkshop& workshop, const Folder& recipe) {
    BuildOrder order;
    order.bisection = 1;
    order.mirror = mirror;
    order.commit = *CommitId::parse(sh(mirror, "git rev-parse " + name + "^{commit}"));
    order.tree = sh(mirror, "git rev-parse " + name + "^{tree}");
    order.recipe_folder = recipe.path;
    order.log = workshop.log_path(1, 1, 1);
    return order;
}

BuildSpec x86_spec(BuildSpec spec) {
    spec.arch = "x86_64";
    spec.cross_compile = "";
    spec.targets = {"bzImage"};
    spec.image = "arch/x86/boot/bzImage";
    return spec;
}

}  // namespace

TEST_CASE("a real kernel is built and rebuilt identically", "[.full][adapters][build]") {
    const char* mirror = std::getenv("BISECTD_LINUX");
    const char* names = std::getenv("BISECTD_COMMITS");
    REQUIRE(mirror != nullptr);
    REQUIRE(names != nullptr);
    const char* data = std::getenv("BISECTD_DATA");
    Folder scratch, recipe;
    CleanWorkshop workshop(data != nullptr ? data : scratch / "data", {});
    std::istringstream words(names);
    std::map<std::string, std::string> images;  // a commit named twice must give the same
    for (std::string name; words >> name;) {
        BuildOrder order = order_of(mirror, name, workshop, recipe);
        if (const char* fragment = std::getenv("BISECTD_FRAGMENT")) {
            write(recipe / "f.config", read(fragment));
            order.spec.fragments = {"f.config"};
        }
        order.spec.arch = "arm64";
        order.spec.cross_compile = "aarch64-linux-gnu-";
        order.spec.targets = {"Image"};
        order.spec.image = "arch/arm64/boot/Image";
        if (std::getenv("BISECTD_X86") != nullptr) order.spec = x86_spec(std::move(order.spec));
        const char* base = std::getenv("BISECTD_BASE");
        order.spec.base_config = base != nullptr ? base : "tinyconfig";
        order.spec.jobs = 2;
        const auto time = [start = std::chrono::steady_clock::now()] {
            return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        };
        auto prepared = finish(workshop.prepare(order));
        INFO((prepared ? "" : describe(prepared.error())));
        REQUIRE(prepared);
        const double checkout = time();
        auto built = finish(workshop.build(order, std::get<PreparedTree>(*prepared), {}));
        INFO((built ? "" : describe(built.error())));
        REQUIRE(built);
        if (auto* refusal = std::get_if<BuildRefusal>(&*built)) FAIL(refusal->excerpt);
        const auto& artefact = std::get<Artefact>(*built);
        const std::string& image = artefact.image().sha256;
        CHECK(images.try_emplace(order.commit.hex(), image).first->second == image);
        std::string drift;
        for (const auto& line : artefact.drift) drift += line + "\n";
        WARN(name << ": checkout " << checkout << " s, build " << artefact.seconds << " s, "
                  << artefact.release << ", build-id " << artefact.build_id << ", image "
                  << artefact.image().sha256 << ", content " << artefact.content_sha256 << ", "
                  << workshop.inputs(artefact)->size() << " files read\n"
                  << drift << sh("/", "grep 'compiler cache' " + order.log + " | tail -1"));
    }
}

// Also by hand: BISECTD_LINUX and BISECTD_COMMITS (the first one counts).
TEST_CASE("a real kernel is the same with and without the sandbox", "[.sandbox-kernel]") {
    const char* mirror = std::getenv("BISECTD_LINUX");
    const char* names = std::getenv("BISECTD_COMMITS");
    REQUIRE(mirror != nullptr);
    REQUIRE(names != nullptr);
    std::string name;
    std::istringstream(names) >> name;
    const Folder data, recipe;
    std::map<SandboxUse, Artefact> made;
    for (const SandboxUse use : {SandboxUse::required, SandboxUse::off}) {
        build::WorkshopOptions options;
        options.confinement.sandbox = use;
        options.ccache = false;
        CleanWorkshop workshop(data.path, options);
        BuildOrder order = order_of(mirror, name, workshop, recipe);
        order.spec = x86_spec(std::move(order.spec));
        order.spec.base_config = "tinyconfig";
        auto prepared = finish(workshop.prepare(order));
        REQUIRE(prepared);
        const auto built =
            finish(workshop.build(order, std::get<PreparedTree>(*prepared), ProgressSink()));
        INFO((built ? "" : describe(built.error())));
        REQUIRE(built);
        made[use] = std::get<Artefact>(*built);
        WARN(made[use].image().sha256 << " in " << made[use].seconds << " s");
    }
    CHECK(made[SandboxUse::required].image().sha256 == made[SandboxUse::off].image().sha256);
    CHECK(made[SandboxUse::required].build_id == made[SandboxUse::off].build_id);
    CHECK(made[SandboxUse::required].content_sha256 == made[SandboxUse::off].content_sha256);
}
