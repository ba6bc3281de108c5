#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>

#include "lab.hpp"

using namespace bisectd;
using namespace bisectd::test;
using Catch::Matchers::Contains;

TEST_CASE("resolve: names mean what they mean in the user's clone", "[adapters]") {
    Lab lab;
    const std::string first = lab.commit("first");
    git_in(lab.clone, "tag -a v1.0 -m 'one'");
    const std::string second = lab.commit("second");
    const std::string third = lab.commit("third");
    git_in(lab.clone, "tag v1.1");
    git_in(lab.clone, "update-ref refs/remotes/origin/stable " + second);
    const std::string good_name = GENERATE("v1.0", "v1.0^0", "v1.0^{commit}", "refs/tags/v1.0",
                                           "HEAD~2", "main~2", "origin/stable~1", "v1.1^^");
    const Result<Range> range = lab.resolve("HEAD", {good_name});
    REQUIRE(range);
    CHECK(range->bad.hex() == third);
    REQUIRE(range->good.size() == 1);
    CHECK(range->good.front().hex() == first);
    CHECK(range->merge_bases.empty());
    REQUIRE(range->history->size() == 2);
    CHECK(range->history->id(0).hex() == second);
    CHECK(range->history->id(1).hex() == third);
}

TEST_CASE("resolve: short ids and news of the clone are found", "[adapters]") {
    Lab lab;
    const std::string first = lab.commit("first");
    lab.commit("second");
    REQUIRE(lab.resolve("HEAD", {first.substr(0, 10)}));
    const std::string third = lab.commit("third");
    git_in(lab.clone, "checkout -q -b other");
    const Result<Range> range = lab.resolve("other", {first});
    REQUIRE(range);
    CHECK(range->bad.hex() == third);
    CHECK(range->history->size() == 2);
}

TEST_CASE("resolve: a commit that only its id reaches is kept, whatever becomes of the clone",
          "[adapters]") {
    Lab lab;
    const std::string first = lab.commit("first");
    lab.commit("second");
    REQUIRE(lab.resolve("HEAD", {first}));
    const std::string lost = lab.commit("lost");
    git_in(lab.clone, "reset -q --hard HEAD~1");
    const Result<Range> range = lab.resolve(lost, {first});
    REQUIRE(range);
    CHECK(range->history->size() == 2);

    std::filesystem::remove_all(lab.clone + "/.git/logs");
    git_in(lab.clone, "gc -q --prune=now");
    StartRequest request;
    request.repository = lab.clone;
    const Result<Range> again = finish(lab.repository.load(request, range->bad, range->good));
    REQUIRE(again);
    CHECK(again->history->size() == 2);
    CHECK(again->bad.hex() == lost);

    std::filesystem::remove_all(lab.clone + "/.git/objects");
    const auto info = finish(lab.repository.commit(lab.clone, range->bad));
    REQUIRE(info);
    CHECK(info->subject == "lost");
}

TEST_CASE("resolve: good ends on other branches bring all merge bases", "[adapters]") {
    // 0---1---2 main      side is good: 0 is the merge base
    //  `---s side
    Lab lab;
    const std::string base = lab.commit("base");
    lab.commit("one");
    lab.commit("two");
    git_in(lab.clone, "checkout -q -b side " + base);
    lab.commit("s", "other");
    const Result<Range> range = lab.resolve("main", {"side"});
    REQUIRE(range);
    REQUIRE(range->merge_bases.size() == 1);
    CHECK(range->merge_bases.front().hex() == base);
    CHECK(range->history->size() == 2);
    const Result<Range> both = lab.resolve("main", {"side", base});
    REQUIRE(both);
    CHECK(both->merge_bases.empty());
    CHECK(both->good.size() == 2);
}

TEST_CASE("resolve: the ways to write a clone's path share one mirror", "[adapters]") {
    Lab lab;
    const std::string mirror = lab.repository.mirror(lab.clone);
    CHECK(lab.repository.mirror(lab.clone + "/") == mirror);
    CHECK(lab.repository.mirror(lab.clone + "/.git") == mirror);
    CHECK(lab.repository.mirror(lab.clone + "/../clone/.") == mirror);
    std::filesystem::create_directory_symlink(lab.clone, lab.scratch / "link");
    CHECK(lab.repository.mirror(lab.scratch / "link") == mirror);
    CHECK(lab.repository.mirror(lab.scratch / "clone2") != mirror);
}

