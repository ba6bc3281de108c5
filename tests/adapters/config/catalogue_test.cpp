#include <catch2/catch.hpp>
#include <filesystem>

#include "adapters/config/toml_catalogue.hpp"
#include "tests/adapters/config/world.hpp"

using namespace bisectd;
using Catch::Matchers::Contains;
using namespace std::chrono_literals;
using test::World;

namespace fs = std::filesystem;

TEST_CASE("catalogue: lists recipes and boards by name", "[adapters]") {
    World world;
    test::write_good_files(world);
    world.write("more/other/recipe.toml", "broken");
    world.write("more/no-recipe/file", "");
    TomlCatalogue catalogue({world.folder(), world.path("more"), world.path("gone")},
                            world.folder());
    CHECK(catalogue.recipes() == std::vector<std::string>{"brk", "other"});
    CHECK(catalogue.boards() == std::vector<std::string>{"bisectd", "local", "pi"});
    CHECK(TomlCatalogue({}, world.path("gone")).boards() == std::vector<std::string>{"local"});
}

TEST_CASE("catalogue: the board local is always there and cannot be replaced", "[adapters]") {
    World world;
    TomlCatalogue catalogue({}, world.folder());
    CHECK(catalogue.board("local").value().transport == Transport::local);
    world.write("local.toml", "name = \"local\"\n");
    CHECK_THAT(catalogue.board("local").error().what, Contains("is built in"));
}

TEST_CASE("catalogue: names from outside never become paths", "[adapters]") {
    World world;
    test::write_good_files(world);
    TomlCatalogue catalogue({world.folder()}, world.path("keys"));
    for (const char* name : {"../pi", "..", "", "a/b", "/etc/passwd", "-x", "a\nb", "\xff"}) {
        INFO(name);
        CHECK_THAT(catalogue.board(name).error().what, Contains("is no good name"));
        CHECK_THAT(catalogue.recipe(name).error().what, Contains("is no good name"));
    }
}

TEST_CASE("catalogue: what is not there is an error with the nearest name", "[adapters]") {
    World world;
    test::write_good_files(world);
    TomlCatalogue catalogue({world.folder()}, world.folder());
    CHECK_THAT(catalogue.recipe("bkr").error().what, Contains("did you mean 'brk'?"));
    CHECK_THAT(catalogue.board("unlike-anything").error().what,
               Contains("known: bisectd, local, pi"));
}

TEST_CASE("catalogue: a recipe in two folders is refused", "[adapters]") {
    World world;
    test::write_good_files(world);
    world.write("more/brk/recipe.toml", "");
    TomlCatalogue catalogue({world.folder(), world.path("more")}, "");
    CHECK_THAT(catalogue.recipe("brk").error().what, Contains("is in two folders"));
}

TEST_CASE("catalogue: a frozen copy is read under any folder name", "[adapters]") {
    World world;
    test::write_good_files(world);
    TomlCatalogue catalogue({world.folder()}, "");
    fs::copy(world.path("brk"), world.path("frozen"), fs::copy_options::recursive);
    Result<Recipe> frozen = catalogue.recipe_in(world.path("frozen"));
    REQUIRE(frozen.has_value());
    CHECK(frozen->digest == catalogue.recipe("brk").value().digest);
    CHECK_THAT(catalogue.recipe("frozen").error().what, Contains("does not equal its folder's"));
}

TEST_CASE("catalogue: every key of a board arrives", "[adapters]") {
    World world;
    test::write_good_files(world);
    BoardSpec board = TomlCatalogue({}, world.folder()).board("pi").value();
    CHECK(board.kind == "raspberry-pi-4");
    CHECK(board.boot_deadline == 180s);
    CHECK(board.ssh.host == "192.168.1.20");
    CHECK(board.ssh.key_file == world.path("keys/pi"));
    CHECK(board.ssh.host_key.starts_with("ssh-ed25519 AAAA"));
    CHECK(board.deploy.image == "/boot/bisectd-{release}");
    CHECK(board.deploy.reboot == "reboot -f");
    CHECK(board.deploy.fallback_build_id.size() == 40);
    CHECK(board.power.driver == DriverKind::command);
    CHECK(board.power.cycle == "pdu cycle 3");
    CHECK(board.console.driver == DriverKind::tcp);
    CHECK(board.console.address == "console-server:7003");
}

TEST_CASE("catalogue: a virtual board's paths are relative to its file", "[adapters]") {
    World world;
    test::write_good_files(world);
    std::string key = TomlCatalogue({}, world.folder()).board("pi").value().ssh.host_key;
    world.write("vb/host_key.pub", key + " root@board\n");
    world.write("vb/key", "private");
    world.write("vb1.toml", R"(name = "vb1"
[ssh]
host = "127.0.0.1"
port_file = "vb/port"
key_file = "vb/key"
host_key_file = "vb/host_key.pub"
[power]
driver = "virtual-board"
off_time = "1s"
[console]
driver = "virtual-board"
[virtual_board]
arch = "x86_64"
folder = "vb"
memory_mib = 256
)");
    Result<BoardSpec> board = TomlCatalogue({}, world.folder()).board("vb1");
    if (!board) FAIL(describe(board.error()));
    CHECK(board->kind == "vb1");
    CHECK(board->ssh.port_file == world.path("vb/port"));
    CHECK(board->ssh.host_key == key);
    CHECK(board->power.driver == DriverKind::virtual_board);
    CHECK(board->power.off_time == 1s);
    CHECK(board->virtual_board.arch == "x86_64");
    CHECK(board->virtual_board.folder == world.path("vb"));
    CHECK(board->virtual_board.memory_mib == 256);
}

TEST_CASE("catalogue: every example board is good", "[adapters]") {
    World world;
    fs::copy(BISECTD_SOURCE "/config/boards", world.path("boards"), fs::copy_options::recursive);
    world.write("boards/keys/bisectd", "private");
    TomlCatalogue catalogue({}, world.path("boards"));
    std::vector<std::string> names = catalogue.boards();
    CHECK(names.size() >= 3);
    for (const std::string& name : names) {
        Result<BoardSpec> board = catalogue.board(name);
        if (!board) FAIL(name << ": " << world.shown(board.error()));
    }
}

TEST_CASE("catalogue: every shipped recipe is good", "[adapters]") {
    TomlCatalogue catalogue({BISECTD_SOURCE "/recipes"}, "");
    for (const std::string& name : catalogue.recipes()) {
        Result<Recipe> recipe = catalogue.recipe(name);
        if (!recipe) FAIL(name << ": " << describe(recipe.error()));
        CHECK_FALSE(recipe->title.empty());
    }
}

TEST_CASE("catalogue: the recipe that the reference shows is good", "[adapters]") {
    World world;
    std::string reference = test::read_file(BISECTD_SOURCE "/recipes/README.md");
    std::size_t begin = reference.find("```toml\n") + 8;
    std::size_t end = reference.find("```", begin);
    REQUIRE(end != std::string::npos);
    world.write("brk-static-pie/recipe.toml", reference.substr(begin, end - begin));
    world.write("brk-static-pie/arm64.config", "");
    world.write("brk-static-pie/fix-x.patch", "");
    Result<Recipe> recipe = TomlCatalogue({world.folder()}, "").recipe("brk-static-pie");
    if (!recipe) FAIL(world.shown(recipe.error()));
}
