#include "tests/adapters/store/story.hpp"

#include <catch2/catch.hpp>

namespace bisectd::test {
namespace {

/// Appends for one bisection; each event comes a minute after the one before it.
struct Teller {
    SqliteJournal& journal;
    BisectionId bisection;
    std::int64_t at_ms_utc = story_start_ms;

    void tell(const Event& event) {
        Result<EventRecord> record = journal.append(bisection, at_ms_utc, event);
        if (!record) FAIL(describe(record.error()));
        at_ms_utc += 60000;
    }

    void request(const std::string& board, const std::string& title) {
        BisectionRequested requested;
        requested.request.repository = "/home/user/linux";
        requested.request.good = {"v6.1"};
        requested.request.bad = "v6.2";
        requested.request.recipe = "brk-static-pie";
        requested.request.board = board;
        requested.request.title = title;
        requested.recipe_digest = std::string(64, 'd');
        requested.seed = 42;
        tell(requested);
        tell(RangeResolved{commit_of('f'), {commit_of('1')}, {}, 100});
    }

    /// A whole climb; the last `hits` of `looks` are hits.
    void climb(std::uint64_t step, std::uint64_t attempt, std::vector<Look> looks,
               bool from_store) {
        std::string key = "key-" + std::to_string(step);
        tell(AttemptStarted{step, attempt, "pi"});
        tell(TreePrepared{step, attempt, std::string(40, 'e'), "", {}});
        tell(BuildStarted{step, attempt, key, "build.log"});
        Built built{step, attempt, key, from_store, "sha", "b1d", "6.1.0-bisectd",
                    90,   {},      "",  "",         ""};
        built.drift = {"CONFIG_BINFMT_MISC=y dropped"};
        tell(built);
        tell(Deployed{step, attempt, "/boot/bisectd-1", 9000000, 4, {}});
        tell(BootStarted{step, attempt, "before"});
        tell(KernelProven{step, attempt, "after", "b1d", "6.1.0-bisectd", 21.5});
        tell(RunsStarted{step, attempt, "batch", "brk-refused", looks.size()});
        RunsRecorded recorded{step, attempt, {}, "batch"};
        for (Look look : looks)
            recorded.runs.push_back(
                Run{recorded.runs.size() + 1, look, look == Look::hit ? 1 : 0, 0, 1200});
        tell(recorded);
    }
};

void first_hunt(SqliteJournal& journal) {
    Teller hunt{journal, 1};
    hunt.request("pi", "brk refused");
    hunt.tell(StepStarted{1, commit_of('f'), "tip of the range", Purpose::bad_end, 100, {}});
    hunt.tell(AttemptStarted{1, 1, "pi"});
    hunt.tell(RecoveryTried{"pi", "power cycle", true, "back after 40 s"});
    hunt.tell(BoardRecovered{"pi", "boot-id"});
    hunt.tell(AttemptEnded{1, 1, Rung::deploy, Outcome::infrastructure, "SSH lost", true, false});
    hunt.climb(1, 2, {Look::clean, Look::other_bug, Look::clean, Look::hit}, false);
    hunt.tell(AttemptEnded{1, 2, Rung::run, Outcome::bad_looking, "1 hit", false, false});
    hunt.tell(
        VerdictGiven{1, commit_of('f'), "brk-refused", Verdict::bad, "1 hit in 4 runs", -1, true});
    hunt.tell(StepStarted{2, commit_of('8'), "a refused one", Purpose::search, 50, {}});
    hunt.tell(AttemptStarted{2, 1, "pi"});
    hunt.tell(AttemptEnded{2, 1, Rung::build, Outcome::skip, "a.c:1: error", false, false});
    hunt.tell(
        VerdictGiven{2, commit_of('8'), "brk-refused", Verdict::skip, "does not build", -1, true});
    hunt.tell(StepStarted{3, commit_of('7'), "mm: it's \"the\" one", Purpose::search, 2, {}});
    hunt.climb(3, 1, {Look::hit}, true);
    hunt.tell(AttemptEnded{3, 1, Rung::run, Outcome::bad_looking, "1 hit", false, false});
    hunt.tell(
        VerdictGiven{3, commit_of('7'), "brk-refused", Verdict::bad, "1 hit in 1 run", -1, true});
    hunt.tell(BisectionEnded{Ending::culprit, {commit_of('7')}, "bad, its parent good"});
}

}  // namespace

CommitId commit_of(char digit) {
    return *CommitId::parse(std::string(40, digit));
}

void write_story(SqliteJournal& journal) {
    first_hunt(journal);
    Teller second{journal, 2};
    second.request("bmc", "silent death at boot");
    second.tell(StepStarted{1, commit_of('f'), "tip", Purpose::bad_end, 100, {}});
    second.tell(AttemptStarted{1, 1, "bmc"});
    second.tell(RecoveryTried{"bmc", "power cycle", false, "no answer"});
    second.tell(BoardParked{"bmc", "Check the power supply, then return the board."});
    second.tell(Noted{"waiting"});
}

}  // namespace bisectd::test
