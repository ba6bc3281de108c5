#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "lab.hpp"

using namespace bisectd;
using Catch::Matchers::Contains;
using namespace bisectd::test;

namespace {

Patch patch_when(std::optional<std::string> has, std::optional<std::string> lacks) {
    Patch patch;
    patch.file = "fix.patch";
    patch.when = {std::move(has), std::move(lacks)};
    return patch;
}

bool needed(Lab& lab, const std::string& commit, const Patch& patch) {
    const CommitId id = *CommitId::parse(git_in(lab.clone, "rev-parse " + commit));
    const auto patches = finish(lab.repository.patches_for(lab.clone, id, {patch}));
    INFO((patches ? std::string() : describe(patches.error())));
    REQUIRE(patches);
    return !patches->empty();
}

}  // namespace

TEST_CASE("patches: are chosen by ancestry, also on side branches", "[adapters]") {
    // 0---break---2---fix---4---M main
    //      \                   /
    //       side--------------'
    Lab lab;
    lab.commit("zero");
    const std::string broken = lab.commit("lib: break the build (again)");
    git_in(lab.clone, "branch side");
    lab.commit("two");
    const std::string fix = lab.commit("lib: mend the build");
    lab.commit("four");
    git_in(lab.clone, "checkout -q side");
    lab.commit("on side", "side");
    git_in(lab.clone, "checkout -q main");
    git_in(lab.clone, "merge -q --no-ff -m M side");
    REQUIRE(lab.resolve("main", {"main~5"}));

    const std::string patch_id =
        git_in(lab.clone, "show " + broken + " | git patch-id --stable").substr(0, 40);
    const std::string has = GENERATE_COPY(as<std::string>{}, broken, broken.substr(0, 12),
                                          "lib: break the build (again)", "patch-id:" + patch_id);
    const Patch patch = patch_when(has, "lib: mend the build");
    CHECK_FALSE(needed(lab, "main~5", patch));
    CHECK(needed(lab, "main~4", patch));
    CHECK(needed(lab, "main~3", patch));
    CHECK_FALSE(needed(lab, fix, patch));
    CHECK(needed(lab, "side", patch));
    CHECK_FALSE(needed(lab, "main", patch));
}

TEST_CASE("patches: without a condition always, with an unknown name as nothing has it",
          "[adapters]") {
    Lab lab;
    lab.commit("zero");
    lab.commit("one");
    REQUIRE(lab.resolve("HEAD", {"HEAD~1"}));
    CHECK(needed(lab, "HEAD", patch_when({}, {})));
    CHECK_FALSE(needed(lab, "HEAD", patch_when("no such subject", {})));
    CHECK(needed(lab, "HEAD", patch_when({}, "no such subject")));
    CHECK_FALSE(needed(lab, "HEAD", patch_when("abcdef0123", {})));
    CHECK(needed(lab, "HEAD", patch_when({}, std::string(40, 'a'))));
    CHECK_FALSE(needed(lab, "HEAD", patch_when("one ", {})));
    CHECK_FALSE(needed(lab, "HEAD", patch_when("on", {})));
}

TEST_CASE("patches: of commits that share a subject, any one counts", "[adapters]") {
    Lab lab;
    lab.commit("zero");
    git_in(lab.clone, "checkout -q -b stable");
    lab.commit("fix it", "backport");
    git_in(lab.clone, "checkout -q main");
    lab.commit("one");
    lab.commit("fix it");
    REQUIRE(lab.resolve("main", {"main~2"}));
    const Patch patch = patch_when({}, "fix it");
    CHECK_FALSE(needed(lab, "stable", patch));
    CHECK(needed(lab, "main~1", patch));
    CHECK_FALSE(needed(lab, "main", patch));
}

TEST_CASE("patches: a subject that comes with news of the clone is found", "[adapters]") {
    Lab lab;
    lab.commit("zero");
    lab.commit("one");
    REQUIRE(lab.resolve("HEAD", {"HEAD~1"}));
    const Patch patch = patch_when("two", {});
    CHECK_FALSE(needed(lab, "HEAD", patch));
    lab.commit("two");
    REQUIRE(lab.resolve("HEAD", {"HEAD~1"}));
    CHECK(needed(lab, "HEAD", patch));
}

TEST_CASE("patches: a mirror that cannot be read to its end does not mean that nothing has them",
          "[adapters]") {
    Lab lab;
    lab.commit("zero");
    lab.commit("one");
    lab.commit("two");
    REQUIRE(lab.resolve("HEAD", {"HEAD~2"}));
    const std::string lost = git_in(lab.clone, "rev-parse HEAD~1:file");
    const std::string mirror = lab.repository.mirror(lab.clone);
    REQUIRE(
        std::filesystem::remove(mirror + "/objects/" + lost.substr(0, 2) + "/" + lost.substr(2)));
    const CommitId tip = *CommitId::parse(git_in(lab.clone, "rev-parse HEAD"));
    const auto patches = finish(lab.repository.patches_for(
        lab.clone, tip, {patch_when("patch-id:" + std::string(40, 'a'), {})}));
    REQUIRE_FALSE(patches);
    CHECK(patches.error().kind == ErrorKind::infrastructure);
}

