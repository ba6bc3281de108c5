#include <catch2/catch.hpp>

#include "workbench.hpp"

using namespace workbench;

namespace {
Recipe recipe_in(const Bench& bench) {
    Recipe recipe;
    recipe.name = "toy";
    recipe.folder = bench.recipe.path;
    recipe.digest = "digest-1";
    return recipe;
}
}  // namespace

TEST_CASE("a frozen recipe does not change any more", "[adapters][build]") {
    Bench bench;
    write(bench.recipe / "sub/run.sh", "one");
    sh(bench.recipe.path, "chmod 755 sub/run.sh; ln -s sub/run.sh link");
    auto frozen = bench.workshop.freeze_recipe(3, recipe_in(bench));
    REQUIRE(frozen);
    CHECK(*frozen == bench.data / "bisections/3/recipe");
    CHECK(fs::read_symlink(*frozen + "/link") == "sub/run.sh");
    write(bench.recipe / "sub/run.sh", "two");
    CHECK(read(*frozen + "/sub/run.sh") == "one");
    CHECK(sh(*frozen, "test -x sub/run.sh && echo yes") == "yes");
}

TEST_CASE("a start's frozen recipe replaces what an earlier start of its id has left",
          "[adapters][build]") {
    Bench bench;
    write(bench.recipe / "run.sh", "one");
    write(bench.recipe / "gone", "");
    REQUIRE(bench.workshop.freeze_recipe(3, recipe_in(bench)));
    write(bench.recipe / "run.sh", "two");
    fs::remove(bench.recipe / "gone");
    const auto frozen = bench.workshop.freeze_recipe(3, recipe_in(bench));
    REQUIRE(frozen);
    CHECK(read(*frozen + "/run.sh") == "two");
    CHECK_FALSE(fs::exists(*frozen + "/gone"));
}

TEST_CASE("links out, devices and giants are refused", "[adapters][build]") {
    Bench bench;
    const auto refused = [&bench](BisectionId id, const std::string& word) {
        auto frozen = bench.workshop.freeze_recipe(id, recipe_in(bench));
        REQUIRE_FALSE(frozen);
        CHECK(frozen.error().kind == ErrorKind::request);
        CHECK_THAT(describe(frozen.error()), Contains(word));
        CHECK_FALSE(fs::exists(bench.data / ("bisections/" + std::to_string(id) + "/recipe")));
    };
    for (const char* target : {"/etc/passwd", "../x", "sub/../../x"}) {
        sh(bench.recipe.path, std::string("mkdir -p sub; ln -sfn ") + target + " evil");
        refused(4, "evil");
    }
    sh(bench.recipe.path, "rm evil; mkfifo pipe");
    refused(5, "pipe");
    sh(bench.recipe.path, "rm pipe; truncate -s 70M big");
    refused(6, "64 MiB");
}

TEST_CASE("the reproducer is prepared once for a digest", "[adapters][build]") {
    Bench bench;
    write(bench.recipe / "a.c", "int main(void) { return 0; }\n");
    Recipe recipe = recipe_in(bench);
    recipe.reproducer.prepare = "gcc a.c -o a; echo x";
    recipe.reproducer.files = {"a"};
    const auto said_x = [&bench] {
        const std::string log = "\n" + read(bench.data / "bisections/3/logs/reproducer.log");
        std::size_t count = 0;
        for (auto at = log.find("\nx\n"); at != log.npos; at = log.find("\nx\n", at + 1)) ++count;
        return count;
    };
    auto folder = finish(bench.workshop.prepare_reproducer(3, recipe));
    INFO((folder ? "" : describe(folder.error())));
    REQUIRE(folder);
    CHECK(fs::exists(*folder + "/a"));
    CHECK_FALSE(fs::exists(bench.recipe / "a"));
    REQUIRE(finish(bench.workshop.prepare_reproducer(3, recipe)));
    CHECK(said_x() == 1);
    recipe.digest = "digest-2";
    REQUIRE(finish(bench.workshop.prepare_reproducer(3, recipe)));
    CHECK(said_x() == 2);
}

TEST_CASE("a reproducer that does not compile is the request's fault", "[adapters][build]") {
    Bench bench;
    write(bench.recipe / "a.c", "int main(void) { return 0 }\n");
    Recipe recipe = recipe_in(bench);
    recipe.reproducer.prepare = "gcc a.c -o a";
    auto folder = finish(bench.workshop.prepare_reproducer(3, recipe));
    REQUIRE_FALSE(folder);
    CHECK(folder.error().kind == ErrorKind::request);
    CHECK_THAT(folder.error().what, Contains("a.c:1") && Contains("reproducer.log"));
    recipe.reproducer.prepare = "true";
    recipe.reproducer.files = {"a"};
    folder = finish(bench.workshop.prepare_reproducer(3, recipe));
    REQUIRE_FALSE(folder);
    CHECK(folder.error().kind == ErrorKind::request);
    recipe.reproducer.prepare = "kill -KILL $$";
    CHECK(finish(bench.workshop.prepare_reproducer(3, recipe)).error().kind ==
          ErrorKind::infrastructure);
}

TEST_CASE("each attempt has a log of its own", "[adapters][build]") {
    Bench bench;
    const std::string log = bench.workshop.log_path(3, 2, 1);
    CHECK(log == bench.data / "bisections/3/logs/step-2-attempt-1.build.log");
    write(log, "x");
    CHECK(read(log) == "x");
}
