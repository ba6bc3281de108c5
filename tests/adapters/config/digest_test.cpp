#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "adapters/config/folder_digest.hpp"
#include "tests/adapters/config/world.hpp"

using namespace bisectd;
using Catch::Matchers::Contains;
using config::folder_digest;
using test::World;

namespace fs = std::filesystem;

TEST_CASE("digest: a copy has the same digest, every change another one", "[adapters]") {
    World world;
    world.write("a/one", "1");
    world.write("a/sub/two", "22");
    std::string digest = folder_digest(world.path("a")).value();
    CHECK(digest.size() == 64);
    fs::copy(world.path("a"), world.path("b"), fs::copy_options::recursive);
    CHECK(folder_digest(world.path("b")).value() == digest);

    SECTION("contents") {
        world.write("b/one", "2");
    }
    SECTION("a new file") {
        world.write("b/three", "");
    }
    SECTION("another name") {
        fs::rename(world.path("b/one"), world.path("b/eno"));
    }
    SECTION("bytes that move from one file to the next") {
        world.write("b/one", "12");
        world.write("b/sub/two", "2");
    }
    SECTION("a link in place of a file") {
        fs::remove(world.path("b/one"));
        fs::create_symlink("sub/two", world.path("b/one"));
    }
    if (fs::exists(world.path("b/three")) || !fs::exists(world.path("b/one")) ||
        test::read_file(world.path("b/one")) != "1")
        CHECK(folder_digest(world.path("b")).value() != digest);
}

TEST_CASE("digest: what is no part of a recipe is refused", "[adapters]") {
    World world;
    world.write("a/one", "1");
    auto refusal = [&world] {
        Result<std::string> digest = folder_digest(world.path("a"));
        REQUIRE_FALSE(digest.has_value());
        CHECK(digest.error().kind == ErrorKind::request);
        return digest.error().what;
    };
    SECTION("a fifo") {
        REQUIRE(mkfifo(world.path("a/fifo").c_str(), 0600) == 0);
        CHECK_THAT(refusal(), Contains("neither a file nor a folder"));
    }
    SECTION("a link that leaves the folder") {
        world.write("secret", "s");
        fs::create_symlink("../secret", world.path("a/link"));
        CHECK_THAT(refusal(), Contains("leaves the recipe's folder"));
    }
    SECTION("an absolute link") {
        fs::create_symlink(world.path("a/one"), world.path("a/link"));
        CHECK_THAT(refusal(), Contains("leaves the recipe's folder"));
    }
    SECTION("more than 64 MiB in several files") {
        world.write("a/large", "");
        world.write("a/two", "2");
        fs::resize_file(world.path("a/large"), 64 * 1024 * 1024 - 1);
        CHECK_THAT(refusal(), Contains("64 MiB"));
    }
    SECTION("more than 64 MiB in one file") {
        world.write("a/large", "");
        fs::resize_file(world.path("a/large"), 65 * 1024 * 1024);
        CHECK_THAT(refusal(), Contains("is larger than 65536 KiB"));
    }
}

TEST_CASE("digest: a link to its own folder does not lead in circles", "[adapters]") {
    World world;
    world.write("a/one", "1");
    fs::create_directory_symlink(".", world.path("a/self"));
    CHECK(folder_digest(world.path("a")).has_value());
}
