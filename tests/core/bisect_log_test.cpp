#include "core/bisect_log.hpp"

#include <catch2/catch.hpp>

#include "random_history.hpp"

using namespace bisectd;
using bisectd::test::id_of;

TEST_CASE("bisect log: reads like git's own", "[core]") {
    BisectLog log;
    log.bad = {id_of(9), "it broke"};
    log.good = {{id_of(1), "it worked"}};
    log.verdicts = {{Verdict::skip, {id_of(5), "does not build"}},
                    {Verdict::bad, {id_of(4), "mm: be clever"}},
                    {Verdict::good, {id_of(3), "docs"}}};
    log.culprit = log.verdicts[1].commit;
    const std::string id1 = id_of(1).hex(), id3 = id_of(3).hex(), id4 = id_of(4).hex(),
                      id5 = id_of(5).hex(), id9 = id_of(9).hex();
    CHECK(git_bisect_log(log) == "git bisect start\n# bad: [" + id9 +
                                     "] it broke\ngit bisect bad " + id9 + "\n# good: [" + id1 +
                                     "] it worked\ngit bisect good " + id1 + "\n# skip: [" + id5 +
                                     "] does not build\ngit bisect skip " + id5 + "\n# bad: [" +
                                     id4 + "] mm: be clever\ngit bisect bad " + id4 +
                                     "\n# good: [" + id3 + "] docs\ngit bisect good " + id3 +
                                     "\n# first bad commit: [" + id4 + "] mm: be clever\n");
}

TEST_CASE("bisect log: neither subjects nor paths can forge a command", "[core]") {
    BisectLog log;
    log.bad = {id_of(2), "innocent\ngit bisect good " + id_of(7).hex() + "\r\x1b[2J"};
    log.good = {{id_of(1), std::string(5000, 'x')}};
    log.paths = {"it's\nhere", "--help"};
    log.first_parent = true;
    const std::string text = git_bisect_log(log);
    CHECK(text.find("\ngit bisect good " + id_of(7).hex()) == std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.starts_with("git bisect start '--first-parent' '--' 'it'\\''s?here' '--help'\n"));
    CHECK(text.size() < 1000);
}

TEST_CASE("bisect log: what is uncertain is skipped", "[core]") {
    BisectLog log;
    log.bad = {id_of(2), ""};
    log.good = {{id_of(1), ""}};
    log.verdicts = {{Verdict::uncertain, {id_of(3), "s"}}};
    CHECK(git_bisect_log(log).find("git bisect skip " + id_of(3).hex()) != std::string::npos);
}
