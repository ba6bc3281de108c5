#include <algorithm>
#include <catch2/catch.hpp>
#include <iostream>
#include <map>
#include <set>

#include "core/bisect_log.hpp"
#include "core/suspects.hpp"
#include "core/weights.hpp"
#include "histories_repo.hpp"

using namespace bisectd;
using namespace bisectd::test;

namespace {

constexpr unsigned histories_per_run = 520;
constexpr unsigned replays_per_run = 40;

/// A question about one history: names of commits as git has them.
struct Question {
    std::string bad;
    std::vector<std::string> good;
    bool first_parent = false;
    std::string path;

    std::string arguments() const {
        std::string text = bad;
        for (const std::string& id : good) text += " ^" + id;
        return text + " --" + (path.empty() ? "" : " " + path);
    }
};

/// Any commit as the bad end; good ends that it does not fall under, sometimes side branches.
Question ask(const HistoriesRepo::One& one, std::mt19937& chance, bool limits) {
    Question question;
    const CommitIndex size = one.shape.size();
    const CommitIndex bad = chance() % 3 == 0 ? chance() % size : size - 1;
    question.bad = one.ids[bad].hex();
    for (unsigned tries = 1 + chance() % 4; tries > 0 && size > 1; --tries) {
        const CommitIndex good = chance() % size;
        if (!one.shape.ancestors_of(good)[bad]) question.good.push_back(one.ids[good].hex());
    }
    if (limits && chance() % 3 == 0) question.first_parent = true;
    if (limits && chance() % 3 == 0) question.path = chance() % 2 == 0 ? "a" : "d";
    return question;
}

/// Our answer, from the mirror.
Result<Range> load(Lab& lab, const Question& question) {
    StartRequest request;
    request.repository = lab.clone;
    request.first_parent = question.first_parent;
    if (!question.path.empty()) request.paths.push_back(question.path);
    std::vector<CommitId> good;
    for (const std::string& id : question.good) good.push_back(*CommitId::parse(id));
    return finish(lab.repository.load(request, *CommitId::parse(question.bad), good));
}

/// `dist` of every commit, as `git rev-list --bisect-all` prints it.
std::map<std::string, std::uint32_t> distances_by_git(const std::string& clone,
                                                      const Question& question) {
    std::string command = "rev-list --bisect-all ";
    if (question.first_parent) command += "--first-parent ";
    std::map<std::string, std::uint32_t> result;
    for (const std::string& line : lines_of(git_in(clone, command + question.arguments()))) {
        const std::size_t at = line.find("dist=");
        INFO(line);
        REQUIRE(at != std::string::npos);
        result[line.substr(0, line.find(' '))] =
            static_cast<std::uint32_t>(std::stoul(line.substr(at + 5)));
    }
    return result;
}

std::map<std::string, std::uint32_t> distances_by_us(const History& history) {
    const std::vector<bool> all(history.size(), true);
    const std::vector<std::uint32_t> weight = weights(history, all);
    const auto n = static_cast<std::uint32_t>(possible_culprits(history, all).size());
    std::map<std::string, std::uint32_t> result;
    for (CommitIndex i : possible_culprits(history, all))
        result[history.id(i).hex()] = std::min(weight[i], n - weight[i]);
    return result;
}

std::set<std::string> merge_bases_by_git(const std::string& clone, const Question& question) {
    std::string command = "merge-base --all " + question.bad;
    for (const std::string& id : question.good) command += " " + id;
    std::set<std::string> bases;
    if (question.good.empty()) return bases;
    // Exit 1: they have nothing in common.
    for (const std::string& id : lines_of(git_in(clone, command + " || test $? = 1")))
        if (std::find(question.good.begin(), question.good.end(), id) == question.good.end())
            bases.insert(id);
    return bases;
}

/// A bisection with a culprit and some commits that cannot be tested, driven to its end.
struct Drive {
    Evidence evidence;
    BisectLog log;
    std::vector<CommitIndex> left;  ///< at the end
    CommitIndex culprit = 0;

    Drive(const Range& range, std::mt19937& chance, unsigned skip_percent) {
        const History& history = *range.history;
        culprit = chance() % history.size();
        std::vector<bool> untestable(history.size());
        for (CommitIndex i = 0; i < history.size(); ++i)
            untestable[i] = chance() % 100 < skip_percent;
        log.bad = {range.bad, "bad"};
        for (const CommitId& id : range.good) log.good.push_back({id, "good"});
        for (const CommitId& id : range.merge_bases)
            log.verdicts.push_back({Verdict::good, {id, "merge base"}});
        evidence.bad.push_back(history.size() - 1);
        for (unsigned steps = 0;; ++steps) {
            REQUIRE(steps <= history.size());
            const std::vector<bool> suspected = suspects(history, evidence);
            const auto candidate = halving_candidate(history, suspected, evidence);
            left = possible_culprits(history, suspected);
            if (!candidate) break;
            const bool bad = history.ancestors_of(*candidate)[culprit];
            Verdict verdict = bad ? Verdict::bad : Verdict::good;
            if (untestable[*candidate]) verdict = Verdict::skip;
            log.verdicts.push_back({verdict, {history.id(*candidate), "a\n'subject'"}});
            if (verdict == Verdict::skip) evidence.skip.push_back(*candidate);
            if (verdict == Verdict::bad) evidence.bad.push_back(*candidate);
            if (verdict == Verdict::good) evidence.good.push_back(*candidate);
        }
    }
};

/// The culprits that `git bisect replay` names after the log: one, or what is left to skip.
std::set<std::string> culprits_by_git(Lab& lab, const BisectLog& log) {
    std::ofstream(lab.scratch / "log") << git_bisect_log(log);
    const std::string clone = "'" + lab.clone + "'";
    Shell replay = shell("cd " + clone + " && git bisect replay ../log 2>&1");
    // Git looks at merge bases again at the end, of the last bad commit and all good ones. They
    // are ancestors of good ones.
    for (int bases = 0; bases < 20; ++bases) {
        if (replay.output.find("a merge base must be tested") == std::string::npos) break;
        replay = shell("cd " + clone + " && git bisect good 2>&1");
    }
    shell("cd " + clone + " && git bisect reset >/dev/null 2>&1");
    INFO(git_bisect_log(log) << replay.output);
    std::set<std::string> culprits;
    for (const std::string& line : lines_of(replay.output)) {
        if (line.find(" is the first bad commit") == 40) culprits.insert(line.substr(0, 40));
        if (line.size() == 40 && CommitId::parse(line)) culprits.insert(line);
    }
    CHECK_FALSE(culprits.empty());
    return culprits;
}

std::set<std::string> ids_of(const History& history, const std::vector<CommitIndex>& commits) {
    std::set<std::string> ids;
    for (CommitIndex i : commits) ids.insert(history.id(i).hex());
    return ids;
}

/// A repository of random histories, mirrored; prints its seed first.
struct RandomLab : Lab {
    const unsigned seed;
    std::mt19937 chance;
    HistoriesRepo repo;

