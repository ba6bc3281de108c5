#include "core/replay.hpp"

#include <catch2/catch.hpp>

#include "random_history.hpp"

using namespace bisectd;
using bisectd::test::history_of;
using bisectd::test::id_of;
using Catch::Matchers::Contains;

namespace {

//   1 -- 2 -- 3 -- 6 -- 7        ids; 7 is the bad end, 0 the good one before 1, 8 a merge base
//    \            /
//     4 -- 5 ----
History forked() {
    std::vector<History::Commit> commits;
    for (const auto& [id, parents] : std::vector<std::pair<unsigned, std::vector<CommitIndex>>>{
             {1, {}}, {2, {0}}, {3, {1}}, {4, {0}}, {5, {3}}, {6, {2, 4}}, {7, {5}}})
        commits.push_back({id_of(id), parents, true});
    return History(std::move(commits));
}

ResolvedVerdict said(std::size_t line, Verdict verdict, unsigned commit) {
    return {verdict, id_of(commit), {}, line};
}

/// "good 3, skip 4": or the error.
std::string judged(const std::vector<ResolvedVerdict>& verdicts) {
    const auto judgements = judgements_of(verdicts, forked(), {id_of(8)});
    if (!judgements) return describe(judgements.error());
    std::string out;
    for (const CommitJudged& one : *judgements) {
        CHECK(one.why == "git bisect log");
        CHECK(one.symptom.empty());
        CHECK_FALSE(one.withdrawn);
        out += (out.empty() ? "" : ", ") + std::string(word(one.verdict)) + " " +
               std::to_string(std::stoul(one.commit.hex()));
    }
    return out;
}

}  // namespace

TEST_CASE("replay: verdicts become judgements in their order, each commit once", "[core]") {
    const auto good = Verdict::good, bad = Verdict::bad, skip = Verdict::skip;
    CHECK(judged({}).empty());
    CHECK(judged({said(1, bad, 6), said(2, good, 2), said(3, skip, 4)}) == "bad 6, good 2, skip 4");
    CHECK(judged({said(1, good, 2), said(2, good, 2), said(3, bad, 7)}) == "good 2, bad 7");
    // The other side of the fork says nothing.
    CHECK(judged({said(1, bad, 3), said(2, good, 5)}) == "bad 3, good 5");
    CHECK(judged({said(1, good, 8), said(2, skip, 8)}) == "good 8");
    CHECK(judged({said(1, bad, 8)}) == "bad 8");
}

TEST_CASE("replay: a skip gives way to a verdict, and ranges are skipped as git skips them",
          "[core]") {
    CHECK(judged({said(1, Verdict::skip, 3), said(2, Verdict::good, 3)}) == "good 3");
    CHECK(judged({said(1, Verdict::good, 3), said(2, Verdict::skip, 3)}) == "good 3");
    CHECK(judged({{Verdict::skip, id_of(6), id_of(3), 1}}) == "skip 4, skip 5, skip 6");
    CHECK(judged({{Verdict::skip, id_of(3), id_of(0), 1}}) == "skip 1, skip 2, skip 3");
    CHECK(judged({said(1, Verdict::bad, 5), {Verdict::skip, id_of(6), id_of(3), 2}}) ==
          "bad 5, skip 4, skip 6");
    CHECK(judged({said(1, Verdict::skip, 30)}).empty());
    CHECK_THAT(judged(std::vector<ResolvedVerdict>(65, {Verdict::skip, id_of(6), id_of(3), 1})),
               Contains("more than 64 ranges"));
}

TEST_CASE("replay: verdicts that contradict each other are refused with both lines", "[core]") {
    CHECK(judged({said(4, Verdict::good, 5), said(9, Verdict::bad, 5)}) ==
          "git bisect log, line 9: 000000000000 is called bad, and good in line 4; one of them is "
          "wrong: correct the log");
    CHECK(judged({said(4, Verdict::bad, 2), said(9, Verdict::good, 6)}) ==
          "git bisect log, line 4: 000000000000 is called bad, but its descendant 000000000000 "
          "good in line 9; one of them is wrong: correct the log");
    CHECK_THAT(judged({said(3, Verdict::good, 8), said(5, Verdict::bad, 8)}),
               Contains("line 5") && Contains("good in line 3"));
    CHECK_THAT(judged({said(7, Verdict::bad, 30)}),
               Contains("line 7") && Contains("does not lie between the ends"));
}
