#include "core/culprit_flags.hpp"

#include <catch2/catch.hpp>

using namespace bisectd;
using Flags = std::vector<std::string>;

namespace {

CulpritFacts facts(std::vector<std::string> paths) {
    CulpritFacts known;
    known.change.paths = std::move(paths);
    known.architectures = {"arm64"};
    return known;
}

}  // namespace

TEST_CASE("an ordinary culprit has no flags, and what is not known flags nothing", "[core]") {
    CHECK(culprit_flags(facts({"fs/namei.c"})).empty());
    CHECK(culprit_flags(facts({"arch/arm64/mm/init.c", "arch/x86/mm/init.c"})).empty());
    CulpritFacts known = facts({"arch/x86/mm/init.c"});
    known.architectures.clear();
    CHECK(culprit_flags(known).empty());
}

TEST_CASE("a culprit that cannot have done it is flagged", "[core]") {
    CHECK(culprit_flags(facts({"Documentation/x.rst", "MAINTAINERS"})) ==
          Flags{"it changes documentation only"});
    CHECK(culprit_flags(facts({"Documentation/x.rst", "arch/x86/mm/init.c"})) ==
          Flags{"it changes files of other architectures only"});
    CulpritFacts words = facts({"fs/namei.c"});
    words.change.words_only = true;
    CHECK(culprit_flags(words) == Flags{"it changes comments and documentation only"});
    CulpritFacts unread = facts({"drivers/gpu/x.c"});
    unread.built_from = false;
    CHECK(culprit_flags(unread) == Flags{"it touches no file that the bad end is built from"});
    CulpritFacts same = facts({"fs/namei.c"});
    same.binary_changed = false;
    CHECK(culprit_flags(same) == Flags{"the binary is the same as its parent's, but for its name"});
}

TEST_CASE("a culprit that adds what is tested is flagged", "[core]") {
    CulpritFacts known = facts({"kernel/rseq.c"});
    known.not_applicable_before = true;
    const Flags flags = culprit_flags(known);
    REQUIRE(flags.size() == 1);
    CHECK(flags.front().starts_with("it adds the tested interface"));
}

TEST_CASE("a merge without a change of its own is flagged", "[core]") {
    CulpritFacts known = facts({});
    CHECK(culprit_flags(known) == Flags{"it changes no file"});
    known.change.merge = true;
    CHECK(culprit_flags(known) == Flags{"it is a merge that changes nothing of its own"});
}

TEST_CASE("ARCH is not always the name of the folder", "[core]") {
    CHECK(source_architecture("x86_64") == "x86");
    CHECK(source_architecture("arm64") == "arm64");
}