TEST_CASE("resolve: an unknown name comes with the most similar ones", "[adapters]") {
    Lab lab;
    lab.commit("first");
    git_in(lab.clone, "tag v6.1-rc1");
    git_in(lab.clone, "tag v6.10");
    git_in(lab.clone, "branch stable/linux-6.1.y");
    lab.commit("second");
    CHECK_THAT(lab.refusal("HEAD", {"v6.1-rc2"}), Contains("did you mean v6.1-rc1"));
    CHECK_THAT(lab.refusal("HEAD", {"linux-6.1.y"}), Contains("stable/linux-6.1.y"));
    CHECK_THAT(lab.refusal("HEAD", {"qqqqqqqq"}), Contains("git fetch --tags"));
    CHECK_THAT(lab.refusal("v6.1-rc2~3", {"HEAD"}), Contains("bad 'v6.1-rc2~3'"));
    CHECK_THAT(lab.refusal("HEAD", {std::string(40, '1')}), Contains("no tag, branch or commit"));
}

TEST_CASE("resolve: an ambiguous short id lists what it may mean", "[adapters]") {
    Lab lab;
    // With a few thousand commits, two of them share four digits for certain.
    std::string stream;
    for (int i = 0; i < 2000; ++i)
        stream += "commit refs/heads/main\ncommitter C <c@example.org> " +
                  std::to_string(1600000000 + i) + " +0000\ndata 1\nx\n\n";
    std::ofstream(lab.scratch / "stream") << stream;
    git_in(lab.clone, "fast-import --quiet < " + lab.scratch / "stream");
    std::map<std::string, std::vector<std::string>> by_prefix;
    for (const std::string& id : lines_of(git_in(lab.clone, "rev-list main")))
        by_prefix[id.substr(0, 4)].push_back(id);
    bool seen = false;
    for (const auto& [prefix, ids] : by_prefix) {
        if (ids.size() < 2) continue;
        const std::string said = lab.refusal("main", {prefix});
        CHECK_THAT(said, Contains("ambiguous") && Contains(ids[0]) && Contains(ids[1]));
        seen = true;
        break;
    }
    CHECK(seen);
}

TEST_CASE("resolve: a tag and a branch of one name are told apart by their reader", "[adapters]") {
    Lab lab;
    const std::string first = lab.commit("first");
    git_in(lab.clone, "tag -a -m both both");
    git_in(lab.clone, "tag -a -m same same");
    git_in(lab.clone, "branch same");
    const std::string second = lab.commit("second");
    git_in(lab.clone, "branch both");
    lab.commit("third");
    for (const std::string name : {"both", "both^0", "both^{commit}"})
        CHECK_THAT(lab.refusal("HEAD", {name}),
                   Contains("good '" + name + "'") && Contains(first.substr(0, 12)) &&
                       Contains(second.substr(0, 12)) &&
                       Contains("refs/tags/" + name + " or refs/heads/" + name));
    for (const std::string name : {"refs/tags/both", "tags/both", "tags/both^0", "same"}) {
        const Result<Range> range = lab.resolve("HEAD", {name});
        REQUIRE(range);
        CHECK(range->good.front().hex() == first);
    }
    for (const std::string name : {"refs/heads/both", "heads/both"}) {
        const Result<Range> range = lab.resolve("HEAD", {name});
        REQUIRE(range);
        CHECK(range->good.front().hex() == second);
    }
}

