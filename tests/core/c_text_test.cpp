#include "core/c_text.hpp"

#include <catch2/catch.hpp>

using namespace bisectd;

namespace {

bool same(const char* before, const char* after) {
    return without_comments(before) == without_comments(after);
}

}  // namespace

TEST_CASE("comments and blanks are no change to a C compiler", "[core]") {
    CHECK(same("int a; /* one */\nint b;\n", "int a; // two\n\n\n\tint  b;"));
    CHECK(same("/* a\n * b\n */\nint a;\n", "int a;\n"));
    CHECK(same("int a; // ends \\\n here too\nint b;\n", "int a;\nint b;\n"));
    CHECK(same("\tif (a)\n\t\treturn;\n", "    if (a)\n        return;\n"));
    CHECK(same("int/**/a;", "int a;"));
}

TEST_CASE("what a compiler may see is a change", "[core]") {
    CHECK_FALSE(same("int a;", "int b;"));
    CHECK_FALSE(same("x = a + +b;", "x = a ++b;"));
    CHECK_FALSE(same("x = a/**/b;", "x = ab;"));
    CHECK_FALSE(same("s = \"/* a */\";", "s = \"/* b */\";"));
    CHECK_FALSE(same("s = \"// a\";", "s = \"// b\";"));
    CHECK_FALSE(same("s = \"a  b\";", "s = \"a b\";"));
    CHECK_FALSE(same("s = \"\\\" // a\";", "s = \"\\\" // b\";"));
    CHECK_FALSE(same("c = '\"'; // \"\nint a;", "c = '\"'; // \"\nint b;"));
    CHECK_FALSE(same("#define A 1\nint a;", "#define A 1 int a;"));
    CHECK_FALSE(same("int a; // off\nint b;", "int a; // off int b;"));
    CHECK_FALSE(same("/* open\nint a;", "int a;"));
}

TEST_CASE("an apostrophe in the words of an #error hides nothing after its line", "[core]") {
    CHECK_FALSE(same("#error don't\nint a;", "#error don't\nint b;"));
    CHECK(same("#error don't\nint a; /* x */", "#error don't\nint a; /* y */"));
}

TEST_CASE("only files with C comments are looked into", "[core]") {
    CHECK(has_c_comments("fs/namei.c"));
    CHECK(has_c_comments("arch/arm64/boot/dts/x.dts"));
    CHECK_FALSE(has_c_comments("fs/Makefile"));
    CHECK_FALSE(has_c_comments("scripts/x.sh"));
}
