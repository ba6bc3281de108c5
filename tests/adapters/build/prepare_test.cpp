#include <algorithm>
#include <catch2/catch.hpp>

#include "workbench.hpp"

using namespace workbench;

namespace {
PreparedTree tree_of(const Result<PrepareResult>& result) {
    INFO((result ? "" : describe(result.error())));
    REQUIRE(result);
    if (auto* conflict = std::get_if<PatchConflict>(&*result)) FAIL(conflict->reject);
    return std::get<PreparedTree>(*result);
}
}  // namespace

TEST_CASE("nothing of an earlier build or checkout is left", "[adapters][build]") {
    Bench bench;
    tree_of(bench.prepare(bench.order(bench.first)));
    write(bench.source() + "/untracked", "x");
    write(bench.source() + "/Ignored", "x");
    write(bench.source() + "/stale.o", "x");
    write(bench.source() + "/.config", "CONFIG_LEFT=y");
    write(bench.source() + "/main.c", "edited");
    write(bench.output() + "/stale.o", "x");
    sh(bench.source(), "mkdir -p locked/deep; touch locked/deep/x; chmod -R a-w locked");
    const PreparedTree tree = tree_of(bench.prepare(bench.order(bench.first)));
    CHECK(tree.source == bench.source());
    CHECK(sh(tree.source, "find . -type f | sort | tr '\\n' ' '") ==
          "./.gitignore ./Makefile ./defconfig.txt ./main.c ./symbols ");
    CHECK(fs::is_empty(tree.output));
    CHECK_THAT(read(tree.source + "/main.c"), Contains("value = 1"));
}

TEST_CASE("a tree other than the one asked for is an error", "[adapters][build]") {
    Bench bench;
    BuildOrder order = bench.order(bench.first);
    order.tree = std::string(40, 'a');
    auto wrong = bench.prepare(order);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(wrong.error().what, Contains(order.tree));

    order = bench.order(bench.first);
    order.commit = *CommitId::parse(std::string(40, 'b'));
    auto gone = bench.prepare(order);
    REQUIRE_FALSE(gone);
    CHECK(gone.error().kind == ErrorKind::infrastructure);
    order = bench.order(bench.first);
    order.mirror = "/no/such/mirror";
    CHECK_FALSE(bench.prepare(order));
}

TEST_CASE("a hostile repository runs nothing", "[adapters][build]") {
    Bench bench;
    const std::string trap = bench.data / "trapped";
    bench.toy.put(".gitattributes",
                  "* filter=evil diff=evil merge=evil\n*.txt text eol=crlf ident\n");
    bench.toy.put(".gitconfig", "[filter \"evil\"]\n\tsmudge = touch " + trap + "\n");
    sh(bench.toy.folder.path, "ln -s /etc escape; ln -s . self; mkdir -p .hooks");
    const CommitId id = bench.toy.commit("hostile");
    BuildOrder order = bench.order(id);
    // Even the mirror's own configuration and hooks have no say.
    sh(order.mirror, "for f in smudge clean process; do git config filter.evil.$f 'touch " + trap +
                         "'; done; git config filter.evil.required true; "
                         "git config diff.evil.command 'touch " +
                         trap +
                         "'; "
                         "git config diff.evil.textconv 'touch " +
                         trap +
                         "'; "
                         "git config core.fsmonitor 'touch " +
                         trap +
                         "'; mkdir -p hooks; "
                         "for h in post-checkout post-index-change reference-transaction; do "
                         "printf '#!/bin/sh\\ntouch " +
                         trap +
                         "\\n' > hooks/$h; "
                         "chmod +x hooks/$h; done");
    write(bench.recipe / "fix.patch",
          "--- a/main.c\n+++ b/main.c\n@@ -1,4 +1,4 @@\n"
          " const char release[] = RELEASE;\n-int value = 1;\n+int value = 2;\n"
          " \n void start(void) {}\n");
    Patch picked;
    picked.commit = id.hex();
    Patch patch;
    patch.file = "fix.patch";
    order.patches = {patch, picked};
    const PreparedTree tree = tree_of(bench.prepare(order));
    CHECK_FALSE(fs::exists(trap));
    CHECK(fs::is_symlink(tree.source + "/escape"));
    CHECK(tree.patches ==
          std::vector<std::string>{"fix.patch applied",
                                   "commit " + id.brief() + " already in the tree"});
}

TEST_CASE("a patch cannot write through a link of the tree", "[adapters][build]") {
    Bench bench;
    sh(bench.toy.folder.path, "ln -s " + bench.data.path.string() + " out");
    BuildOrder order = bench.order(bench.toy.commit("link"));
    write(bench.recipe / "evil.patch",
          "--- /dev/null\n+++ b/out/owned\n@@ -0,0 +1 @@\n+x\n"
          "--- /dev/null\n+++ b/../owned\n@@ -0,0 +1 @@\n+x\n");
    Patch patch;
    patch.file = "evil.patch";
    order.patches = {patch};
    auto result = bench.prepare(order);
    REQUIRE(result);
    CHECK(std::holds_alternative<PatchConflict>(*result));
    CHECK_FALSE(fs::exists(bench.data / "owned"));
    CHECK_FALSE(fs::exists(bench.data / "builders/1/owned"));
}