    RandomLab(unsigned count, Dates dates)
        : seed(seed_of_run()), chance(seed), repo(clone, scratch / "", chance, count, dates) {
        REQUIRE(resolve("h0", {"h0~1"}));
    }
    static unsigned seed_of_run() {
        const char* given = std::getenv("BISECTD_TEST_SEED");
        const unsigned seed =
            given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
        std::cout << "random histories: BISECTD_TEST_SEED=" << seed << std::endl;
        return seed;
    }
};

}  // namespace

TEST_CASE("differential: ranges, weights and merge bases are git's, culprits are found",
          "[adapters]") {
    RandomLab lab(histories_per_run, Dates::honest);
    unsigned replayed = 0, limited = 0;
    for (unsigned number = 0; number < lab.repo.histories.size(); ++number) {
        const bool limits = number % 2 == 1;
        const Question question = ask(lab.repo.histories[number], lab.chance, limits);
        INFO("seed " << lab.seed << ", history " << number << ": " << question.arguments()
                     << (question.first_parent ? " (first parent)" : ""));
        const auto expected = distances_by_git(lab.clone, question);
        const Result<Range> range = load(lab, question);
        if (!range) {
            INFO(describe(range.error()));
            REQUIRE(expected.empty());
            REQUIRE(range.error().kind == ErrorKind::request);
            continue;
        }
        const History& history = *range->history;
        REQUIRE(distances_by_us(history) == expected);
        REQUIRE(history.id(history.size() - 1).hex() == question.bad);
        std::set<std::string> bases;
        for (const CommitId& id : range->merge_bases) bases.insert(id.hex());
        REQUIRE(bases == merge_bases_by_git(lab.clone, question));
        if (!question.path.empty()) {
            ++limited;
            continue;
        }
        const unsigned skip_percent = number % 3 == 0 ? 25 : 0;
        const Drive drive(*range, lab.chance, skip_percent);
        if (skip_percent == 0)
            REQUIRE(drive.left == std::vector<CommitIndex>{drive.culprit});
        else
            REQUIRE(std::find(drive.left.begin(), drive.left.end(), drive.culprit) !=
                    drive.left.end());
        if (question.first_parent || number % 4 != 0 || replayed == replays_per_run) continue;
        if (question.good.empty()) continue;
        REQUIRE(culprits_by_git(lab, drive.log) == ids_of(history, drive.left));
        ++replayed;
    }
    CHECK(replayed == replays_per_run);
    CHECK(limited > 20);
}

TEST_CASE("differential: without a commit-graph the ranges are the same", "[adapters]") {
    RandomLab lab(60, Dates::honest);
    const std::string graph = lab.repository.mirror(lab.clone) + "/objects/info/commit-graph";
    for (unsigned number = 0; number < lab.repo.histories.size(); ++number) {
        const Question question = ask(lab.repo.histories[number], lab.chance, false);
        INFO("seed " << lab.seed << ", history " << number << ": " << question.arguments());
        const Result<Range> with = load(lab, question);
        std::filesystem::rename(graph, graph + ".away");
        const Result<Range> without = load(lab, question);
        std::filesystem::rename(graph + ".away", graph);
        REQUIRE(with);
        REQUIRE(without);
        REQUIRE(distances_by_us(*with->history) == distances_by_us(*without->history));
    }
}

TEST_CASE("differential: ranges are exact even when dates lie", "[adapters]") {
    RandomLab lab(150, Dates::lying);
    for (unsigned number = 0; number < lab.repo.histories.size(); ++number) {
        const HistoriesRepo::One& one = lab.repo.histories[number];
        const Question question = ask(one, lab.chance, false);
        INFO("seed " << lab.seed << ", history " << number << ": " << question.arguments());
        Evidence evidence;
        for (CommitIndex i = 0; i < one.shape.size(); ++i) {
            if (one.ids[i].hex() == question.bad) evidence.bad.push_back(i);
            for (const std::string& good : question.good)
                if (one.ids[i].hex() == good) evidence.good.push_back(i);
        }
        std::set<std::string> expected;
        for (CommitIndex i : possible_culprits(one.shape, suspects(one.shape, evidence)))
            expected.insert(one.ids[i].hex());
        const Result<Range> range = load(lab, question);
        REQUIRE(range);
        std::set<std::string> found;
        for (CommitIndex i = 0; i < range->history->size(); ++i)
            found.insert(range->history->id(i).hex());
        REQUIRE(found == expected);
    }
}
