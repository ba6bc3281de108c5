#include "lab.hpp"

using namespace bisectd;
using namespace bisectd::test;
using Paths = std::vector<std::string>;

namespace {

struct Writer : Lab {
    std::string write(const std::string& file, const std::string& text) const {
        const std::string path = clone + "/" + file;
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        std::ofstream(path) << text;
        return save();
    }
    std::string save() const {
        git_in(clone, "add -A");
        git_in(clone, "commit -q --allow-empty -m change");
        return git_in(clone, "rev-parse HEAD");
    }
    CommitChange change(const std::string& id) {
        REQUIRE(resolve("HEAD", {first}));
        const auto found = finish(repository.change(clone, CommitId::parse(id).value()));
        INFO((found ? "" : describe(found.error())));
        REQUIRE(found);
        return *found;
    }
    std::string first = write("fs/a.c", "int a; /* one */\n");
};

}  // namespace

TEST_CASE("a commit's change: its paths, of a moved file both", "[adapters][git]") {
    Writer lab;
    git_in(lab.clone, "mv fs/a.c fs/b.c");
    const std::string moved = lab.save();
    CHECK(lab.change(moved).paths == Paths{"fs/a.c", "fs/b.c"});
    CHECK_FALSE(lab.change(moved).words_only);
    const std::string empty = lab.save();
    CHECK(lab.change(empty).paths.empty());
    CHECK_FALSE(lab.change(empty).words_only);
    CHECK(lab.change(lab.first).paths == Paths{"fs/a.c"});
}

TEST_CASE("a commit's change: words for people are told from changes", "[adapters][git]") {
    Writer lab;
    const std::string comment = lab.write("fs/a.c", "int a;   // two\n");
    const std::string documented = lab.write("Documentation/a.rst", "text\n");
    const std::string code = lab.write("fs/a.c", "int b; // two\n");
    const std::string script = lab.write("fs/Makefile", "# a comment\n");
    std::filesystem::permissions(lab.clone + "/fs/a.c", std::filesystem::perms::owner_exec,
                                 std::filesystem::perm_options::add);
    const std::string mode = lab.save();
    CHECK(lab.change(comment).words_only);
    CHECK(lab.change(documented).words_only);
    CHECK_FALSE(lab.change(code).words_only);
    CHECK_FALSE(lab.change(script).words_only);
    CHECK_FALSE(lab.change(mode).words_only);
    CHECK(lab.change(mode).paths == Paths{"fs/a.c"});
}

TEST_CASE("a merge's change is what differs from all its parents", "[adapters][git]") {
    Writer lab;
    git_in(lab.clone, "checkout -q -b side");
    lab.write("side.c", "int side;\n");
    git_in(lab.clone, "checkout -q main");
    lab.write("main.c", "int main;\n");
    git_in(lab.clone, "merge -q --no-ff --no-edit side");
    const std::string clean = git_in(lab.clone, "rev-parse HEAD");
    CHECK(lab.change(clean).merge);
    CHECK(lab.change(clean).paths.empty());
    git_in(lab.clone, "checkout -q -b more HEAD~1");
    lab.write("more.c", "int more;\n");
    git_in(lab.clone, "checkout -q main");
    git_in(lab.clone, "merge -q --no-ff --no-commit more");
    const std::string evil = lab.write("fs/a.c", "int evil;\n");
    CHECK(lab.change(evil).paths == Paths{"fs/a.c"});
    CHECK_FALSE(lab.change(evil).words_only);
}

TEST_CASE("a commit that is not there is a wrong request", "[adapters][git]") {
    Writer lab;
    REQUIRE(lab.resolve(lab.save(), {lab.first}));
    const auto found =
        finish(lab.repository.change(lab.clone, CommitId::parse(std::string(40, 'a')).value()));
    REQUIRE_FALSE(found);
    CHECK(found.error().kind == ErrorKind::request);
}

TEST_CASE("a commit's diff is what git shows, a merge's against its first parent",
          "[adapters][git]") {
    Writer lab;
    const std::string second = lab.write("fs/a.c", "int a; /* two */\n");
    REQUIRE(lab.resolve("HEAD", {lab.first}));
    const auto diff = finish(lab.repository.diff(lab.clone, CommitId::parse(second).value()));
    REQUIRE(diff);
    CHECK(diff->starts_with("diff --git a/fs/a.c b/fs/a.c\n"));
    CHECK(diff->find("-int a; /* one */\n+int a; /* two */\n") != std::string::npos);
    CHECK_FALSE(
        finish(lab.repository.diff(lab.clone, CommitId::parse(std::string(40, '1')).value())));
}
