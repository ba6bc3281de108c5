#include <catch2/catch.hpp>

#include "core/report/log_difference.hpp"

using namespace bisectd;
using Lines = std::vector<std::string>;

TEST_CASE("log difference: the place where two consoles part, whatever the times say", "[core]") {
    const std::string good =
        "[    0.000000] Booting\n[    0.100000] Memory: 123k\n[    0.200000] Freeing at ffff0010\n"
        "[    0.300000] Run /init\n[    0.400000] ready\n";
    const std::string bad =
        "[    0.000000] Booting\r\n[    0.110000] Memory: 124k\r\n"
        "[    0.210000] Freeing at ffff9a10\r\n[    0.310000] BUG: bad thing\r\n"
        "[    0.310001] Call trace:\r\n";
    const LogDifference difference = difference_of(good, bad, 1, 2);
    CHECK(difference.in_common == 3);
    CHECK(difference.bad == Lines{"[    0.210000] Freeing at ffff9a10",
                                  "[    0.310000] BUG: bad thing", "[    0.310001] Call trace:"});
    CHECK(difference.good == Lines{"[    0.200000] Freeing at ffff0010", "[    0.300000] Run /init",
                                   "[    0.400000] ready"});
}

TEST_CASE("log difference: equal logs have none; a missing good log shows the bad one", "[core]") {
    CHECK(difference_of("a 1\nb 2\n", "b 9\na 8\n", 3, 3).bad.empty());
    CHECK(difference_of("a\n", "", 3, 3).bad.empty());
    const LogDifference alone = difference_of("", "first\nsecond\nthird\n", 3, 2);
    CHECK(alone.bad == Lines{"first", "second"});
    CHECK(alone.good.empty());
    CHECK(alone.in_common == 0);
}

TEST_CASE("log difference: hostile lines are printable and cut", "[core]") {
    const LogDifference difference =
        difference_of("x\n", "\x1b[2J\xff\n" + std::string(5000, 'y') + "\n", 2, 5);
    REQUIRE(difference.bad.size() == 2);
    CHECK(difference.bad[0].find('\x1b') == std::string::npos);
    CHECK(difference.bad[1].size() < 200);
    const LogDifference large =
        difference_of(std::string(3 << 20, 'a'), std::string(3 << 20, 'b') + "\nend", 2, 5);
    CHECK(large.bad.size() == 2);
}
