#include <catch2/catch.hpp>

#include "adapters/config/daemon_config.hpp"
#include "adapters/config/long_key.hpp"
#include "adapters/config/toml_catalogue.hpp"
#include "tests/adapters/config/world.hpp"

using namespace bisectd;
using Catch::Matchers::Contains;
using test::World;

namespace {

std::string repeated(std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

/// The error that a recipe with this text at its end gets.
Error refused(const World& world, const std::string& text) {
    const std::string good = test::bad_input("Recipes").good_file;
    world.write("brk/recipe.toml", text + "\n" + good);
    const Result<Recipe> recipe = TomlCatalogue({world.folder()}, "").recipe("brk");
    REQUIRE_FALSE(recipe);
    CHECK(recipe.error().kind == ErrorKind::request);
    return recipe.error();
}

void check_plain(std::string_view said) {
    for (const char c : said)
        CHECK((c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f)));
}

}  // namespace

TEST_CASE("hostile: TOML that nests without end is refused", "[adapters]") {
    const World world;
    test::write_good_files(world);
    constexpr int deep = 100'000;
    for (const std::string& text :
         {"x = " + repeated("[", deep) + repeated("]", deep), "x = " + repeated("[", deep),
          "x = " + repeated("{a=", deep) + "1" + repeated("}", deep),
          repeated("a.", deep) + "a = 1", "x = {" + repeated("a.", deep) + "a = 1}",
          "[" + repeated("a.", deep) + "a]", "[[" + repeated("a.", deep) + "a]]"}) {
        INFO(text.substr(0, 20));
        CHECK(describe(refused(world, text)).size() < 2000);
    }
}

TEST_CASE("hostile: dots in texts, numbers and comments make no long key", "[adapters]") {
    const std::string dots = repeated("a.", 100);
    for (const std::string& good :
         {"x = \"" + dots + "\\\"" + dots + "\"", "x = '" + dots + "\\'",
          "x = \"\"\"" + dots + "\n\"" + dots + "\\\"\"\"\"\"\"",
          "x = '''" + dots + "'" + dots + "'''''", "# " + dots + "\"",
          "x = [" + repeated("1.5, ", 100) + "]", std::string("a.b.c = 1")}) {
        INFO(good);
        CHECK_FALSE(config::line_of_long_key(good + "\n"));
        CHECK(config::line_of_long_key(good + "\n\n" + dots + "a = 1\n"));
    }
    CHECK(config::line_of_long_key("x = 1\n" + repeated("\"a\" . ", 20) + "a = 1") == 2);
}

TEST_CASE("hostile: numbers, NUL and escapes in a file are refused or shown plainly",
          "[adapters]") {
    const World world;
    test::write_good_files(world);
    for (const char* text :
         {"x = 99999999999999999999", "x = 0xFFFFFFFFFFFFFFFFFF", "x = 1e99999", "x = nan",
          "title = \"a\\u0000b\"", "\"\\u001b[2J\" = 1", "x = \"\\uD800\"", "x = \"\\U00110000\"",
          "x = 2000-99-99", "\"a\\nbisectd: started\" = 1", "x = t\x1b[2J"}) {
        INFO(text);
        const std::string said = describe(refused(world, text));
        check_plain(said);
        CHECK_THAT(said, !Contains("\nbisectd: started"));
    }
    world.write("pi.toml",
                "name = \"pi\"\n[ssh]\nkey_file = \"keys/\\u001b[2J\\nbisectd: started\"\n");
    const Result<BoardSpec> board = TomlCatalogue({}, world.folder()).board("pi");
    REQUIRE_FALSE(board);
    CHECK_THAT(describe(board.error()), Contains("there is no file"));
    check_plain(describe(board.error()));
    CHECK_THAT(describe(board.error()), !Contains("\nbisectd: started"));
    world.write("bisectd.toml", "jobs = 99999999999999999999\n");
    CHECK_FALSE(read_daemon_config(world.path("bisectd.toml")));
}
