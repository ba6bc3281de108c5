#include "core/bisect_log_text.hpp"

#include <catch2/catch.hpp>

#include "random_history.hpp"

using namespace bisectd;
using bisectd::test::id_of;
using Catch::Matchers::Contains;

namespace {

const std::string b(40, 'b'), g(40, 'a'), h(40, '9'), m(40, '4'), n(40, '3');

/// "bad B good G, H: good M, skip A..N" : what a log says, in one line.
std::string told(std::string_view text) {
    const auto log = parse_bisect_log(text);
    if (!log) return describe(log.error());
    const auto name = [](const NamedCommit& commit) {
        return commit.id ? commit.id->hex().substr(0, 4) : commit.name;
    };
    std::string out = log->bad_word + " " + name(log->bad);
    for (const NamedCommit& good : log->good) out += " " + log->good_word + " " + name(good);
    for (const NamedVerdict& given : log->verdicts)
        out += ", " + std::string(word(given.verdict)) + " " +
               (given.since.empty() ? "" : given.since + "..") + name(given.commit);
    for (const std::string& path : log->paths) out += " -- " + path;
    if (log->first_parent) out += " first-parent";
    if (log->culprit) out += " culprit " + name(*log->culprit);
    return out;
}

struct Shape {
    const char* name;
    std::string text;
    std::string told;
};

std::string comment(std::string_view what, const std::string& id) {
    return "# " + std::string(what) + ": [" + id + "] mm: brk() knows [PATCH] it's: \"odd\"\n";
}
std::string command(std::string_view what, const std::string& id) {
    return "git bisect " + std::string(what) + " " + id + "\n";
}
std::string both(std::string_view what, const std::string& id) {
    return comment(what, id) + command(what, id);
}
std::string quoted(const std::string& prefix, const std::string& text) {
    std::string out = prefix;
    for (const char c : text) out += c == '\n' ? "\n" + prefix : std::string(1, c);
    return out;
}

const std::string new_wording =
    "git bisect start\n# status: waiting for both good and bad commits\n" + both("bad", b) +
    "# status: waiting for good commit(s), bad commit known\n" + both("good", g) + both("good", m) +
    both("skip", n) + comment("first bad commit", n);
const std::string said = "bad bbbb good aaaa, good 4444, skip 3333 culprit 3333";
const std::string old_wording = comment("bad", b) + comment("good", g) + "git bisect start '" + b +
                                "' 'v6.0'\n" + both("good", m) + both("skip", n) +
                                comment("first bad commit", n);

const std::vector<Shape> shapes{
    {"as git 2.36 and later write it", new_wording, said},
    {"as earlier git writes it, ends in the start line", old_wording, said},
    {"a tag whose id a comment tells",
     comment("bad", b) + comment("good", g) + "git bisect start 'v6.1' 'v6.0'\n",
     "bad bbbb good aaaa"},
    {"tags without comments", "git bisect start 'v6.1' 'v6.0' 'v5.15'\n",
     "bad v6.1 good v6.0 good v5.15"},
    {"unquoted, as typed", "git bisect start v6.1 v6.0 -- mm fs\n" + command("bad", m),
     "bad v6.1 good v6.0, bad 4444 -- mm -- fs"},
    {"paths after --",
     "git bisect start '--' 'mm/it'\\''s' 'a b'\n" + command("bad", b) + command("good", g),
     "bad bbbb good aaaa -- mm/it's -- a b"},
    {"paths without --, as many comments as ends",
     comment("bad", b) + comment("good", g) + "git bisect start 'v6.1' 'v6.0' 'mm' 'fs'\n",
     "bad bbbb good aaaa -- mm -- fs"},
    {"first parents only",
     "git bisect start '--first-parent'\n" + command("bad", b) + command("good", g),
     "bad bbbb good aaaa first-parent"},
    {"without checkouts", "git bisect start '--no-checkout' 'v2' 'v1'\n", "bad v2 good v1"},
    {"new and old",
     "git bisect start\n" + both("new", b) + both("old", g) + both("new", m) +
         comment("first new commit", m),
     "new bbbb old aaaa, bad 4444 culprit 4444"},
    {"terms of its own, with =",
     "git bisect start --term-new=broken --term-old=fixed\n" + both("broken", b) +
         both("fixed", g) + both("fixed", m),
     "broken bbbb fixed aaaa, good 4444"},
    {"terms of its own, as git quotes them",
     "git bisect start '--term-old' 'fast' '--term-new' 'slow' 'v2' 'v1'\n" + both("slow", m) +
         comment("first slow commit", m),
     "slow v2 fast v1, bad 4444 culprit 4444"},
    {"terms of its own told by --term-good",
     "git bisect start --term-good yes --term-bad no\n" + command("no", b) + command("yes", g),
     "no bbbb yes aaaa"},
    {"only one term of its own",
     "git bisect start --term-bad=oops\n" + command("oops", b) + command("good", g),
     "oops bbbb good aaaa"},
    {"git bisect terms between",
     "git bisect start\ngit bisect terms\n" + command("bad", b) + command("good", g),
     "bad bbbb good aaaa"},
    {"quoted by mail", quoted("> ", new_wording), said},
    {"quoted twice", quoted(">> ", new_wording), said},
    {"quoted twice with spaces", quoted("> > ", old_wording), said},
    {"quoted with bars", quoted("| ", old_wording), said},
    {"indented", quoted("\t  ", new_wording), said},
    {"with CR LF",
     [] {
         std::string text;
         for (const char c : new_wording) text += c == '\n' ? "\r\n" : std::string(1, c);
         return text;
     }(),
     said},
    {"a subject wrapped by mail",
     "git bisect start\n# bad: [" + b + "] mm: a very\nlong subject of a commit\n" +
         command("bad", b) + both("good", g),
     "bad bbbb good aaaa"},
    {"a comment wrapped before its id",
     "git bisect start\n" + both("bad", b) + both("good", g) + "# first bad commit:\n[" + m +
         "] mm\n",
     "bad bbbb good aaaa culprit 4444"},
    {"a start line wrapped between its ends", "git bisect start 'v6.1'\n'v6.0' '--'\n'mm'\n",
     "bad v6.1 good v6.0 -- mm"},
    {"a start line wrapped in a quote", "> git bisect start 'v6.1' 'v6.0' '--' 'a\n> b'\n",
     "bad v6.1 good v6.0 -- a b"},
    {"a command wrapped before its id", "git bisect start v2 v1\ngit bisect good\n" + m + "\n",
     "bad v2 good v1, good 4444"},
    {"without its start line", both("bad", b) + both("good", g) + both("good", m),
     "bad bbbb good aaaa, good 4444"},
    {"only the comments",
     comment("bad", b) + comment("good", g) + comment("good", m) + comment("skip", n) +
         comment("first bad commit", b),
     "bad bbbb good aaaa, good 4444, skip 3333 culprit bbbb"},
    {"only the comments, in words of its own",
     "git bisect start --term-new=wet --term-old=dry\n" + comment("wet", b) + comment("dry", g),
     "wet bbbb dry aaaa"},
    {"only the commands",
     "git bisect start\n" + command("bad", b) + command("good", g) + command("skip", n),
     "bad bbbb good aaaa, skip 3333"},
    {"short ids, told in full by comments",
     "git bisect start\n" + comment("bad", b) + command("bad", "bbbbbbb") +
         command("good", "aaaaaaa"),
     "bad bbbb good aaaaaaa"},
    {"short ids in comments", "# bad: [bbbbbbb] x\n# good: [aaaaaaa] y\n",
     "bad bbbbbbb good aaaaaaa"},
    {"a skipped range", "git bisect start v2 v1\ngit bisect skip v1.1..v1.2 " + m + "\n",
     "bad v2 good v1, skip v1.1..v1.2, skip 4444"},
    {"good before bad",
     "git bisect start\n" + command("good", g) + command("good", h) + command("bad", b),
     "bad bbbb good aaaa good 9999"},
    {"several good ends at once", "git bisect start v2 v1 v0\n", "bad v2 good v1 good v0"},
    {"nothing but skipped left",
     "git bisect start v2 v1\n" + both("skip", m) + "# only skipped commits left to test\n" +
         comment("possible first bad commit", m) + comment("possible first bad commit", b),
     "bad v2 good v1, skip 4444"},
    {"a second start begins anew", new_wording + "git bisect start v2 v1\n" + command("bad", m),
     "bad v2 good v1, bad 4444"},
    {"in the middle of a mail",
     "Hi,\n\ngit bisect led me here, it's odd:\n\n" + new_wording + "\nThanks, and don't hurry\n",
     said},
    {"git-bisect, as very old logs have it",
     "git-bisect start\ngit-bisect bad " + b + "\ngit-bisect good " + g, "bad bbbb good aaaa"},
    {"corrected by hand: the command counts, not its comment",
     "git bisect start\n" + both("bad", b) + both("good", g) + comment("good", m) +
         command("bad", m) + comment("skip", n),
     "bad bbbb good aaaa, bad 4444"},
    {"a name that the comment before it tells",
     "git bisect start\n" + comment("bad", b) + command("bad", "HEAD") + command("good", "v1"),
     "bad bbbb good v1"},
};

const std::vector<Shape> refused{
    {"nothing", "", "git bisect log: it names no bad commit"},
    {"prose", "It worked yesterday.\n", "git bisect log: it names no bad commit"},
    {"no good commit", "git bisect start\n" + command("bad", b),
     "git bisect log: it names no good commit"},
    {"no new commit", "git bisect start\n" + command("old", b),
     "git bisect log: it names no new commit"},
    {"two pairs of words", "git bisect start v2 v1\n" + command("bad", b) + command("old", g),
     "git bisect log, line 3: 'old' is no word of this bisection"},
    {"an unknown word", "git bisect start v2 v1\n" + command("goood", b),
     "git bisect log, line 2: 'goood' is no word"},
    {"comments in unknown words", comment("wet", b) + comment("dry", g),
     "git bisect log, line 1: 'wet' is neither good nor bad here"},
    {"a command without its commit", "git bisect start v2 v1\n\ngit bisect good\n",
     "git bisect log, line 3: it does not say which commit"},
    {"an open quote", "git bisect start 'v2 v1\n", "git bisect log, line 1: a quote is not closed"},
    {"an option in place of a commit", "git bisect start v2 v1\ngit bisect bad --all\n",
     "line 2: '--all' is an option, not a commit"},
    {"an unknown option", "git bisect start --frist-parent v2 v1\n",
     "line 1: unknown option '--frist-parent'"},
    {"a range that is good", "git bisect start v2 v1\ngit bisect good a..b\n",
     "line 2: 'a..b' is a range; only skip takes one"},
    {"half a range", "git bisect start v2 v1\ngit bisect skip a..\n", "line 2: a name is empty"},
    {"a term that is a command", "git bisect start --term-new=skip\n",
     "line 1: 'skip' cannot be a term"},
    {"a term without its word", "git bisect start --term-new\n", "line 1: --term-new needs a word"},
    {"two terms alike", "git bisect start --term-new=x --term-old=x\n",
     "line 1: both terms are 'x'"},
    {"a control character", "git bisect start v2 v\x01\n", "line 1: 'v?' has a control character"},
    {"a very long name", "git bisect start v2 " + std::string(300, 'x') + "\n",
     "line 1: a name is longer than 256 bytes"},
    {"too many lines", std::string(30'000, '\n'), "it has more than 20000 lines"},
    {"too many bytes", std::string(300'000, '#'), "it is longer than 200 KiB"},
};

}  // namespace

TEST_CASE("bisect log text: every shape says the same to us as to git", "[core]") {
    REQUIRE(shapes.size() >= 25);
    for (const Shape& shape : shapes) {
        INFO(shape.name << "\n" << shape.text);
        CHECK(told(shape.text) == shape.told);
    }
}

TEST_CASE("bisect log text: what cannot be understood is refused with its line", "[core]") {
    for (const Shape& shape : refused) {
        INFO(shape.name);
        CHECK_THAT(told(shape.text), Contains(shape.told));
        CHECK(told(shape.text).size() < 300);
    }
}

TEST_CASE("bisect log text: each name knows its line", "[core]") {
    const auto log = parse_bisect_log(old_wording);
    REQUIRE(log);
    CHECK(log->bad.line == 3);
    CHECK(log->verdicts[0].commit.line == 5);
    CHECK(log->verdicts[1].commit.line == 7);
}

TEST_CASE("bisect log text: our own log comes back as it was", "[core]") {
    BisectLog log;
    log.bad = {id_of(9), "it broke\ngit bisect good " + id_of(7).hex()};
    log.good = {{id_of(1), "it's \"odd\""}, {id_of(2), "[PATCH]: x"}};
    log.first_parent = true;
    log.paths = {"it's", "--help", "a!b", "c d"};
    log.verdicts = {{Verdict::skip, {id_of(5), "s"}}, {Verdict::bad, {id_of(4), "t"}}};
    log.culprit = log.verdicts[1].commit;
    const auto read = parse_bisect_log(git_bisect_log(log));
    REQUIRE(read);
    CHECK(read->bad.id == log.bad.id);
    REQUIRE(read->good.size() == 1);
    CHECK(read->good[0].id == log.good[0].id);
    REQUIRE(read->verdicts.size() == 3);  // git calls no good commit an end
    CHECK(read->verdicts[0].commit.id == log.good[1].id);
    CHECK(read->verdicts[1].verdict == Verdict::skip);
    CHECK(read->verdicts[2].verdict == Verdict::bad);
    CHECK(read->verdicts[2].commit.id == id_of(4));
    CHECK(read->first_parent);
    CHECK(read->paths == log.paths);
    REQUIRE(read->culprit);
    CHECK(read->culprit->id == id_of(4));
}