TEST_CASE("resolve: names that are no commits are refused", "[adapters]") {
    Lab lab;
    lab.commit("first");
    git_in(lab.clone, "tag tree HEAD^{tree}");
    git_in(lab.clone, "tag blob HEAD:file");
    lab.commit("second");
    CHECK_THAT(lab.refusal("HEAD", {"tree"}), Contains("is a tree, not a commit"));
    CHECK_THAT(lab.refusal("HEAD", {"blob"}), Contains("is a blob, not a commit"));
    CHECK_THAT(lab.refusal("HEAD:file", {"HEAD~1"}), Contains("is a blob"));
    CHECK_THAT(lab.refusal("HEAD", {""}), Contains("empty"));
    CHECK_THAT(lab.refusal("HEAD", {}), Contains("at least one good"));
    CHECK_THAT(lab.refusal("--output=/etc/passwd", {"HEAD"}), Contains("starts with '-'"));
    CHECK_THAT(lab.refusal("HEAD", {"-1"}), Contains("starts with '-'"));
    CHECK_THAT(lab.refusal("HEAD", {"a\nb\x1b[2J"}),
               Contains("control character") && !Contains("\x1b"));
    CHECK_THAT(lab.refusal("HEAD", {std::string(2000, 'x')}), Contains("longer than"));
    CHECK_THAT(lab.refusal("HEAD~1..HEAD", {"HEAD"}), Contains("is a range"));
    CHECK_THAT(lab.refusal("HEAD", {"HEAD^{"}), Contains("HEAD^{"));
}

TEST_CASE("resolve: a name that searches messages is refused", "[adapters]") {
    // Its expression may take for ever, in each message of the history.
    Lab lab;
    lab.commit(std::string(40, 'x'));
    lab.commit("second");
    for (const char* name : {":/(x+x+)+y", "HEAD^{/(x+x+)+y}", ":/second"})
        CHECK_THAT(lab.refusal("HEAD", {name}), Contains("searches messages"));
}

