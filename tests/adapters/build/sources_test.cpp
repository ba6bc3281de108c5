#include <catch2/catch.hpp>

#include "adapters/build/build_sources.hpp"
#include "adapters/build/commit_list.hpp"
#include "workbench.hpp"

using namespace workbench;
using Paths = std::set<std::string>;

namespace {

/// A source and an output folder, as kbuild leaves them.
struct BuiltTree {
    Folder place;
    std::string source = place / "source", output = place / "output";
    BuiltTree() {
        for (const char* file :
             {"Makefile", "Kconfig", "MAINTAINERS", "fs/Makefile", "fs/namei.c", "fs/other.c",
              "include/linux/fs.h", "include/dt-bindings/clock.h", "drivers/gpu/Makefile",
              "drivers/gpu/Kconfig", "lib/Makefile", "lib/table.map", "lib/x.c",
              "arch/arm64/boot/dts/a.dts", "arch/arm64/configs/defconfig",
              "arch/arm64/tools/cpucaps", "kernel/configs/tiny.config", "arch/x86/Makefile"})
            write(source + "/" + file, "");
        write(output + "/.config", "");
    }
    Paths sources(bool config_of_tree = false) const {
        auto paths = build::build_sources({source, output, config_of_tree});
        REQUIRE(paths);
        return *paths;
    }
};

constexpr const char* namei_command =
    "savedcmd_fs/namei.o := gcc -c ../source/fs/namei.c\n\n"
    "source_fs/namei.o := ../source/fs/namei.c\n\n"
    "deps_fs/namei.o := \\\n"
    "    $(wildcard include/config/FS) \\\n"
    "  ../source/include/linux/fs.h \\\n"
    "  include/generated/autoconf.h \\\n\n"
    "fs/namei.o: $(deps_fs/namei.o)\n\n$(deps_fs/namei.o):\n";

}  // namespace

TEST_CASE("what a kernel was built from is kept with it", "[adapters][build]") {
    Bench bench;
    bench.toy.put("value.h", "int value = 1;\n");
    bench.toy.put("unread.h", "int other = 1;\n");
    bench.toy.put("main.c",
                  "#include \"value.h\"\nconst char release[] = RELEASE;\nvoid start(void) {}\n");
    const Artefact built = bench.artefact(bench.order(bench.toy.commit("with a header")));
    const auto inputs = bench.workshop.inputs(built);
    REQUIRE(inputs);
    CHECK(inputs->reads("main.c"));
    CHECK(inputs->reads("value.h"));
    CHECK(inputs->reads("Makefile"));
    CHECK_FALSE(inputs->reads("unread.h"));
    const auto found = bench.workshop.find(built.key);
    REQUIRE(found);
    CHECK(bench.workshop.inputs(*found)->size() == inputs->size());
    Artefact older = built;
    std::erase_if(older.files, [](const ArtefactFile& file) { return file.name == "sources"; });
    CHECK(bench.workshop.inputs(older)->empty());
}

TEST_CASE("dependency files tell what was compiled, and folders what steered it",
          "[adapters][build]") {
    const BuiltTree built;
    CHECK(built.sources().empty());  // none were left: nothing is known
    write(built.output + "/fs/.namei.o.cmd", namei_command);
    write(built.output + "/lib/.built-in.a.cmd", "cmd_lib/built-in.a := rm -f lib/built-in.a\n");
    write(built.output + "/include/config/auto.conf.cmd",
          "deps_config := \\\n\tdrivers/gpu/Kconfig \\\n\tKconfig\n\nx: y\n");
    CHECK(built.sources() == Paths{"Kconfig", "Makefile", "drivers/gpu/Kconfig", "fs/Makefile",
                                   "fs/namei.c", "include/linux/fs.h", "lib/Makefile",
                                   "lib/table.map"});
}

TEST_CASE("absolute names, links and the tree's own configurations are found",
          "[adapters][build]") {
    const BuiltTree built;
    std::filesystem::create_directories(built.source + "/scripts/dtc");
    std::filesystem::create_directory_symlink("../../include/dt-bindings",
                                              built.source + "/scripts/dtc/dt-bindings");
    write(built.output + "/arch/arm64/boot/dts/.a.dtb.cmd",
          "source_a.dtb := " + built.source + "/arch/arm64/boot/dts/a.dts\n\ndeps_a.dtb := \\\n  " +
              built.source + "/scripts/dtc/dt-bindings/clock.h \\\n");
    const Paths paths = built.sources(true);
    CHECK(paths.contains("arch/arm64/boot/dts/a.dts"));
    CHECK(paths.contains("include/dt-bindings/clock.h"));
    CHECK(paths.contains("arch/arm64/tools/cpucaps"));
    CHECK(paths.contains("arch/arm64/configs/defconfig"));
    CHECK(paths.contains("kernel/configs/tiny.config"));
    CHECK_FALSE(built.sources(false).contains("arch/arm64/configs/defconfig"));
}

TEST_CASE("names outside the tree and hostile names are left out", "[adapters][build]") {
    const BuiltTree built;
    write(
        built.output + "/.a.cmd",
        "source_a := /etc/passwd\n\ndeps_a := \\\n  ../../../../../etc/passwd \\\n  ../source \\\n"
        "  ../source/fs/na\x01mei.c \\\n  ../source/fs/\"x \\\n  ../source/fs/$(shell \\\n"
        "  ../source/fs/namei.c \\\n");
    for (const std::string& path : built.sources())
        CHECK((path == "fs/namei.c" || path == "Makefile" || path == "fs/Makefile" ||
               path == "Kconfig"));
    CHECK(built.sources().contains("fs/namei.c"));
}

TEST_CASE("dependency files that nobody can have written are not read, and the build stands",
          "[adapters][build]") {
    const BuiltTree built;
    write(built.output + "/fs/.namei.o.cmd", namei_command);
    REQUIRE_FALSE(built.sources().empty());
    write(built.output + "/.big.cmd", "");
    std::filesystem::resize_file(built.output + "/.big.cmd", 17 << 20);  // a hole
    CHECK(built.sources().empty());
}

TEST_CASE("a list of commits is frozen, and a changed one is noticed", "[adapters][build]") {
    Bench bench;
    const CommitId second = bench.toy.commit("second");
    const auto list = bench.workshop.freeze_commits(7, "unlikely", {bench.first, second});
    REQUIRE(list);
    CHECK(read(list->file) == bench.first.hex() + "\n" + second.hex() + "\n");
    CHECK(*bench.workshop.frozen_commits(*list) == std::vector<CommitId>{bench.first, second});
    CHECK(bench.workshop.freeze_commits(7, "unlikely", {bench.first, second})->sha256 ==
          list->sha256);
    write(list->file, bench.first.hex() + "\n");
    const auto changed = bench.workshop.frozen_commits(*list);
    REQUIRE_FALSE(changed);
    CHECK(changed.error().kind == ErrorKind::infrastructure);
}