TEST_CASE("patches apply, are found in the tree, conflict or are dropped", "[adapters][build]") {
    Bench bench;
    bench.toy.put("main.c",
                  "const char release[] = RELEASE;\nint value = 2;\n\nvoid start(void) {}\n");
    const CommitId second = bench.toy.commit("second");
    bench.toy.put("main.c",
                  "const char release[] = RELEASE;\nlong other = 9;\n\nvoid start(void) {}\n");
    const CommitId third = bench.toy.commit("third");
    write(bench.recipe / "two.patch", sh(bench.toy.folder.path, "git show " + second.hex()) + "\n");
    Patch file, picked;
    file.file = "two.patch";
    picked.commit = second.hex();

    BuildOrder order = bench.order(bench.first);
    order.patches = {file};
    const PreparedTree applied = tree_of(bench.prepare(order));
    CHECK(applied.patches == std::vector<std::string>{"two.patch applied"});
    CHECK(applied.stack_digest.size() == 64);
    CHECK_THAT(read(applied.source + "/main.c"), Contains("value = 2"));

    order.patches = {picked};
    CHECK(tree_of(bench.prepare(order)).patches.front() == "commit " + second.brief() + " applied");
    CHECK_THAT(read(bench.source() + "/main.c"), Contains("value = 2"));

    order = bench.order(second);
    order.patches = {file};
    CHECK(tree_of(bench.prepare(order)).patches.front() == "two.patch already in the tree");

    order = bench.order(third);
    file.on_conflict = OnConflict::abort;
    order.patches = {file};
    auto conflict = bench.prepare(order);
    REQUIRE(conflict);
    REQUIRE(std::holds_alternative<PatchConflict>(*conflict));
    const auto& words = std::get<PatchConflict>(*conflict);
    CHECK(words.patch == "two.patch");
    CHECK(words.policy == OnConflict::abort);
    CHECK_THAT(words.reject, Contains("main.c"));
    CHECK(words.reject.size() <= 4000);

    file.on_conflict = OnConflict::drop;
    order.patches = {file};
    CHECK(tree_of(bench.prepare(order)).patches.front() == "two.patch left out: it does not apply");
    CHECK_THAT(read(bench.source() + "/main.c"), Contains("other = 9"));
}

TEST_CASE("patches that do not exist are the request's fault", "[adapters][build]") {
    Bench bench;
    BuildOrder order = bench.order(bench.first);
    Patch patch;
    patch.file = "gone.patch";
    order.patches = {patch};
    auto gone = bench.prepare(order);
    REQUIRE_FALSE(gone);
    CHECK(gone.error().kind == ErrorKind::request);
    CHECK_THAT(gone.error().where, Contains("gone.patch"));
    order.patches.front().file = "../../../../etc/passwd";
    CHECK(bench.prepare(order).error().kind == ErrorKind::request);
    order.patches.front().file.clear();
    order.patches.front().commit = "--exec=touch";
    CHECK(bench.prepare(order).error().kind == ErrorKind::request);
}

TEST_CASE("the key changes with everything that changes the build", "[adapters][build]") {
    Bench bench;
    write(bench.recipe / "a.config", "CONFIG_A=y\n");
    BuildOrder order = bench.order(bench.first);
    order.spec.fragments = {"a.config"};
    const auto key = [&bench](const BuildOrder& o) {
        auto made = finish(bench.workshop.key(o));
        INFO((made ? "" : describe(made.error())));
        REQUIRE(made);
        return *made;
    };
    const std::string base = key(order);
    CHECK(base.size() == 64);
    CHECK(key(order) == base);
    BuildOrder other = order;
    other.spec.jobs = 7;
    other.bisection = 8;
    other.spec.deadline = std::chrono::seconds{1};
    CHECK(key(other) == base);
    std::vector<std::string> keys{base};
    other = order, other.tree = std::string(40, '1'), keys.push_back(key(other));
    other = order, other.spec.targets = {"x"}, keys.push_back(key(other));
    other = order, other.spec.environment["X"] = "y", keys.push_back(key(other));
    other = order, other.spec.required = {"CONFIG_A=y"}, keys.push_back(key(other));
    Patch patch;
    patch.commit = bench.first.hex();
    other = order, other.patches = {patch}, keys.push_back(key(other));
    write(bench.recipe / "a.config", "CONFIG_A=n\n");
    keys.push_back(key(order));
    std::ranges::sort(keys);
    CHECK(std::ranges::adjacent_find(keys) == keys.end());

    other = order, other.spec.cross_compile = "no-such-cpu-";
    auto missing = finish(bench.workshop.key(other));
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(missing.error().what, Contains("no-such-cpu-gcc"));
    other = order, other.spec.fragments = {"gone.config"};
    CHECK(finish(bench.workshop.key(other)).error().kind == ErrorKind::request);
}