TEST_CASE("resolve: tags of tags are followed, and a message of any size does no harm",
          "[adapters]") {
    Lab lab;
    const std::string first = lab.commit("first");
    const std::string second = lab.commit("second");
    std::string tag = second;
    for (int i = 0; i < 60; ++i) {
        git_in(lab.clone, "tag -a -m deeper t" + std::to_string(i) + " " + tag);
        tag = "t" + std::to_string(i);
    }
    {
        std::ofstream message(lab.scratch / "message");
        for (int i = 0; i < 400'000; ++i) message << "a very long message, indeed\n";
    }
    git_in(lab.clone, "tag -a -F '" + (lab.scratch / "message") + "' huge " + tag);
    const Result<Range> range = lab.resolve("huge", {first});
    REQUIRE(range);
    CHECK(range->bad.hex() == second);
}

TEST_CASE("resolve: folders that are no repositories are refused", "[adapters]") {
    Lab lab;
    lab.clone = lab.scratch / "nowhere";
    CHECK_THAT(lab.refusal("HEAD", {"v1"}), Contains("no such folder"));
    std::filesystem::create_directory(lab.clone);
    CHECK_THAT(lab.refusal("HEAD", {"v1"}), Contains("not a git repository"));
    lab.clone = lab.scratch / "clone";
    CHECK_THAT(lab.refusal("HEAD", {"v1"}), Contains("no tag, branch or commit"));
}

TEST_CASE("resolve: ends that enclose nothing are refused", "[adapters]") {
    Lab lab;
    lab.commit("first");
    git_in(lab.clone, "tag v1");
    lab.commit("second");
    git_in(lab.clone, "tag v2");
    git_in(lab.clone, "checkout -q --orphan alien");
    lab.commit("from elsewhere");
    CHECK_THAT(lab.refusal("v1", {"v1"}), Contains("both are commit"));
    CHECK_THAT(lab.refusal("v2", {"v1", "v2^0"}), Contains("both are commit"));
    CHECK_THAT(lab.refusal("v1", {"v2"}), Contains("swapped"));
    CHECK_THAT(lab.refusal("v2", {"alien"}), Contains("unrelated histories"));
    CHECK_THAT(lab.refusal("v2", {"v1"}, {"no/such/file"}),
               Contains("touches them") || Contains("touch"));
    CHECK_THAT(lab.refusal("v2", {"v1"}, {""}), Contains("path is empty"));
    CHECK_THAT(lab.refusal("v2", {"v1"}, {":(nosuchmagic)x"}), Contains("paths"));
}

TEST_CASE("resolve: a shallow border in the range is refused until the clone is whole",
          "[adapters]") {
    //          1---2---3 main: depth 3 lacks s and the base
    //         /       /
    //    base---s----'
    Lab upstream;
    const std::string base = upstream.commit("base");
    git_in(upstream.clone, "tag v0");
    git_in(upstream.clone, "checkout -q -b side");
    upstream.commit("s", "other");
    git_in(upstream.clone, "checkout -q main");
    upstream.commit("one");
    const std::string two = upstream.commit("two");
    git_in(upstream.clone, "merge -q --no-ff -m three side");
    Lab lab;
    std::filesystem::remove_all(lab.clone);
    git_in(upstream.clone, "clone -q --depth 2 'file://" + upstream.clone + "' " + lab.clone);
    CHECK_THAT(lab.refusal("HEAD", {"v0"}), Contains("git fetch --unshallow"));
    // `two` is there, but the other side of the merge ends within the range.
    CHECK_THAT(lab.refusal("HEAD", {two}), Contains("ends here, within the range"));
    git_in(lab.clone, "fetch -q --unshallow --tags");
    const Result<Range> range = lab.resolve("HEAD", {"v0"});
    REQUIRE(range);
    CHECK(range->history->size() == 4);
    CHECK(range->good.front().hex() == base);
}

TEST_CASE("resolve: a border outside the range does no harm", "[adapters]") {
    Lab upstream;
    for (const char* subject : {"one", "two", "three", "four", "five"}) upstream.commit(subject);
    Lab lab;
    std::filesystem::remove_all(lab.clone);
    git_in(upstream.clone, "clone -q --depth 4 'file://" + upstream.clone + "' " + lab.clone);
    const Result<Range> range = lab.resolve("HEAD", {"HEAD~2"});
    REQUIRE(range);
    CHECK(range->history->size() == 2);
}

TEST_CASE("resolve: replaced commits count as git counts them", "[adapters]") {
    Lab lab;
    const std::string first = lab.commit("first");
    lab.commit("second");
    lab.commit("third");
    git_in(lab.clone, "replace --graft HEAD " + first);
    const Result<Range> range = lab.resolve("HEAD", {first});
    REQUIRE(range);
    CHECK(range->history->size() == 1);
}

TEST_CASE("resolve: a linked work tree is a clone too", "[adapters]") {
    Lab lab;
    lab.commit("first");
    const std::string second = lab.commit("second");
    git_in(lab.clone, "worktree add -q ../linked -b topic");
    lab.commit("third");
    lab.clone = lab.scratch / "linked";
    const Result<Range> range = lab.resolve("HEAD", {"main~2"});
    REQUIRE(range);
    CHECK(range->bad.hex() == second);
}

TEST_CASE("resolve: cancelled, it ends with that and not with an exception", "[adapters]") {
    Lab lab;
    lab.commit("first");
    lab.commit("second");
    REQUIRE(lab.resolve("HEAD", {"HEAD~1"}));
    StartRequest request;
    request.repository = lab.clone;
    request.bad = "HEAD";
    request.good = {"HEAD~1"};
    // Somebody else holds the mirror, so that there is a wait to be cancelled.
    const std::string lock = lab.repository.mirror(lab.clone) + ".lock";
    boost::asio::io_context context;
    boost::asio::cancellation_signal signal;
    const int descriptor = ::open(lock.c_str(), O_RDWR);
    REQUIRE(::flock(descriptor, LOCK_EX | LOCK_NB) == 0);
    std::optional<Result<Range>> result;
    const auto keep = [&result](const std::exception_ptr& error, Result<Range> range) {
        CHECK_FALSE(error);
        result.emplace(std::move(range));
    };
    boost::asio::co_spawn(context, lab.repository.resolve(request),
                          boost::asio::bind_cancellation_slot(signal.slot(), keep));
    context.run_for(std::chrono::milliseconds(200));
    CHECK_FALSE(result);
    signal.emit(boost::asio::cancellation_type::terminal);
    context.run_for(std::chrono::seconds(20));
    ::close(descriptor);
    REQUIRE(result);
    REQUIRE_FALSE(*result);
    CHECK(result->error().kind == ErrorKind::cancelled);
}
