#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "adapters/git/commit_graph.hpp"
#include "adapters/git/mirror.hpp"
#include "lab.hpp"

using namespace bisectd;
using namespace bisectd::test;
namespace fs = std::filesystem;

namespace {

/// Everything in a clone that could name a program, naming one that leaves a trace.
void set_traps(const Lab& lab, const std::string& trap) {
    std::ofstream(trap) << "#!/bin/sh\ntouch '" << trap << ".sprung'\nexit 1\n";
    fs::permissions(trap, fs::perms::owner_all);
    const std::string hooks = lab.clone + "/.git/hooks";
    fs::create_directories(hooks);
    for (const char* hook :
         {"post-checkout", "reference-transaction", "post-update", "pre-receive", "update",
          "post-upload-pack", "pre-auto-gc", "fsmonitor-watchman", "post-index-change"})
        fs::copy_file(trap, hooks + "/" + hook);
    std::ofstream config(lab.clone + "/.git/config", std::ios::app);
    config << "[core]\n\tfsmonitor = " << trap << "\n\tsshCommand = " << trap
           << "\n\tpager = " << trap << "\n\teditor = " << trap << "\n\taskPass = " << trap
           << "\n\talternateRefsCommand = " << trap << "\n\thooksPath = " << hooks
           << "\n\tgitProxy = " << trap << "\n[uploadpack]\n\tpackObjectsHook = " << trap
           << "\n[filter \"evil\"]\n\tclean = " << trap << "\n\tsmudge = " << trap
           << "\n\tprocess = " << trap << "\n\trequired = true\n[alias]\n\tclone = !" << trap
           << "\n\tfetch = !" << trap << "\n\trev-list = !" << trap << "\n\tupload-pack = !" << trap
           << "\n[diff]\n\texternal = " << trap << "\n[diff \"evil\"]\n\tcommand = " << trap
           << "\n\ttextconv = " << trap << "\n[gpg]\n\tprogram = " << trap
           << "\n[credential]\n\thelper = !" << trap << "\n[log]\n\tshowSignature = true"
           << "\n[include]\n\tpath = " << lab.clone << "/.git/more\n[url \"ext::" << trap
           << "\"]\n\tinsteadOf = /\n[remote \"origin\"]\n\turl = ext::" << trap
           << "\n\tuploadpack = " << trap << "\n\tpromisor = true\n[protocol]\n\tallow = always\n";
    std::ofstream(lab.clone + "/.git/more") << "[core]\n\tpager = " << trap << "\n";
    std::ofstream(lab.clone + "/.git/info/attributes") << "* filter=evil diff=evil\n";
}

}  // namespace

TEST_CASE("mirror: nothing that a clone names as a program ever runs", "[adapters]") {
    Lab lab;
    const std::string first = lab.commit("first");
    lab.commit("second");
    lab.commit("third");
    const std::string trap = lab.scratch / "trap";
    set_traps(lab, trap);
    // Once as a new mirror, once brought up to date, once with a commit fetched by its id.
    for (int round = 0; round < 3; ++round) {
        const Result<Range> range = lab.resolve("HEAD", {first}, {"file"});
        INFO((range ? std::string() : describe(range.error())));
        REQUIRE(range);
        CHECK(range->history->size() == 2);
        Patch patch;
        patch.file = "x.patch";
        patch.when.has = "third";
        patch.when.lacks = "patch-id:" + std::string(40, '0');
        const auto patches = finish(lab.repository.patches_for(lab.clone, range->bad, {patch}));
        REQUIRE(patches);
        CHECK(patches->size() == 1);
        REQUIRE(finish(lab.repository.commit(lab.clone, range->bad)));
        // The user's clone moves on (by a plumbing command that runs nothing either).
        std::ofstream(lab.clone + "/.git/refs/heads/copy" + std::to_string(round)) << first << "\n";
    }
    CHECK_FALSE(fs::exists(trap + ".sprung"));
    const std::string mirror = lab.repository.mirror(lab.clone);
    CHECK_FALSE(fs::exists(mirror + "/hooks"));
    CHECK_FALSE(fs::exists(mirror + "/objects/info/alternates"));
    // The traps are set: a plain `git status` of the user springs them.
    shell("git -C '" + lab.clone + "' status >/dev/null 2>&1");
    CHECK(fs::exists(trap + ".sprung"));
}