TEST_CASE("patches: keep the order of the stack; a malformed patch-id is refused", "[adapters]") {
    Lab lab;
    lab.commit("zero");
    lab.commit("one");
    REQUIRE(lab.resolve("HEAD", {"HEAD~1"}));
    std::vector<Patch> stack{patch_when("one", {}), patch_when({}, "one"), patch_when({}, {})};
    stack[0].file = "first";
    stack[2].file = "third";
    const CommitId tip = *CommitId::parse(git_in(lab.clone, "rev-parse HEAD"));
    const auto patches = finish(lab.repository.patches_for(lab.clone, tip, stack));
    REQUIRE(patches);
    REQUIRE(patches->size() == 2);
    CHECK(patches->at(0).file == "first");
    CHECK(patches->at(1).file == "third");
    const auto refused =
        finish(lab.repository.patches_for(lab.clone, tip, {patch_when("patch-id:xyz", {})}));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::request);
}

TEST_CASE("commit: says what git says about it", "[adapters]") {
    Lab lab;
    const std::string first = lab.commit("zero");
    const std::string second = lab.commit("one");
    REQUIRE(lab.resolve("HEAD", {"HEAD~1"}));
    const auto info = finish(lab.repository.commit(lab.clone, *CommitId::parse(second)));
    REQUIRE(info);
    CHECK(info->id.hex() == second);
    CHECK(info->tree == git_in(lab.clone, "rev-parse HEAD^{tree}"));
    REQUIRE(info->parents.size() == 1);
    CHECK(info->parents.front().hex() == first);
    CHECK(info->subject == "one");
    CHECK(info->author == "A <a@example.org>");
    CHECK(info->author_time_s_utc == 1700000000);
    const auto missing =
        finish(lab.repository.commit(lab.clone, *CommitId::parse(std::string(40, '1'))));
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == ErrorKind::request);
}

TEST_CASE("commit: hostile names, dates and encodings arrive as bounded text", "[adapters]") {
    Lab lab;
    const std::string first = lab.commit("first");
    const std::string tree = git_in(lab.clone, "rev-parse HEAD^{tree}");
    const auto commit_at = [&](const std::string& branch, const std::string& when) {
        const std::string file = lab.scratch / branch;
        std::ofstream(file, std::ios::binary)
            << "tree " << tree << "\nparent " << first
            << "\nauthor \x1b[2J<script>\xff <a\x1b]0;x\x07@x> " << when
            << "\ncommitter C <c@x> 1 -0000\nencoding utf-7\n\n"
            << "\x1b[31msubject\xe2\x80\xae " << std::string(300'000, 's') << "\n\nBcc: x\r\n";
        const std::string id =
            git_in(lab.clone, "hash-object -t commit -w --literally '" + file + "'");
        git_in(lab.clone, "update-ref refs/heads/" + branch + " " + id);
        return id;
    };
    const std::string id = commit_at("hostile", "9223372036854775807 +9999");
    const Result<Range> range = lab.resolve("hostile", {first});
    INFO((range ? "" : describe(range.error())));
    REQUIRE(range);
    const auto info = finish(lab.repository.commit(lab.clone, *CommitId::parse(id)));
    REQUIRE(info);
    CHECK(info->subject.size() <= 65536);
    CHECK(info->message.size() <= 65536);
    CHECK(info->author.size() <= 1000);
    CHECK(info->parents.size() == 1);
}

namespace {

bool broken_commit_is_refused() {
    Lab lab;
    const std::string first = lab.commit("first");
    const std::string file = lab.scratch / "broken";
    std::ofstream(file, std::ios::binary)
        << "tree " << git_in(lab.clone, "rev-parse HEAD^{tree}") << "\nparent " << first
        << "\nauthor A <a@x> 99999999999999999999 +0000\ncommitter C <c@x> 1 -0000\n\nbroken\n";
    const std::string id = git_in(lab.clone, "hash-object -t commit -w --literally '" + file + "'");
    git_in(lab.clone, "update-ref refs/heads/broken " + id);
    return lab.refusal("broken", {first}).find("broken") != std::string::npos;
}

}  // namespace

TEST_CASE("commit: one that not even git understands is refused", "[adapters]") {
    // In a process of its own that ends without a look for leaks: libgit2 1.5 does not free a
    // commit that it cannot read.
    const pid_t child = fork();
    if (child == 0) {
        try {
            _exit(broken_commit_is_refused() ? 0 : 1);
        } catch (...) {
            _exit(2);
        }
    }
    REQUIRE(child > 0);
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}
