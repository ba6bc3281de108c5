#include <catch2/catch.hpp>
#include <filesystem>
#include <random>

#include "adapters/config/toml_catalogue.hpp"
#include "tests/adapters/config/world.hpp"

using namespace bisectd;
using Catch::Matchers::Contains;
using namespace std::chrono_literals;
using test::World;

namespace {

Recipe good_recipe(const World& world) {
    Result<Recipe> recipe = TomlCatalogue({}, "").recipe_in(world.path("brk"));
    if (!recipe) FAIL(describe(recipe.error()));
    return *recipe;
}

}  // namespace

TEST_CASE("recipe: every key of a kernel recipe arrives", "[adapters]") {
    World world;
    test::write_good_files(world);
    Recipe recipe = good_recipe(world);
    CHECK(recipe.name == "brk");
    CHECK(recipe.title == "brk() refused");
    CHECK(recipe.folder == world.path("brk"));
    CHECK(recipe.digest.size() == 64);
    CHECK(recipe.build.kind == BuildKind::kernel);
    CHECK(recipe.build.arch == "arm64");
    CHECK(recipe.build.cross_compile == "aarch64-linux-gnu-");
    CHECK(recipe.build.base_config == "tinyconfig");
    CHECK(recipe.build.fragments == std::vector<std::string>{"arm64.config"});
    CHECK(recipe.build.required == std::vector<std::string>{"CONFIG_VIRTIO_NET=y"});
    CHECK(recipe.build.targets == std::vector<std::string>{"Image"});
    CHECK(recipe.build.image == "arch/arm64/boot/Image");
    CHECK(recipe.build.deadline == 3600s);
    REQUIRE(recipe.patches.size() == 1);
    CHECK(recipe.patches[0].file == "fix-x.patch");
    CHECK(recipe.patches[0].when.has == "mm: add x");
    CHECK(recipe.patches[0].when.lacks == "mm: fix x");
    CHECK(recipe.reproducer.prepare == "make -s");
    REQUIRE(recipe.symptoms.size() == 1);
    const Symptom& symptom = recipe.symptoms[0];
    CHECK(symptom.runs == 8);
    CHECK(symptom.seconds == 0s);
    CHECK(symptom.deadline == 60s);
    CHECK(symptom.not_applicable_exit == std::vector<int>{77});
    CHECK(symptom.bad_pattern == "refused");
}

TEST_CASE("recipe: every key of a command recipe and of a hunted crash arrives", "[adapters]") {
    World world;
    world.write("tree/recipe.toml", R"(name = "tree"
[build]
kind = "command"
command = '''
make
cp out $OUTPUT'''
artefacts = ["out"]
deadline = "2h"
jobs = 3
failure_is_bad = true
[build.environment]
MACHINE = "qemu"
[[patch]]
commit = "v1.1"
when = "always"
on_conflict = "drop"
[reproducer]
files = ["check"]
precondition = ["true"]
[boot]
deadline = "5m"
on_failure = "bad"
failure_pattern = "Oops"
[[symptom]]
name = "first"
command = "./check"
seconds = "90s"
deadline = "10s"
bad_exit = []
good_exit = [0, 3]
not_applicable_exit = [5]
on_not_applicable = "skip"
good_pattern = "all [0-9]{1,3} passed"
kernel_log_pattern = "BUG:"
deadline_is_bad = true
stop_at_first_hit = false
on_hang = "bad"
[[symptom]]
name = "second"
command = "./check 2"
runs = 1000
)");
    world.write("tree/check", "#!/bin/sh\n");
    Result<Recipe> read = TomlCatalogue({}, "").recipe_in(world.path("tree/"));
    if (!read) FAIL(describe(read.error()));
    CHECK(read->build.command == "make\ncp out $OUTPUT");
    CHECK(read->build.artefacts == std::vector<std::string>{"out"});
    CHECK(read->build.environment.at("MACHINE") == "qemu");
    CHECK(read->build.deadline == 2h);
    CHECK(read->build.jobs == 3);
    CHECK(read->build.failure_is_bad);
    CHECK(read->patches[0].commit == "v1.1");
    CHECK(read->patches[0].on_conflict == OnConflict::drop);
    CHECK_FALSE(read->patches[0].when.has.has_value());
    CHECK(read->reproducer.preconditions == std::vector<std::string>{"true"});
    CHECK(read->boot.deadline == 300s);
    CHECK(read->boot.on_failure == OnBootFailure::bad);
    CHECK(read->boot.failure_pattern == "Oops");
    REQUIRE(read->symptoms.size() == 2);
    const Symptom& first = read->symptoms[0];
    CHECK(first.runs == 0);
    CHECK(first.seconds == 90s);
    CHECK(first.bad_exit.empty());
    CHECK(first.good_exit == std::vector<int>{0, 3});
    CHECK(first.on_not_applicable == OnNotApplicable::skip);
    CHECK(first.kernel_log_pattern == "BUG:");
    CHECK(first.deadline_is_bad);
    CHECK_FALSE(first.stop_at_first_hit);
    CHECK(first.on_hang == OnHang::bad);
    CHECK(read->symptoms[1].runs == 1000);
}