TEST_CASE("mirror: shares the objects of its clone, and never borrows them", "[adapters]") {
    Lab lab;
    const std::string first = lab.commit("first");
    lab.commit("second");
    git_in(lab.clone, "repack -q -a -d");
    REQUIRE(lab.resolve("HEAD", {first}));
    unsigned shared = 0;
    for (const auto& file :
         fs::directory_iterator(lab.repository.mirror(lab.clone) + "/objects/pack"))
        if (file.path().extension() == ".pack" && fs::hard_link_count(file.path()) > 1) ++shared;
    CHECK(shared == 1);

    // A clone that borrows from another one: the mirror gets objects of its own.
    Lab borrower;
    fs::remove_all(borrower.clone);
    git_in(lab.clone, "clone -q --shared . " + borrower.clone);
    REQUIRE(borrower.resolve("HEAD", {"HEAD~1"}));
    const std::string mirror = borrower.repository.mirror(borrower.clone);
    CHECK_FALSE(fs::exists(mirror + "/objects/info/alternates"));
    fs::remove_all(lab.clone);
    git_in(mirror, "fsck --connectivity-only");
}

TEST_CASE("mirror: what a killed git left behind does not stop the next one", "[adapters]") {
    Lab lab;
    const std::string first = lab.commit("first");
    lab.commit("second");
    const std::string mirror = lab.repository.mirror(lab.clone);
    fs::create_directories(mirror + ".new/objects");
    REQUIRE(lab.resolve("HEAD", {first}));
    for (const char* lock : {"packed-refs.lock", "refs/heads/main.lock", "HEAD.lock",
                             "shallow.lock", "objects/info/commit-graph.lock"})
        std::ofstream(mirror + "/" + lock) << "";
    const std::string third = lab.commit("third");
    const Result<Range> range = lab.resolve("HEAD", {first});
    REQUIRE(range);
    CHECK(range->bad.hex() == third);
    CHECK(git::CommitGraph::open(git::usable_graph(mirror))->find(range->bad));
}

TEST_CASE("mirror: branches that were deleted or changed shape are followed", "[adapters]") {
    Lab lab;
    const std::string first = lab.commit("first");
    git_in(lab.clone, "branch topic");
    lab.commit("second");
    REQUIRE(lab.resolve("HEAD", {"topic"}));
    git_in(lab.clone, "branch -D topic");
    git_in(lab.clone, "branch topic/deeper " + first);
    git_in(lab.clone, "commit -q --amend -m rewritten");
    const Result<Range> range = lab.resolve("main", {"topic/deeper"});
    REQUIRE(range);
    CHECK(range->history->size() == 1);
}

TEST_CASE("commit-graph: a damaged file yields nothing, or what it says, but no accident",
          "[adapters]") {
    Lab lab;
    for (int i = 0; i < 20; ++i) lab.commit("c" + std::to_string(i));
    git_in(lab.clone, "checkout -q -b a HEAD~5");
    lab.commit("on a", "a");
    git_in(lab.clone, "checkout -q -b b HEAD~2");
    lab.commit("on b", "b");
    git_in(lab.clone, "merge -q --no-edit a main");  // an octopus, for the EDGE chunk
    const Result<Range> range = lab.resolve("HEAD", {"HEAD^^^"});
    REQUIRE(range);
    const std::string file = lab.repository.mirror(lab.clone) + "/objects/info/commit-graph";
    std::ifstream stream(file, std::ios::binary);
    const std::string whole((std::istreambuf_iterator<char>(stream)), {});
    REQUIRE(whole.size() > 1000);
    const auto graph = git::CommitGraph::open(file);
    REQUIRE(graph);
    REQUIRE(git::range_of(*graph, range->bad, range->good, false));

    const std::string copy = lab.scratch / "damaged";
    const auto try_with = [&](const std::string& bytes) {
        std::ofstream(copy, std::ios::binary | std::ios::trunc) << bytes;
        const auto damaged = git::CommitGraph::open(copy);
        if (!damaged) return;
        const auto commits = git::range_of(*damaged, range->bad, range->good, false);
        // Whatever it is, it must be a history: parents first, ids unique.
        if (commits && commits->size() > 100'000) FAIL("grew beyond the file");
        git::reaches_any(*damaged, range->bad, range->good);
    };
    for (std::size_t size = 0; size < whole.size(); size += 7) try_with(whole.substr(0, size));
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string bytes = whole;
        for (const char value : {'\x00', '\x7f', '\x80', '\xff'}) {
            bytes[at] = value;
            try_with(bytes);
        }
    }
    // In the mirror itself: the damage is noticed and git is asked instead.
    std::ofstream(file + ".new", std::ios::binary) << whole.substr(0, whole.size() / 2);
    fs::rename(file + ".new", file);
    StartRequest request;
    request.repository = lab.clone;
    CHECK(finish(lab.repository.load(request, range->bad, range->good))->history->size() ==
          range->history->size());
}
