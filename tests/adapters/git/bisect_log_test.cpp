#include "core/bisect_log_text.hpp"

#include <iostream>
#include <random>
#include <set>

#include "lab.hpp"

using namespace bisectd;
using namespace bisectd::test;
using Catch::Matchers::Contains;

namespace {

/// What git keeps of a bisection: "good-1a2b..." and the like, in the words of the bisection.
std::set<std::string> kept_by_git(const Lab& lab) {
    std::set<std::string> kept;
    for (const std::string& line : lines_of(git_in(lab.clone, "for-each-ref refs/bisect")))
        kept.insert(line.substr(line.rfind('/') + 1));
    return kept;
}

/// The same from its log; the bad commit is the last one that was called so.
std::set<std::string> kept_by_log(Lab& lab, const BisectLogText& log) {
    const auto id = [&lab](const NamedCommit& commit) {
        return commit.id ? commit.id->hex() : git_in(lab.clone, "rev-parse " + commit.name + "^0");
    };
    std::set<std::string> kept{log.bad_word};
    for (const NamedCommit& good : log.good) kept.insert(log.good_word + "-" + id(good));
    for (const NamedVerdict& given : log.verdicts) {
        if (given.verdict == Verdict::good) kept.insert(log.good_word + "-" + id(given.commit));
        if (given.verdict == Verdict::skip) kept.insert("skip-" + id(given.commit));
    }
    return kept;
}

std::string last_bad(Lab& lab, const BisectLogText& log) {
    NamedCommit last = log.bad;
    for (const NamedVerdict& given : log.verdicts)
        if (given.verdict == Verdict::bad) last = given.commit;
    return last.id ? last.id->hex() : git_in(lab.clone, "rev-parse " + last.name + "^0");
}

std::string quoted_by_mail(const std::string& text) {
    std::string out;
    for (const std::string& line : lines_of(text)) out += "> " + line + "\r\n";
    return out;
}

}  // namespace

TEST_CASE("bisect log: what the real git writes says to us what git keeps", "[adapters]") {
    Lab lab;
    for (unsigned number = 0; number <= 24; ++number) {
        lab.commit("change " + std::to_string(number) + ": [odd] \"text\"");
        git_in(lab.clone, "tag v" + std::to_string(number));
    }
    const char* given = std::getenv("BISECTD_TEST_SEED");
    const unsigned seed =
        given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
    std::cout << "bisect logs: BISECTD_TEST_SEED=" << seed << std::endl;
    std::mt19937 chance(seed);
    struct Words {
        std::string options, bad, good;
    };
    const std::vector<Words> all{{"", "bad", "good"},
                                 {"", "new", "old"},
                                 {"--term-new=slow --term-old=fast ", "slow", "fast"},
                                 {"--first-parent ", "bad", "good"}};
    for (unsigned round = 0; round < 16; ++round) {
        const Words& words = all[round % all.size()];
        const unsigned culprit = 1 + chance() % 24;
        // The words old and new are introduced by their first use, not by ends at the start.
        if (words.bad != "new" && chance() % 2 == 0) {
            git_in(lab.clone, "bisect start " + words.options + "v24 v0 2>&1");
        } else {
            git_in(lab.clone, "bisect start " + words.options + "2>&1");
            git_in(lab.clone, "bisect " + words.bad + " v24 2>&1");
            git_in(lab.clone, "bisect " + words.good + " v0 2>&1");
        }
        for (unsigned step = 0; step < 20; ++step) {
            const std::string at = git_in(lab.clone, "describe --tags HEAD");
            const bool bad = std::stoul(at.substr(1)) >= culprit;
            const std::string word = chance() % 5 == 0 ? "skip" : bad ? words.bad : words.good;
            const std::string said =
                shell("git -C '" + lab.clone + "' bisect " + word + " 2>&1").output;
            if (said.find("Bisecting:") == std::string::npos) break;
        }
        const std::string text = git_in(lab.clone, "bisect log");
        for (const std::string& shape : {text, quoted_by_mail(text)}) {
            INFO("seed " << seed << ", round " << round << "\n" << shape);
            const auto log = parse_bisect_log(shape);
            if (!log) FAIL(describe(log.error()));
            CHECK(log->bad_word == words.bad);
            CHECK(kept_by_log(lab, *log) == kept_by_git(lab));
            CHECK(last_bad(lab, *log) == git_in(lab.clone, "rev-parse refs/bisect/" + words.bad));
            CHECK(log->first_parent == (words.options == "--first-parent "));
        }
        git_in(lab.clone, "bisect reset 2>&1");
    }
}

TEST_CASE("names: a single name is resolved in the clone as git would", "[adapters]") {
    Lab lab;
    const std::string first = lab.commit("first");
    git_in(lab.clone, "tag -a v1.0 -m 'one'");
    const std::string second = lab.commit("second");
    const auto resolve = [&lab](const std::string& name) {
        return finish(lab.repository.resolve_name(lab.clone, name));
    };
    for (const std::string& name : {std::string("v1.0"), std::string("HEAD~1"), first,
                                    first.substr(0, 8), std::string("main^")}) {
        const auto id = resolve(name);
        REQUIRE(id);
        CHECK(id->hex() == first);
    }
    CHECK(resolve("main")->hex() == second);
    for (const std::string& name : {"v1.1", "--all", "", "main..v1.0", "HEAD^{tree}"}) {
        const auto id = resolve(name);
        REQUIRE_FALSE(id);
        CHECK(id.error().kind == ErrorKind::request);
    }
}
