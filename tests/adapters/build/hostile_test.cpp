#include <catch2/catch.hpp>

#include "workbench.hpp"

using namespace workbench;

// Patches and trees that want to write where they may not.

namespace {

struct HostilePatch {
    const char* name;
    std::string text;
};

/// Without "b/" before the path. Both names of git's line must be those below: else git looks no
/// further.
std::string new_file(const std::string& path, const std::string& mode = "100644") {
    return "diff --git a/" + path + " b/" + path + "\nnew file mode " + mode +
           "\n--- /dev/null\n+++ b/" + path + "\n@@ -0,0 +1 @@\n+owned\n";
}

const std::vector<HostilePatch> patches = {
    {"git's configuration", new_file(".git/config")},
    {"a hook", new_file(".git/hooks/post-checkout", "100755")},
    {"git's folder in the folder of a submodule", new_file("sub/.git/config")},
    {"upwards", new_file("../owned")},
    {"upwards from within", new_file("sub/../../owned")},
    {"upwards in a quoted name",
     "diff --git \"a/\\056\\056/owned\" \"b/\\056\\056/owned\"\nnew file mode 100644\n--- "
     "/dev/null\n"
     "+++ \"b/\\056\\056/owned\"\n@@ -0,0 +1 @@\n+owned\n"},
    {"through a link of the tree", new_file("out/owned")},
    {"a rename into git's folder",
     "diff --git a/main.c b/.git/config\nsimilarity index 100%\nrename from main.c\n"
     "rename to .git/config\n"},
    {"a copy upwards",
     "diff --git a/main.c b/../owned\nsimilarity index 100%\ncopy from main.c\n"
     "copy to ../owned\n"},
    {"a link first, then through it",
     "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+../..\n"
     "\\ No newline at end of file\n"
     "diff --git a/l/owned b/l/owned\nnew file mode 100644\n--- /dev/null\n+++ b/l/owned\n"
     "@@ -0,0 +1 @@\n+x\n"},
    {"a change of what a link leads to",
     "--- a/out/victim\n+++ b/out/victim\n@@ -1 +1 @@\n-untouched\n+owned\n"},
    {"numbers that overflow", "--- a/main.c\n+++ b/main.c\n@@ -99999999999999999999,1 +1 @@\n-x\n"},
    {"a binary change that is none",
     "diff --git a/b b/b\nnew file mode 100644\nGIT binary patch\nliteral 99999999999\nzzz\n\n"},
    {"a file, and then a link without a target",
     new_file("owned") + "diff --git a/l b/l\nnew file mode 120000\nindex 0000000..e69de29\n"},
    {"a link whose target is too long",
     "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+" +
         std::string(5000, 'x') + "\n\\ No newline at end of file\n"},
    {"a name that no file system takes", new_file(std::string(300, 'n'))},
    {"a file where a folder is", new_file("sub")},
    {"a folder where a file is", new_file("main.c/owned")},
    {"a file, and then a folder of its name", new_file("owned") + new_file("owned/x")},
    {"no patch at all", "<script>alert(1)</script>\n"},
};

}  // namespace

TEST_CASE("hostile: a patch that wants to write outside of the tree is a conflict", "[build]") {
    Bench bench;
    write(bench.data / "victim", "untouched\n");
    sh(bench.toy.folder.path, "ln -s " + bench.data.path.string() + " out; mkdir sub; touch sub/x");
    BuildOrder order = bench.order(bench.toy.commit("with a link"));
    Patch patch;
    patch.file = "hostile.patch";
    order.patches = {patch};
    for (const HostilePatch& hostile : patches) {
        INFO(hostile.name);
        write(bench.recipe / "hostile.patch", hostile.text);
        auto result = bench.prepare(order);
        INFO((result ? "" : describe(result.error())));
        REQUIRE(result);
        CHECK(std::holds_alternative<PatchConflict>(*result));
        CHECK(read(bench.data / "victim") == "untouched\n");
        CHECK(sh(bench.data.path,
                 "find . -path ./builders/trash -prune -o -name owned -print -o -name "
                 "post-checkout -print")
                  .empty());
        CHECK_FALSE(fs::exists(bench.source() + "/.git"));
        CHECK_THAT(read(bench.data / "builders/1/git/config"), !Contains("owned"));
    }
}

TEST_CASE("hostile: an absolute path in a patch is one below the tree", "[build]") {
    Bench bench;
    BuildOrder order = bench.order(bench.first);
    Patch patch;
    patch.file = "hostile.patch";
    order.patches = {patch};
    const std::string path = bench.data.path.string() + "/owned";
    write(bench.recipe / "hostile.patch",
          "--- /dev/null\n+++ " + path + "\n@@ -0,0 +1 @@\n+owned\n");
    REQUIRE(bench.prepare(order));
    CHECK(read(bench.source() + path) == "owned\n");
    CHECK_FALSE(fs::exists(path));
}

namespace {

/// A tree of the toy kernel's repository, from lines as `git mktree` takes them.
std::string tree_of(const Bench& bench, const std::string& lines) {
    return sh(bench.toy.folder.path, "printf '" + lines + "' | git mktree --missing");
}

Result<PrepareResult> check_out(Bench& bench, const std::string& tree) {
    const auto commit =
        CommitId::parse(sh(bench.toy.folder.path,
                           "git -c user.name=x -c user.email=x@x.org commit-tree -m x " + tree));
    REQUIRE(commit);
    sh(bench.toy.folder.path, "git update-ref refs/heads/hostile " + commit->hex());
    BuildOrder order = bench.order(bench.first);
    order.mirror = bench.toy.mirror();
    order.commit = *commit;
    order.tree.clear();
    return bench.prepare(order);
}

void check_nothing_outside(const Bench& bench) {
    CHECK(sh(bench.data.path,
             "find . -path './builders/trash' -prune -o -name owned -not -path "
             "'./builders/1/source/*' -print")
              .empty());
    CHECK_THAT(read(bench.data / "builders/1/git/config"), !Contains("owned"));
    CHECK_FALSE(fs::exists(bench.source() + "/.git"));
}

}  // namespace

TEST_CASE("hostile: a tree with names that no checkout may write is an error", "[build]") {
    Bench bench;
    const std::string file = "100644 blob " +
                             sh(bench.toy.folder.path, "echo owned | git hash-object -w --stdin") +
                             "\\t";
    const std::string config = tree_of(bench, file + "config\\n");
    const std::string owned = tree_of(bench, file + "owned\\n");
    for (const std::string& lines :
         {"040000 tree " + config + "\\t.git\\n", "040000 tree " + owned + "\\t..\\n",
          "040000 tree " + owned + "\\t.\\n", file + ".git\\n"}) {
        INFO(lines);
        const auto result = check_out(bench, tree_of(bench, lines));
        REQUIRE_FALSE(result);
        CHECK(result.error().kind == ErrorKind::infrastructure);
        check_nothing_outside(bench);
    }
}

TEST_CASE("hostile: nothing of a tree is written behind a link of the same name", "[build]") {
    Bench bench;
    const std::string folder = bench.toy.folder.path;
    const std::string blob = sh(folder, "echo owned | git hash-object -w --stdin");
    const std::string up = sh(folder, "printf ../.. | git hash-object -w --stdin");
    const std::string owned = tree_of(bench, "100644 blob " + blob + "\\towned\\n");
    // What becomes of such a tree is git's to say; where it is written is not.
    static_cast<void>(check_out(
        bench, tree_of(bench, "120000 blob " + up + "\\tl\\n040000 tree " + owned + "\\tl\\n")));
    check_nothing_outside(bench);
}
