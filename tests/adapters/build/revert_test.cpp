#include <catch2/catch.hpp>

#include "workbench.hpp"

using namespace workbench;

namespace {

constexpr const char* begin = "const char release[] = RELEASE;\n";
constexpr const char* end = "\n\n\n\nvoid start(void) {}\n";

std::string text(const std::string& middle) {
    return begin + middle + end;
}

/// A culprit in the middle, a bad end above it.
struct Story {
    Bench bench;
    CommitId culprit, bad;
    explicit Story(const std::string& at_bad_end = "int value = 2;\n",
                   const std::string& more = {}) {
        bench.toy.put("main.c", text("int value = 1;\n"));
        bench.toy.commit("good");
        bench.toy.put("main.c", text("int value = 2;\n"));
        culprit = bench.toy.commit("culprit");
        bench.toy.put("main.c", text(at_bad_end) + more);
        bench.toy.put("later", "file");
        bad = bench.toy.commit("bad end");
    }
    BuildOrder reverted() {
        BuildOrder order = bench.order(bad);
        Patch patch;
        patch.commit = culprit.hex();
        patch.reverse = true;
        order.patches.push_back(patch);
        return order;
    }
    PatchConflict conflict() {
        auto prepared = bench.prepare(reverted());
        REQUIRE(prepared);
        REQUIRE(std::holds_alternative<PatchConflict>(*prepared));
        return std::get<PatchConflict>(*prepared);
    }
};

}  // namespace

TEST_CASE("the bad end is built with the culprit taken back", "[adapters][build]") {
    Story story("int value = 2;\n", "int later;\n");
    const Artefact bad = story.bench.artefact(story.bench.order(story.bad));
    BuildOrder order = story.reverted();
    CHECK(*finish(story.bench.workshop.key(order)) != bad.key);
    auto prepared = story.bench.prepare(order);
    REQUIRE(prepared);
    const auto& tree = std::get<PreparedTree>(*prepared);
    CHECK(tree.patches ==
          std::vector<std::string>{"revert of commit " + story.culprit.brief() + " applied"});
    CHECK(read(tree.source + "/main.c") == text("int value = 1;\n") + "int later;\n");
    auto built = finish(story.bench.workshop.build(order, tree, {}));
    REQUIRE(built);
    const auto& artefact = std::get<Artefact>(*built);
    CHECK_THAT(artefact.release, Contains("-g" + story.bad.brief() + "-p"));
    CHECK(artefact.content_sha256 != bad.content_sha256);
}

TEST_CASE("laying a commit and taking it back are different stacks", "[adapters][build]") {
    Story story;
    BuildOrder back = story.reverted();
    BuildOrder laid = back;
    laid.patches.front().reverse = false;
    CHECK(*finish(story.bench.workshop.key(back)) != *finish(story.bench.workshop.key(laid)));
}

TEST_CASE("text that moved or changed beside the culprit's is merged", "[adapters][build]") {
    // The line beside it is new, so the plain patch does not fit any more.
    Story story("int value = 2;\n\n\n\n\nint beside;\n");
    story.bench.toy.put("main.c", "int above;\n\n\n\n\n" + text("int value = 2;\n"));
    story.bad = story.bench.toy.commit("moved");
    auto prepared = story.bench.prepare(story.reverted());
    REQUIRE(prepared);
    REQUIRE(std::holds_alternative<PreparedTree>(*prepared));
    CHECK(read(std::get<PreparedTree>(*prepared).source + "/main.c") ==
          "int above;\n\n\n\n\n" + text("int value = 1;\n"));
}

TEST_CASE("a culprit in a file that was renamed since is a conflict, not an error",
          "[adapters][build]") {
    Story story;
    story.bench.toy.put("other.c", read(story.bench.toy.folder / "main.c"));
    std::filesystem::remove(story.bench.toy.folder / "main.c");
    story.bad = story.bench.toy.commit("renamed");
    CHECK_FALSE(story.conflict().reject.empty());
}

TEST_CASE("a culprit that others built on is a conflict, and the tree is as it was",
          "[adapters][build]") {
    Story story("int value = 3;\n");
    const PatchConflict conflict = story.conflict();
    CHECK(conflict.patch == "revert of commit " + story.culprit.brief());
    CHECK_THAT(conflict.reject, Contains("main.c"));
    BuildOrder order = story.reverted();
    order.patches.front().on_conflict = OnConflict::drop;
    auto prepared = story.bench.prepare(order);
    REQUIRE(prepared);
    const auto& tree = std::get<PreparedTree>(*prepared);
    CHECK_THAT(tree.patches.front(), Contains("left out"));
    CHECK(read(tree.source + "/main.c") == text("int value = 3;\n"));
    CHECK(finish(story.bench.workshop.build(order, tree, {})));
}

TEST_CASE("a change that is not there any more cannot be taken back", "[adapters][build]") {
    Story story("int value = 1;\n");
    CHECK_THAT(story.conflict().reject, Contains("nothing to take back"));
}

TEST_CASE("a merge and an empty commit cannot be taken back", "[adapters][build]") {
    Story story;
    const std::string folder = story.bench.toy.folder.path;
    sh(folder,
       "git checkout -q -b side HEAD~1 && echo x > side && git add side && "
       "git commit -q -m side && git checkout -q main && git merge -q --no-edit side");
    story.culprit = *CommitId::parse(sh(folder, "git rev-parse HEAD"));
    story.bad = story.bench.toy.commit("above");
    CHECK_THAT(story.conflict().reject, Contains("merge"));
    story.culprit = story.bad;
    story.bad = story.bench.toy.commit("above that");
    CHECK_THAT(story.conflict().reject, Contains("no file"));
}