TEST_CASE("recipe: how often to run is the engine's to say, unless the recipe bounds it",
          "[adapters]") {
    World world;
    test::write_good_files(world);
    Recipe bounded = good_recipe(world);
    CHECK(bounded.symptoms[0].runs == 8);
    CHECK_FALSE(bounded.symptoms[0].boot_decides);
    CHECK_FALSE(bounded.symptoms[0].never_by_chance);
    CHECK(bounded.revert_proof);

    std::string text = test::read_file(world.path("brk/recipe.toml"));
    text.replace(text.find("runs = 8\n"), 9,
                 "never_by_chance = true\nfailure_depends_on = \"boot\"\n");
    world.write("brk/recipe.toml", text + "[proof]\nrevert = false\n");
    Recipe free = good_recipe(world);
    CHECK(free.symptoms[0].runs == 0);
    CHECK(free.symptoms[0].seconds == 0s);
    CHECK(free.symptoms[0].boot_decides);
    CHECK(free.symptoms[0].never_by_chance);
    CHECK_FALSE(free.revert_proof);
}

TEST_CASE("recipe: several symptoms differ in what decides them", "[adapters]") {
    World world;
    test::write_good_files(world);
    world.write("brk/recipe.toml", test::read_file(world.path("brk/recipe.toml")) + R"([[symptom]]
name = "early-oops"
command = "dmesg | grep -q Oops && exit 1; exit 0"
failure_depends_on = "boot"
[[symptom]]
name = "slow"
command = "./loop 1"
failure_depends_on = "run"
never_by_chance = false
)");
    Recipe recipe = good_recipe(world);
    REQUIRE(recipe.symptoms.size() == 3);
    CHECK(recipe.symptoms[0].name == "brk-refused");
    CHECK_FALSE(recipe.symptoms[0].boot_decides);
    CHECK(recipe.symptoms[1].boot_decides);
    CHECK_FALSE(recipe.symptoms[2].boot_decides);
}

TEST_CASE("recipe: a failure that depends on the boot needs a boot", "[adapters]") {
    World world;
    world.write("tree/recipe.toml", R"(name = "tree"
[build]
kind = "command"
command = "make"
artefacts = ["out"]
[[symptom]]
name = "fails"
command = "./out"
failure_depends_on = "boot"
)");
    Result<Recipe> recipe = TomlCatalogue({}, "").recipe_in(world.path("tree"));
    REQUIRE_FALSE(recipe.has_value());
    CHECK_THAT(world.shown(recipe.error()),
               Contains("tree/recipe.toml:9:22: 'failure_depends_on' is \"boot\"") &&
                   Contains("boots nothing"));
}

TEST_CASE("recipe: all problems of a file are listed, in its order", "[adapters]") {
    World world;
    world.write("brk/recipe.toml",
                "name = 1\n[build]\nkind = \"x\"\narch = \"arm64\"\n"
                "targets = [\"Image\"]\nimage = \"Image\"\n");
    Result<Recipe> recipe = TomlCatalogue({}, "").recipe_in(world.path("brk"));
    REQUIRE_FALSE(recipe.has_value());
    std::string text = world.shown(recipe.error());
    CHECK(text.starts_with("brk/recipe.toml:1:"));
    CHECK_THAT(text, Contains("missing [[symptom]]") && Contains("should be a text in quotes") &&
                         Contains("\nbrk/recipe.toml:3:8: 'kind' cannot be 'x'"));
}

