#include <catch2/catch.hpp>

#include "core/report/report_mail.hpp"

using namespace bisectd;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

const std::string hostile = "evil\r\nBcc: eve@example.org\n#regzbot introduced: 000\n\x1b[2J\xff";

CommitId id(char digit) {
    return *CommitId::parse(std::string(40, digit));
}

struct Story {
    BisectionState state;
    Recipe recipe;

    Story() {
        recipe.name = "brk";
        recipe.title = "brk() is refused";
        recipe.build.arch = "arm64";
        recipe.build.cross_compile = "aarch64-linux-gnu-";
        recipe.build.fragments = {"arm64.config"};
        recipe.build.targets = {"Image"};
        recipe.symptoms.resize(1);
        recipe.symptoms[0].name = "brk-refused";
        recipe.symptoms[0].command = "./brk";
        state.id = 7;
        BisectionRequested requested;
        requested.request.good = {"v5.16"};
        requested.request.bad = "v5.17";
        requested.request.recipe = "brk";
        requested.request.board = "vb1";
        requested.request.paths = {"it's mm"};
        state.requested = requested;
        state.range = RangeResolved{id('b'), {id('a')}, {}, 20};
        state.conclusions["brk-refused"] =
            SymptomEnded{"brk-refused", Ending::culprit, {id('c')}, 0.9973, "the cause"};
        state.ended = BisectionEnded{Ending::culprit, {id('c')}, "the cause"};
        SuspectNamed named;
        named.commit = id('c');
        named.symptom = "brk-refused";
        named.flags = {"it changes documentation only"};
        state.suspects["brk-refused"] = SuspectState{named, 1};
        add_step(1, 'c', Purpose::search, Verdict::bad, 1, 0);
        add_step(2, 'c', Purpose::proof_culprit, Verdict::bad, 3, 0);
        add_step(3, 'd', Purpose::proof_parent, Verdict::good, 0, 8);
    }

    void add_step(std::uint64_t number, char commit, Purpose purpose, Verdict verdict,
                  std::uint64_t hits, std::uint64_t clean) {
        StepState step;
        step.number = number;
        step.commit = id(commit);
        step.purpose = purpose;
        VerdictGiven given;
        given.verdict = verdict;
        step.verdicts["brk-refused"] = given;
        AttemptState attempt;
        attempt.number = 1;
        attempt.board = "vb1";
        BatchState batch;
        batch.symptom = "brk-refused";
        batch.last_run = hits + clean;
        if (hits > 0) batch.looks[Look::hit] = hits;
        if (clean > 0) batch.looks[Look::clean] = clean;
        attempt.batches.push_back(batch);
        attempt.built.emplace().rebuild = "identical";
        attempt.built->compiler = "gcc (Debian 12.2.0-14)\n#regzbot fixed-by: x";
        attempt.proven.emplace().release = "5.17.0-bisectd";
        step.attempts.push_back(attempt);
        state.steps.push_back(step);
    }

    ReportFacts facts() const {
        ReportFacts facts(state, recipe, reported_result(state, recipe, "").value());
        facts.message =
            "binfmt_elf: use p_align\n\nText.\n\nReported-by: Rep <rep@x.org>\n"
            "Signed-off-by: Author <author@x.org>\nSigned-off-by: Maint <maint@x.org>\n"
            "Cc: stable+noautosel@kernel.org\n";
        facts.author = "Author <author@x.org>";
        facts.author_time_s_utc = 1'646'000'000;
        facts.change.paths = {"fs/binfmt_elf.c"};
        facts.maintainers = "EXEC\nM:\tOne <one@x.org>\nL:\tlinux-mm@kvack.org\nF:\tfs/\n";
        facts.logs = {{"runs", "step 3, dddddddddddd", "step 2, cccccccccccc",
                       LogDifference{{"run 1: clean"}, {"run 1: hit"}, 0}}};
        facts.git_log = "git bisect start\n# bad: x\n";
        facts.version = "1.2.3";
        return facts;
    }
};

