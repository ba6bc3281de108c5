#include <algorithm>
#include <random>
#include <set>

#include "adapters/git/raw_changes.hpp"
#include "lab.hpp"

using namespace bisectd;
using namespace bisectd::test;
using Ids = std::set<std::string>;

namespace {

/// A lab with a good end, in which commits edit named files; "main.c" and "fs/new.c" are read.
struct Shop : Lab {
    std::string good = (make("main.c"), make("notes"), make("fs/other.c"), save("good"));
    std::shared_ptr<const BuildInputs> inputs =
        std::make_shared<const BuildInputs>(BuildInputs::parse("main.c\nfs/new.c\n"));

    void make(const std::string& file) const {
        const std::string path = clone + "/" + file;
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        std::ofstream(path, std::ios::app) << "a line of " << file << "\n";
    }
    std::string save(const std::string& subject) const {
        git_in(clone, "add -A");
        git_in(clone, "commit -q --allow-empty -m '" + subject + "'");
        return git_in(clone, "rev-parse HEAD");
    }
    std::string edit(const std::string& file) const {
        make(file);
        return save("edits " + file);
    }
    Ids unlikely(bool first_parent = false) {
        const auto range = resolve("HEAD", {good}, {}, first_parent);
        REQUIRE(range);
        const auto found = finish(repository.unlikely(clone, range->history, inputs, first_parent));
        INFO((found ? "" : describe(found.error())));
        REQUIRE(found);
        Ids ids;
        for (const CommitId& id : *found) ids.insert(id.hex());
        CHECK(ids.size() == found->size());
        return ids;
    }
};

}  // namespace

TEST_CASE("unlikely are the commits that touch nothing that is read", "[adapters][git]") {
    Shop shop;
    const std::string words = shop.edit("Documentation/a.rst");
    shop.edit("main.c");
    const std::string unread = shop.edit("fs/other.c");
    shop.edit("fs/Makefile");
    const std::string nothing = shop.save("changes nothing");
    shop.make("notes");
    shop.edit("main.c");
    CHECK(shop.unlikely() == Ids{words, unread, nothing});
    shop.inputs = std::make_shared<const BuildInputs>();
    CHECK(shop.unlikely().empty());  // nothing is known, so nothing is unlikely
}

TEST_CASE("a file that was moved counts under its old name too, even for commits before",
          "[adapters][git]") {
    Shop shop;
    const std::string before = shop.edit("old/driver.c");
    const std::string other = shop.edit("old/unread.c");
    git_in(shop.clone, "mv old/driver.c fs/driver.c");
    shop.save("a first move");
    git_in(shop.clone, "mv fs/driver.c fs/new.c");
    shop.save("a second move");
    const Ids unlikely = shop.unlikely();
    CHECK_FALSE(unlikely.contains(before));
    CHECK(unlikely == Ids{other});
}

TEST_CASE("merges are compared with each parent", "[adapters][git]") {
    Shop shop;
    const auto merge = [&shop](const std::string& how) {
        git_in(shop.clone, "merge -q --no-ff --no-commit " + how);
        return shop.save("merge");
    };
    shop.edit("main.c");
    git_in(shop.clone, "checkout -q -b words " + shop.good);
    const std::string words = shop.edit("Documentation/a.rst");
    git_in(shop.clone, "checkout -q main");
    const std::string of_words = merge("words");  // as its first parent, but for words

    git_in(shop.clone, "checkout -q words");
    const std::string back = merge("main");  // as its second parent, but for words
    shop.make("fs/new.c");
    const std::string touching = shop.save("work on the branch");
    git_in(shop.clone, "checkout -q main");
    shop.edit("main.c");
    const std::string joining = merge("words");  // both sides have what the other lacks

    git_in(shop.clone, "checkout -q -b more HEAD~1");
    const std::string more = shop.edit("Documentation/b.rst");
    git_in(shop.clone, "checkout -q main");
    git_in(shop.clone, "merge -q --no-ff --no-commit more");
    shop.make("main.c");
    const std::string evil = shop.save("a merge with a change of its own");

    const Ids unlikely = shop.unlikely();
    CHECK(unlikely.contains(of_words));
    CHECK_FALSE(unlikely.contains(joining));
    CHECK_FALSE(unlikely.contains(touching));
    CHECK_FALSE(unlikely.contains(evil));
    CHECK(unlikely.contains(words));
    CHECK(unlikely.contains(more));
    CHECK(back != of_words);
}

TEST_CASE("along first parents a merge stands for its branch", "[adapters][git]") {
    Shop shop;
    git_in(shop.clone, "checkout -q -b side");
    shop.edit("main.c");
    git_in(shop.clone, "checkout -q main");
    const std::string words = shop.edit("Documentation/a.rst");
    git_in(shop.clone, "merge -q --no-ff --no-edit side");
    CHECK(shop.unlikely(true) == Ids{words});
}

TEST_CASE("unlikely: random histories agree with comparing each commit with each parent",
          "[adapters][git]") {
    Shop shop;
    std::mt19937 chance(20240611);
    const auto below = [&chance](unsigned n) { return static_cast<unsigned>(chance() % n); };
    const std::vector<std::string> files{"main.c", "fs/new.c", "a.c", "b.c", "Documentation/c.rst"};
    unsigned number = 0;
    for (const std::string branch : {"one", "two"}) git_in(shop.clone, "branch " + branch);
    for (unsigned step = 0; step < 60; ++step) {
        const std::vector<std::string> branches{"main", "one", "two"};
        git_in(shop.clone, "checkout -q " + branches[below(3)]);
        if (below(4) == 0) {
            git_in(shop.clone, "merge -q --no-ff -X ours --no-edit " + branches[below(3)]);
            continue;
        }
        std::ofstream(shop.clone + "/" + files[below(5)], std::ios::app) << ++number << "\n";
        shop.save("step");
    }
    git_in(shop.clone, "checkout -q main");
    const auto reads = [&shop](const std::string& from, const std::string& to) {
        for (const auto& path :
             lines_of(git_in(shop.clone, "diff-tree -r --name-only " + from + " " + to)))
            if (shop.inputs->reads(path)) return true;
        return false;
    };
    const auto range = shop.resolve("HEAD", {shop.good});
    REQUIRE(range);
    REQUIRE(range->history->size() > 30);
    Ids expected;
    for (CommitIndex i = 0; i < range->history->size(); ++i) {
        const std::string id = range->history->id(i).hex();
        bool equal = !reads(id + "^1", id);
        for (const CommitIndex parent : range->history->parents(i))
            equal = equal || !reads(range->history->id(parent).hex(), id);
        if (equal) expected.insert(id);
    }
    CHECK(shop.unlikely() == expected);
}

TEST_CASE("raw changes are read in any pieces, and a torn end is noticed", "[adapters][git]") {
    using namespace std::string_literals;
    const std::string whole =
        "c1\0:100644 100644 a b M\0dir/file\0:100644 000000 a b D\0:odd name\0c2\0"s;
    for (const std::size_t step : {1UL, 3UL, whole.size()}) {
        std::string seen;
        git::RawChanges reader(
            {[&seen](std::string_view id) { seen += "[" + std::string(id) + "]"; },
             [&seen](std::string_view path, char status) {
                 seen += status + (" " + std::string(path)) + ";";
             }});
        for (std::size_t at = 0; at < whole.size(); at += step)
            reader.feed(std::string_view(whole).substr(at, step));
        CHECK(seen == "[c1]M dir/file;D :odd name;[c2]");
        CHECK(reader.whole());
        reader.feed(":100644 100644 a b M\0"s);
        CHECK_FALSE(reader.whole());
    }
}