TEST_CASE("recipe: a file that is no text, too large or no file is refused", "[adapters]") {
    World world;
    auto error_with = [&world](std::string_view text) {
        world.write("brk/recipe.toml", text);
        Result<Recipe> recipe = TomlCatalogue({}, "").recipe_in(world.path("brk"));
        REQUIRE_FALSE(recipe.has_value());
        CHECK(recipe.error().kind == ErrorKind::request);
        return world.shown(recipe.error());
    };
    using namespace std::string_literals;
    CHECK_THAT(error_with("name = \"\xff\xfe\"\n"), Contains("brk/recipe.toml:1:"));
    CHECK_THAT(error_with("name = \"a\0b\"\n"s), Contains("brk/recipe.toml:1:"));
    CHECK_THAT(error_with("name = \"a\\u0000b\"\n"), Contains("NUL"));
    CHECK_THAT(error_with(std::string(1024 * 1024 + 1, '#')), Contains("is larger than 1024 KiB"));
    CHECK_THAT(error_with("a = " + std::string(100000, '[')), Contains("brk/recipe.toml:1:"));
    CHECK_THAT(error_with(""), Contains("missing key 'name'"));
    std::filesystem::remove(world.path("brk/recipe.toml"));
    std::filesystem::create_directory(world.path("brk/recipe.toml"));
    Result<Recipe> folder = TomlCatalogue({}, "").recipe_in(world.path("brk"));
    CHECK_THAT(world.shown(folder.error()), Contains("is no regular file"));
    Result<Recipe> gone = TomlCatalogue({}, "").recipe_in(world.path("gone"));
    CHECK_THAT(world.shown(gone.error()), Contains("No such file"));
}

TEST_CASE("recipe: a symbolic link out of the folder is refused, one inside is not", "[adapters]") {
    World world;
    test::write_good_files(world);
    std::filesystem::remove(world.path("brk/arm64.config"));
    std::filesystem::create_symlink("../arm64.config", world.path("brk/arm64.config"));
    Result<Recipe> recipe = TomlCatalogue({}, "").recipe_in(world.path("brk"));
    REQUIRE_FALSE(recipe.has_value());
    CHECK_THAT(recipe.error().what, Contains("leaves its folder through a symbolic link"));

    std::filesystem::remove(world.path("brk/arm64.config"));
    world.write("brk/real.config", "");
    std::filesystem::create_symlink("real.config", world.path("brk/arm64.config"));
    CHECK(TomlCatalogue({}, "").recipe_in(world.path("brk")).has_value());
}

TEST_CASE("recipe: a file with random damage is read or refused, never more", "[adapters]") {
    World world;
    test::write_good_files(world);
    std::string good = test::read_file(world.path("brk/recipe.toml"));
    std::mt19937 chance(20260301);
    auto below = [&chance](std::size_t limit) { return chance() % limit; };
    for (int round = 0; round < 2000; ++round) {
        std::string text = good;
        for (std::size_t change = below(4) + 1; change > 0; --change) {
            std::size_t at = below(text.size());
            switch (below(4)) {
                case 0:
                    text[at] = static_cast<char>(below(256));
                    break;
                case 1:
                    text.erase(at, below(30));
                    break;
                case 2:
                    text.insert(at, text.substr(below(text.size()), below(60)));
                    break;
                default:
                    text.insert(at, 1, "[]{}\"'=#.,0\n"[below(12)]);
                    break;
            }
        }
        world.write("brk/recipe.toml", text);
        Result<Recipe> recipe = TomlCatalogue({}, "").recipe_in(world.path("brk"));
        if (recipe) continue;
        INFO(text);
        REQUIRE(recipe.error().kind == ErrorKind::request);
        REQUIRE_FALSE(recipe.error().what.empty());
    }
}