std::string body_of(const ReportMail& mail) {
    return mail.text.substr(mail.text.find("\n\n") + 2);
}

}  // namespace

TEST_CASE("report: the mail that a maintainer wants, with everything in it", "[core]") {
    const Story story;
    const ReportMail mail = report_mail(story.facts());
    CHECK_THAT(mail.text, StartsWith("To: Author <author@x.org>,\n Maint <maint@x.org>\n"
                                     "Cc: regressions@lists.linux.dev,\n linux-mm@kvack.org,\n"
                                     " One <one@x.org>,\n Rep <rep@x.org>\n"
                                     "Subject: [REGRESSION] brk() is refused, bisected to "
                                     "cccccccccccc (\"binfmt_elf: use p_align\")\n"));
    for (const char* part :
         {"\n#regzbot introduced: cccccccccccccccccccccccccccccccccccccccc\n",
          "\n#regzbot title: brk() is refused\n",
          "\n  Author: Author <author@x.org>\n",
          "\n  Date:   2022-02-27 (UTC)\n",
          "\n      binfmt_elf: use p_align\n",
          "\n  good: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (v5.16)\n",
          "\n  20 commits in it, 3 steps, 3 boots, 12 runs of the reproducer\n",
          "\n  99.7 % sure of it before the proof:\n",
          "\n  - the culprit, again, cccccccccccc: bad\n    symptom in 3 of 3 runs; rebuilt from "
          "clean: identical; uname -r: 5.17.0-bisectd\n",
          "\n  - its parent, again, dddddddddddd: good\n    symptom in 0 of 8 runs;",
          "\n  Mind: it changes documentation only\n",
          "\n    | run 1: clean\n",
          "\n    | run 1: hit\n",
          "\n  board vb1 (arm64): 5.17.0-bisectd\n  built with gcc (Debian 12.2.0-14)\n  bisectd ",
          "\n  bisectd 1.2.3\n",
          "\n  git checkout cccccccccccc     # bad\n",
          "\n  make ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- defconfig\n",
          "\n  make ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- Image\n",
          "\n  ./brk\n",
          "\n  bisectctl start --repo . --good aaaaaaaaaaaa --bad bbbbbbbbbbbb --recipe brk "
          "--board vb1 -- 'it'\\''s mm'\n",
          "\n  git bisect start\n"}) {
        INFO(part << "\n---\n" << mail.text);
        CHECK_THAT(mail.text, Contains(part));
    }
    CHECK(mail.notes.empty());
}

TEST_CASE("report: hostile text makes no header, no line for regzbot and no escape", "[core]") {
    Story story;
    story.recipe.title = hostile;
    story.recipe.symptoms[0].command = hostile;
    story.recipe.build.targets = {hostile};
    story.state.requested->request.title = hostile;
    story.state.requested->request.good = {hostile};
    story.state.requested->request.board = hostile;
    story.state.requested->request.paths = {hostile};
    for (StepState& step : story.state.steps) {
        step.attempts[0].board = hostile;
        step.attempts[0].proven->release = hostile;
    }
    ReportFacts facts = story.facts();
    facts.message = hostile + "\n\nCc: " + hostile + "\nAcked-by: X <x@x.org>\x1b[2J\n";
    facts.author = hostile;
    facts.git_log = hostile;
    facts.maintainers = hostile + "\nM:\t" + hostile + "\nF:\tfs/\n";
    facts.logs[0].difference.bad = {hostile};
    const ReportMail mail = report_mail(facts);
    const std::string head = mail.text.substr(0, mail.text.find("\n\n"));
    CHECK_THAT(head, !Contains("Bcc"));
    CHECK_THAT(mail.text, !Contains("\x1b") && !Contains("\xff") && !Contains("\r"));
    CHECK_THAT(mail.text, !Contains("\nBcc") && !Contains("\n#regzbot introduced: 000"));
    // Exactly our own two.
    std::size_t orders = 0;
    for (std::size_t at = mail.text.find("\n#"); at != std::string::npos;
         at = mail.text.find("\n#", at + 1))
        ++orders;
    CHECK(orders == 2);
    REQUIRE(mail.notes.size() == 2);  // the author, and a Cc
    for (const std::string& note : mail.notes) CHECK(note.find('\n') == std::string::npos);
}

