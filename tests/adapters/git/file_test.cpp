#include <fstream>

#include "lab.hpp"

using namespace bisectd;
using namespace bisectd::test;
using Catch::Matchers::Contains;

TEST_CASE("a file of a commit: as that commit has it, and nothing where there is none",
          "[adapters][git]") {
    Lab lab;
    const auto write = [&lab](const std::string& text) {
        std::filesystem::create_directories(lab.clone + "/fs");
        std::ofstream(lab.clone + "/MAINTAINERS") << text;
        std::ofstream(lab.clone + "/fs/a.c") << "x";
        git_in(lab.clone, "add -A");
        git_in(lab.clone, "commit -q --allow-empty -m change");
        return CommitId::parse(git_in(lab.clone, "rev-parse HEAD")).value();
    };
    const CommitId first = write("one\n");
    const CommitId second = write("two \x1b\xff\n");
    REQUIRE(lab.resolve("HEAD", {first.hex()}));
    const auto file = [&lab](const CommitId& id, const std::string& path) {
        return finish(lab.repository.file(lab.clone, id, path));
    };
    CHECK(file(first, "MAINTAINERS").value() == "one\n");
    CHECK(file(second, "MAINTAINERS").value() == "two \x1b\xff\n");
    CHECK(file(second, "fs/a.c").value() == "x");
    for (const char* path : {"none", "fs", "fs/none", "../MAINTAINERS", ""}) {
        INFO(path);
        const auto found = file(second, path);
        CHECK((!found || !*found));
    }
    const auto unknown = file(CommitId::parse(std::string(40, 'e')).value(), "MAINTAINERS");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().kind == ErrorKind::request);
}

TEST_CASE("a file of a commit: of a very long one the first 4 MiB", "[adapters][git]") {
    Lab lab;
    std::ofstream(lab.clone + "/long") << std::string(5 << 20, 'a');
    git_in(lab.clone, "add -A");
    git_in(lab.clone, "commit -q -m long");
    const CommitId id = CommitId::parse(git_in(lab.clone, "rev-parse HEAD")).value();
    std::ofstream(lab.clone + "/other") << "x";
    git_in(lab.clone, "add -A");
    git_in(lab.clone, "commit -q -m other");
    REQUIRE(lab.resolve("HEAD", {id.hex()}));
    CHECK(finish(lab.repository.file(lab.clone, id, "long")).value()->size() == 4 << 20);
}
