#include "adapters/config/checks.hpp"

#include <catch2/catch.hpp>

#include "adapters/config/patterns.hpp"
#include "adapters/config/words.hpp"

using namespace bisectd::config;

TEST_CASE("checks: forms that are good", "[adapters]") {
    CHECK(name_problem("brk-static_pie.2") == "");
    CHECK(relative_path_problem("arch/arm64/boot/Image") == "");
    CHECK(relative_path_problem("..almost/up..") == "");
    CHECK(board_path_problem("/boot/bisectd-{release}") == "");
    CHECK(host_problem("fe80::1%eth0") == "");
    CHECK(host_and_port_problem("[::1]:22") == "");
    CHECK(config_line_problem("# CONFIG_SLUB_CPU_PARTIAL is not set") == "");
    CHECK(config_line_problem("CONFIG_CMDLINE=\"console=ttyS0 a=b\"") == "");
    CHECK(cross_compile_problem("") == "");
    CHECK(cross_compile_problem("/opt/x/bin/arm-none-eabi-") == "");
}

TEST_CASE("checks: forms that are not", "[adapters]") {
    for (const char* bad : {"", ".", "..", "-a", "a b", "a/b", "\xc3\xbc"})
        CHECK(name_problem(bad) != "");
    for (const char* bad : {"/a", "a/../b", "..", "-rf", "a\nb"})
        CHECK(relative_path_problem(bad) != "");
    for (const char* bad : {"a", "/", "/a/../b", "/a b", "/a;b", "/a`b`", "/$a"})
        CHECK(board_path_problem(bad) != "");
    for (const char* bad : {"a", ":1", "a:", "a:0", "a:65536", "a:1x", "a b:1", "a:99999999999"})
        CHECK(host_and_port_problem(bad) != "");
    for (const char* bad :
         {"CONFIG_=y", "CONFIG_X", "X=y", "# CONFIG_X is unset", "", "CONFIG_A B=y"})
        CHECK(config_line_problem(bad) != "");
    for (const char* bad : {"gcc", "-", "a b-", "$(x)-"}) CHECK(cross_compile_problem(bad) != "");
}

TEST_CASE("checks: patterns that would hurt are refused", "[adapters]") {
    CHECK(pattern_problem("") == "");
    CHECK(pattern_problem("BUG: KASAN: .* in [a-z_]{1,40}") == "");
    CHECK(pattern_problem("[{]x{2}") == "");
    CHECK(pattern_problem("(") != "");
    CHECK(pattern_problem("[z-a]") != "");
    CHECK(pattern_problem("a|") != "");
    CHECK(pattern_problem("((a{200}){200}){200}") != "");
    CHECK(pattern_problem("a{99999999999999999999}") != "");
    CHECK(pattern_problem(std::string(2000, 'a')) != "");
    CHECK(pattern_problem(std::string(1024, '(')) != "");
}

TEST_CASE("checks: the nearest word is suggested, a far one is not", "[adapters]") {
    constexpr std::string_view known[] = {"command", "commit", "deadline"};
    CHECK(nearest("comand", known) == "command");
    CHECK(nearest("dealdine", known) == "deadline");
    CHECK(nearest("xyzzy", known) == "");
    CHECK(nearest(std::string(100000, 'c'), known) == "");
}

TEST_CASE("checks: a message never carries control characters or without end", "[adapters]") {
    CHECK(shown("a\x1b[31mb\n") == "a?[31mb?");
    CHECK(shown(std::string(1000, 'x')).size() < 70);
}