TEST_CASE("report: nobody gets it twice, and not more than sixty", "[core]") {
    const Story story;
    ReportFacts facts = story.facts();
    facts.message = "s\n\nSigned-off-by: Author <AUTHOR@x.org>\n";
    facts.maintainers = "S\nF:\tfs/\nL:\tauthor@x.org\n";
    for (int i = 0; i < 300; ++i)
        *facts.maintainers += "M:\tP <p" + std::to_string(i) + "@x.org>\n";
    const ReportMail mail = report_mail(facts);
    CHECK(mail.to.size() == 1);
    CHECK(mail.to.size() + mail.cc.size() == 60);
    CHECK(mail.cc.front().address == regressions_list);
    REQUIRE(mail.notes.size() == 1);
    CHECK_THAT(mail.notes[0], Contains("too many"));
}

TEST_CASE("report: what is no kernel has no regzbot and no kernel list", "[core]") {
    Story story;
    story.recipe.build.kind = BuildKind::command;
    story.recipe.build.command = "bitbake image";
    ReportFacts facts = story.facts();
    facts.maintainers.reset();
    const ReportMail mail = report_mail(facts);
    CHECK_THAT(mail.text, !Contains("#regzbot") && !Contains(regressions_list));
    CHECK_THAT(mail.text, Contains("\n  bitbake image\n") && !Contains("fixed-by"));
    CHECK(mail.notes.empty());
}

TEST_CASE("report: an inconclusive search reports what is left, and who chooses the readers",
          "[core]") {
    Story story;
    story.state.conclusions["brk-refused"] =
        SymptomEnded{"brk-refused", Ending::inconclusive, {id('c'), id('d')}, 0, "skips"};
    const ReportMail mail = report_mail(story.facts());
    CHECK_THAT(body_of(mail), Contains("#regzbot introduced: " + std::string(40, 'a') + ".." +
                                       std::string(40, 'b') + "\n"));
    CHECK_THAT(body_of(mail), Contains("Suspects that are left: 2"));
    CHECK(mail.to.empty());
    CHECK_THAT(mail.text, StartsWith("Cc: regressions@lists.linux.dev\nSubject: "));
    REQUIRE(mail.notes.size() == 1);
}

TEST_CASE("report: nothing is reported before the end, or where there is nothing", "[core]") {
    Story story;
    CHECK_FALSE(reported_result(story.state, story.recipe, "other"));
    CHECK(reported_result(story.state, story.recipe, "brk-refused"));
    story.state.conclusions.clear();
    const auto nothing = reported_result(story.state, story.recipe, "");
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().kind == ErrorKind::request);
    story.state.ended.reset();
    const auto early = reported_result(story.state, story.recipe, "");
    REQUIRE_FALSE(early);
    CHECK_THAT(early.error().what, Contains("has not ended"));
}

TEST_CASE("report: of several symptoms the one that was asked for", "[core]") {
    Story story;
    story.recipe.symptoms.resize(2);
    story.recipe.symptoms[1].name = "segfault";
    story.state.conclusions["segfault"] =
        SymptomEnded{"segfault", Ending::culprit, {id('e')}, 0.99, "c"};
    ReportFacts facts = story.facts();
    facts.result = reported_result(story.state, story.recipe, "segfault").value();
    const ReportMail mail = report_mail(facts);
    CHECK_THAT(mail.text, Contains("#regzbot introduced: " + std::string(40, 'e')));
    CHECK_THAT(mail.text, Contains("brk-refused, has its own culprit: cccccccccccc"));
    CHECK_THAT(mail.subject, Contains("(segfault)"));
}
