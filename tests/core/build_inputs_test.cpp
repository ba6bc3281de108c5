#include "core/build_inputs.hpp"

#include <catch2/catch.hpp>

using namespace bisectd;

namespace {

const BuildInputs inputs = BuildInputs::parse(
    "Makefile\n"
    "arch/arm64/kernel/setup.c\n"
    "arch/arm64/configs/defconfig\n"
    "drivers/media/Kconfig\n"
    "fs/namei.c\n"
    "include/linux/fs.h\n"
    "init/main.c\n");

}  // namespace

TEST_CASE("build inputs: what was listed is read, other program text beside it is not", "[core]") {
    CHECK(inputs.size() == 7);
    CHECK(inputs.reads("fs/namei.c"));
    CHECK(inputs.reads("include/linux/fs.h"));
    CHECK_FALSE(inputs.reads("fs/other.c"));
    CHECK_FALSE(inputs.reads("include/linux/other.h"));
    CHECK_FALSE(inputs.reads("drivers/media/usb/thing.c"));
}

TEST_CASE("build inputs: when in doubt a file counts as read", "[core]") {
    CHECK(inputs.reads("fs/Makefile"));
    CHECK(inputs.reads("Kbuild"));
    CHECK(inputs.reads("arch/arm64/Makefile"));       // a folder above one that was entered
    CHECK(inputs.reads("arch/arm64/tools/cpucaps"));  // anything that steers its architecture
    CHECK(inputs.reads("init/table.tbl"));            // made into code by a script
    CHECK(inputs.reads("scripts/link-vmlinux.sh"));   // any script
    CHECK(inputs.reads("scripts/mod/modpost.c"));
    CHECK(inputs.reads("drivers/gpu/Kconfig.debug"));  // options choose each other
}

TEST_CASE("build inputs: folders that were not entered steer nothing", "[core]") {
    CHECK_FALSE(inputs.reads("drivers/gpu/Makefile"));
    CHECK_FALSE(inputs.reads("drivers/media/Makefile"));  // its Kconfig alone was read
    CHECK_FALSE(inputs.reads("tools/perf/Makefile"));
    CHECK_FALSE(inputs.reads("arch/x86/Makefile"));
    CHECK_FALSE(inputs.reads("arch/x86/Kconfig"));
    CHECK_FALSE(inputs.reads("arch/x86/scripts/Kconfig"));
}

TEST_CASE("build inputs: words for people are never read", "[core]") {
    CHECK_FALSE(inputs.reads("Documentation/admin-guide/index.rst"));
    CHECK_FALSE(inputs.reads("MAINTAINERS"));
    CHECK_FALSE(inputs.reads("fs/README.locks"));
    CHECK_FALSE(inputs.reads(".gitignore"));
}

TEST_CASE("build inputs: of a folder of configurations only the one that was used is read",
          "[core]") {
    CHECK(inputs.reads("arch/arm64/configs/defconfig"));
    CHECK_FALSE(inputs.reads("arch/arm64/configs/virt.config"));
}

TEST_CASE("build inputs: they tell the architecture, and nothing when nothing is known", "[core]") {
    CHECK(inputs.architectures() == std::vector<std::string>{"arm64"});
    CHECK(BuildInputs::parse("").empty());
    CHECK(BuildInputs{}.architectures().empty());
}
