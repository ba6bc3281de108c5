#include "adapters/git/names.hpp"

#include <catch2/catch.hpp>

using namespace bisectd::git;

TEST_CASE("names: the edit distance counts inserted, deleted and replaced bytes", "[adapters]") {
    CHECK(edit_distance("v6.1", "v6.1") == 0);
    CHECK(edit_distance("v6.1", "v6.11") == 1);
    CHECK(edit_distance("v6.1", "6.2") == 2);
    CHECK(edit_distance("", "abc") == 3);
}
