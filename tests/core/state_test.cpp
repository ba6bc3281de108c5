#include "core/state.hpp"

#include <catch2/catch.hpp>

#include "random_history.hpp"

using namespace bisectd;
using bisectd::test::id_of;

namespace {

struct Told {
    BisectionState state{};
    std::uint64_t seq = 0;

    void tell(const Event& event) {
        ++seq;
        evolve(state, EventRecord{seq, 1, static_cast<std::int64_t>(seq) * 1000, event, ""});
    }
    void judge(unsigned commit, const std::string& symptom, Verdict verdict, bool taken = false) {
        tell(CommitJudged{id_of(commit), symptom, verdict, taken, ""});
    }
    /// What a person's word makes of a commit; "": nothing stands.
    std::string judged(unsigned commit, const std::string& symptom) const {
        const CommitJudged* const one = state.judgement(id_of(commit), symptom);
        return one == nullptr ? "" : std::string(word(one->verdict));
    }
    void name_suspect() {
        SuspectNamed named;
        named.commit = id_of(5);
        named.parents = {id_of(4)};
        named.symptom = "fails";
        tell(named);
    }
};

AttemptEnded spoiled(bool stopped) {
    AttemptEnded ended;
    ended.step = 1;
    ended.attempt = 1;
    ended.outcome = Outcome::infrastructure;
    ended.stopped = stopped;
    return ended;
}

}  // namespace

TEST_CASE("state: an attempt that was stopped is no failure of the lab", "[core]") {
    for (const bool stopped : {false, true}) {
        Told told;
        told.tell(BisectionRequested{});
        told.tell(StepStarted{1, id_of(3), "s", Purpose::search, 1, {}});
        told.tell(AttemptStarted{1, 1, "b"});
        told.state.infrastructure_streak = 1;
        told.tell(spoiled(stopped));
        CHECK(told.state.infrastructure_streak == (stopped ? 1 : 2));
        CHECK(told.state.steps.front().attempts.front().ended->stopped == stopped);
    }
}

TEST_CASE("state: of what people say of a commit the latest word counts", "[core]") {
    Told told;
    told.judge(3, "fails", Verdict::good);
    told.judge(3, "hangs", Verdict::skip);
    CHECK(told.judged(3, "fails") == "good");
    CHECK(told.judged(3, "hangs") == "skip");
    CHECK(told.judged(3, "").empty());
    told.judge(3, "", Verdict::bad);  // of all symptoms
    CHECK(told.judged(3, "fails") == "bad");
    CHECK(told.judged(3, "hangs") == "bad");
    told.judge(3, "fails", Verdict::good);
    CHECK(told.judged(3, "fails") == "good");
    CHECK(told.judged(3, "hangs") == "bad");
    told.judge(3, "", Verdict::skip, true);
    CHECK(told.judged(3, "fails").empty());
    CHECK(told.judged(3, "hangs").empty());
    CHECK(told.judged(4, "fails").empty());
}

TEST_CASE("state: a suspect that people contradict is none any more", "[core]") {
    struct Word {
        unsigned commit;
        std::string symptom;
        Verdict verdict;
        bool stays;
    };
    for (const Word& said :
         {Word{5, "", Verdict::good, false}, Word{5, "", Verdict::skip, false},
          Word{5, "", Verdict::bad, true}, Word{5, "hangs", Verdict::good, true},
          Word{5, "fails", Verdict::good, false}, Word{4, "", Verdict::bad, false},
          Word{4, "", Verdict::good, true}, Word{3, "", Verdict::bad, true}}) {
        Told told;
        told.name_suspect();
        told.judge(said.commit, said.symptom, said.verdict);
        INFO(said.commit << " " << word(said.verdict) << " " << said.symptom);
        CHECK(told.state.suspects.contains("fails") == said.stays);
        CHECK(told.state.suspect.has_value() == said.stays);
    }
}

TEST_CASE("state: an estimate is kept with its time and the steps closed by then", "[core]") {
    Told told;
    told.tell(BisectionRequested{});
    told.tell(StepStarted{1, id_of(3), "s", Purpose::search, 1, {}});
    told.tell(VerdictGiven{1, id_of(3), "fails", Verdict::good, "", 0, true});
    told.tell(Estimated{"renewed", 60, 2, 30, 0.1, 9, 0.5});
    CHECK(told.state.estimated_ms_utc == 4000);
    CHECK(told.state.closed_at_estimate == 1);
    CHECK(told.state.estimates.size() == 1);
}
