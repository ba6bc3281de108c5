#include "adapters/build/build_log.hpp"

#include <catch2/catch.hpp>

using bisectd::build::BuildLog;
using Catch::Matchers::Contains;

namespace {
BuildLog read(const std::string& text) {
    BuildLog log({});
    log.take(text);
    log.finish();
    return log;
}
}  // namespace

TEST_CASE("faults of the machine are told from the compiler's no", "[adapters][build]") {
    const std::string machine[] = {
        "gcc: fatal error: Killed signal terminated program cc1",
        "cc1: out of memory allocating 65536 bytes after a total of 1 bytes",
        "virtual memory exhausted: Cannot allocate memory",
        "ld: final link failed: No space left on device",
        "make[2]: *** [scripts/Makefile.build:250: mm/slub.o] Killed",
        "/bin/sh: 1: flex: not found",
        "bash: line 1: bc: command not found",
        "make[3]: lzop: No such file or directory",
    };
    for (const std::string& line : machine) {
        INFO(line);
        CHECK(read("  CC      a.o\n" + line + "\nmake: *** [Makefile:1: all] Error 2\n")
                  .machine_fault() == line);
    }
    const std::string compiler[] = {
        "mm/slub.c:5:3: error: expected ';' before 'return'",
        "    5 |     puts(\"No space left on device\");",
        "ld: vmlinux.o: undefined reference to `x'",
        "/bin/sh: 1: ./scripts/gone.sh: not found",
        "make[2]: *** [Makefile:250: mm/slub.o] Error 1",
        "make[1]: *** [Makefile:1: x] Segmentation fault",
        "make[1]: scripts/gone: No such file or directory",
        "a.c:1:10: fatal error: gone.h: No such file or directory",
    };
    for (const std::string& line : compiler) {
        INFO(line);
        CHECK(read(line + "\n").machine_fault().empty());
    }
}

TEST_CASE("the excerpt shows the first errors and is bounded", "[adapters][build]") {
    std::string text = "  CC      a.o\nnoise\na.c:1:1: error: first\n    1 | x\n      | ^\n";
    for (int i = 0; i < 10'000; ++i) text += "later " + std::to_string(i) + "\n";
    for (int i = 0; i < 1'000; ++i) text += "a.c:2:2: error: " + std::string(5000, 'y') + "\n";
    const BuildLog log = read(text);
    CHECK_THAT(log.excerpt(), Catch::Matchers::StartsWith("a.c:1:1: error: first\n    1 | x\n"));
    CHECK(log.excerpt().size() <= 4096);
    CHECK(log.steps() == 1);
    CHECK_THAT(read("one\ntwo").excerpt(), Contains("one\ntwo"));
}

TEST_CASE("make's steps are counted in any pieces", "[adapters][build]") {
    std::string last;
    std::uint64_t count = 0;
    BuildLog log([&last, &count](std::uint64_t steps, std::string_view file) {
        count = steps;
        last = file;
    });
    const std::string text =
        "make[1]: Entering\n  CC      init/main.o\n  LD [M]  drivers/net/x.ko\n  not a step\n"
        "  GEN     Makefile\n";
    for (char c : text) log.take(std::string_view(&c, 1));
    CHECK(count == 3);
    CHECK(last == "Makefile");
}
