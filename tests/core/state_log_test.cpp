#include "core/state_log.hpp"

#include <catch2/catch.hpp>

#include "random_history.hpp"

using namespace bisectd;
using bisectd::test::id_of;

namespace {

/// A journal in memory: ends 0 and 9, one symptom.
struct Story {
    std::vector<EventRecord> records;

    Story() {
        tell(BisectionRequested{});
        tell(RangeResolved{id_of(9), {id_of(0)}, {}, 9});
    }
    void tell(Event event) {
        EventRecord record;
        record.seq = records.size() + 1;
        record.bisection = 1;
        record.event = std::move(event);
        records.push_back(std::move(record));
    }
    void test(unsigned commit, Verdict verdict, Purpose purpose = Purpose::search,
              const std::string& symptom = "usual") {
        const std::uint64_t step = ++steps_;
        StepStarted started;
        started.step = step;
        started.commit = id_of(commit);
        started.purpose = purpose;
        tell(started);
        VerdictGiven given;
        given.step = step;
        given.commit = id_of(commit);
        given.symptom = symptom;
        given.verdict = verdict;
        tell(given);
    }
    void judge(unsigned commit, Verdict verdict, const std::string& symptom = "") {
        tell(CommitJudged{id_of(commit), symptom, verdict, false, "seen it"});
    }
    void withdraw(unsigned commit) {
        tell(CommitJudged{id_of(commit), "", Verdict::skip, true, ""});
    }
    std::string log(const std::string& symptom = "") const {
        std::string out;
        for (const LoggedVerdict& one : log_of(fold(records), records, symptom).verdicts)
            out += (out.empty() ? "" : ", ") + std::string(word(one.verdict)) + " " +
                   std::to_string(std::stoul(one.commit.id.hex()));
        return out;
    }

  private:
    std::uint64_t steps_ = 0;
};

}  // namespace

TEST_CASE("state log: a person's latest word stands, wherever the boards' word is", "[core]") {
    Story journal;
    journal.judge(3, Verdict::good);
    journal.test(5, Verdict::good);
    journal.test(3, Verdict::bad);
    CHECK(journal.log() == "good 3, good 5");
    journal.judge(5, Verdict::bad);
    CHECK(journal.log() == "good 3, bad 5");
    journal.judge(3, Verdict::skip);
    CHECK(journal.log() == "skip 3, bad 5");
}

TEST_CASE("state log: what is withdrawn disappears until it is tested again", "[core]") {
    Story journal;
    journal.test(5, Verdict::bad);
    journal.judge(3, Verdict::good);
    journal.withdraw(5);
    journal.withdraw(3);
    CHECK(journal.log().empty());
    journal.test(5, Verdict::good, Purpose::retest);
    CHECK(journal.log() == "good 5");
}

TEST_CASE("state log: ends, proofs and other symptoms repeat nothing", "[core]") {
    Story journal;
    journal.test(9, Verdict::bad, Purpose::bad_end);
    journal.judge(0, Verdict::good);
    journal.judge(9, Verdict::bad);
    journal.judge(4, Verdict::bad, "another");
    journal.judge(4, Verdict::good, "usual");
    journal.test(2, Verdict::bad, Purpose::proof_culprit);
    CHECK(journal.log() == "good 4");
}

TEST_CASE("state log: of several symptoms the one that is asked for is told, with its culprit",
          "[core]") {
    Story journal;
    journal.test(5, Verdict::good);
    journal.test(5, Verdict::bad, Purpose::search, "other");
    journal.test(7, Verdict::bad);
    journal.judge(3, Verdict::good, "other");
    CHECK(journal.log() == "good 5, bad 7");
    CHECK(journal.log("usual") == "good 5, bad 7");
    CHECK(journal.log("other") == "bad 5, good 3");
    journal.tell(SymptomEnded{"other", Ending::culprit, {id_of(5)}, 0.99, "proven"});
    const auto culprit = log_of(fold(journal.records), journal.records, "other").culprit;
    REQUIRE(culprit);
    CHECK(culprit->id == id_of(5));
    CHECK_FALSE(log_of(fold(journal.records), journal.records, "usual").culprit);
}
