#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>

#include "adapters/store/event_json.hpp"
#include "adapters/store/sqlite_journal.hpp"
#include "adapters/store/upkeep.hpp"
#include "tests/adapters/store/sample_events.hpp"
#include "tests/adapters/store/scratch.hpp"
#include "tests/adapters/store/story.hpp"

using namespace bisectd;
using Catch::Matchers::Contains;
using test::Scratch;
using test::sqlite3_shell;

namespace {

std::unique_ptr<SqliteJournal> opened(const std::string& path) {
    Result<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::open(path);
    if (!journal) FAIL(describe(journal.error()));
    return std::move(*journal);
}

}  // namespace

TEST_CASE("journal: what was appended is there after reopening, in order", "[adapters]") {
    Scratch scratch;
    std::vector<std::string> bodies;
    {
        auto journal = opened(scratch.file("data/journal.db"));
        CHECK(journal->next_bisection().value() == 1);
        for (std::size_t turn = 0; turn < 7; ++turn)
            for (const Event& event : test::sample_events(turn)) {
                Result<EventRecord> record = journal->append(turn % 2 + 1, 1000, event);
                if (!record) FAIL(describe(record.error()));
                CHECK(record->seq == bodies.size() + 1);
                bodies.push_back(record->body);
            }
    }
    auto journal = opened(scratch.file("data/journal.db"));
    CHECK(journal->next_bisection().value() == 3);
    CHECK(journal->bisections().value() == std::vector<BisectionId>{1, 2});
    std::vector<EventRecord> all = journal->read_after(0, bodies.size() + 5, {}).value();
    REQUIRE(all.size() == bodies.size());
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].body == bodies[i]);
    std::vector<EventRecord> first = journal->read(1).value();
    std::vector<EventRecord> second = journal->read(2).value();
    CHECK(first.size() + second.size() == bodies.size());
    CHECK(journal->read_after(3, 2, {}).value().front().seq == 4);
    CHECK(journal->read_after(3, 2, {}).value().size() == 2);
    CHECK(journal->read_after(~0ULL, 2, {}).value().empty());
    std::vector<std::uint64_t> wanted, read;
    for (const EventRecord& record : all)
        if (record.bisection != 1) wanted.push_back(record.seq);
    for (std::uint64_t seq = 0;;) {
        const std::vector<EventRecord> page = journal->read_after(seq, 2, 2).value();
        if (page.empty()) break;
        for (const EventRecord& record : page) read.push_back(record.seq);
        seq = page.back().seq;
    }
    CHECK(read == wanted);
    CHECK(journal->read(~0ULL).value().empty());
}

TEST_CASE("journal: the record given back is what a later read gives", "[adapters]") {
    Scratch scratch;
    auto journal = opened(scratch.file("journal.db"));
    EventRecord record = journal->append(1, 5, Noted{"bad \xff byte"}).value();
    EventRecord read = journal->read(1).value().front();
    CHECK(std::get<Noted>(record.event).text == "bad \xef\xbf\xbd byte");
    CHECK(std::get<Noted>(read.event).text == std::get<Noted>(record.event).text);
    CHECK(read.at_ms_utc == record.at_ms_utc);
}

TEST_CASE("journal: events of the farm belong to no bisection", "[adapters]") {
    Scratch scratch;
    auto journal = opened(scratch.file("journal.db"));
    REQUIRE(journal->append(0, 5, BoardReturned{"pi"}).has_value());
    CHECK(journal->bisections().value().empty());
    CHECK(journal->next_bisection().value() == 1);
    CHECK(journal->read(0).value().size() == 1);
}

TEST_CASE("journal: nobody changes, removes or replaces an event", "[adapters]") {
    Scratch scratch;
    auto journal = opened(scratch.file("journal.db"));
    test::write_story(*journal);
    for (const char* sql :
         {"UPDATE event SET at_ms_utc = 0 WHERE seq = 1;", "DELETE FROM event WHERE seq = 1;",
          "DELETE FROM event;", "UPDATE event SET seq = 99999 WHERE seq = 1;",
          "INSERT OR REPLACE INTO event VALUES(1, 1, 0, 'noted', 1, '{\"text\": \"\"}');",
          "INSERT INTO event VALUES(0, 1, 0, 'noted', 1, '{\"text\": \"\"}');"}) {
        test::ShellEnd end = sqlite3_shell(scratch.file("journal.db"), sql);
        INFO(sql);
        CHECK(end.exit != 0);
        CHECK_THAT(end.text, Contains("the journal is append-only"));
    }
    test::ShellEnd odd = sqlite3_shell(
        scratch.file("journal.db"),
        "INSERT INTO event(bisection, at_ms_utc, kind, version, body) VALUES(1,0,'x',1,'{');");
    CHECK(odd.exit != 0);
}

TEST_CASE("journal: a second daemon on the same data folder is refused, with the pid",
          "[adapters]") {
    Scratch scratch;
    auto journal = opened(scratch.file("journal.db"));
    Result<std::unique_ptr<SqliteJournal>> second = SqliteJournal::open(scratch.file("journal.db"));
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().kind == ErrorKind::request);
    CHECK_THAT(second.error().what, Contains("pid " + std::to_string(getpid())));
    journal.reset();
    CHECK(SqliteJournal::open(scratch.file("journal.db")).has_value());
}

TEST_CASE("journal: an event that was tampered with is an error that names it", "[adapters]") {
    Scratch scratch;
    std::string path = scratch.file("journal.db");
    opened(path)->append(1, 5, Noted{"x"}).value();
    test::ShellEnd tampered = sqlite3_shell(
        path, "DROP TRIGGER event_is_never_changed; UPDATE event SET body = '{\"text\": [1]}';");
    REQUIRE(tampered.exit == 0);
    auto journal = opened(path);
    Result<std::vector<EventRecord>> read = journal->read(1);
    REQUIRE_FALSE(read.has_value());
    CHECK(describe(read.error()) == "journal, event 1 (noted): field text: should be a text");
}

TEST_CASE("journal: a file that is no journal is refused and left alone", "[adapters]") {
    Scratch scratch;
    std::string garbage(10000, 'g');
    test::write_file(scratch.file("garbage.db"), garbage);
    Result<std::unique_ptr<SqliteJournal>> journal =
        SqliteJournal::open(scratch.file("garbage.db"));
    REQUIRE_FALSE(journal.has_value());
    CHECK_THAT(journal.error().what, Contains("damaged or no journal") && Contains("-wal"));
    CHECK(test::read_file(scratch.file("garbage.db")) == garbage);

    REQUIRE(sqlite3_shell(scratch.file("other.db"), "CREATE TABLE t(a);").exit == 0);
    journal = SqliteJournal::open(scratch.file("other.db"));
    REQUIRE_FALSE(journal.has_value());
    CHECK_THAT(journal.error().what, Contains("database of another program"));

    journal = SqliteJournal::open("/dev/null/journal.db");
    REQUIRE_FALSE(journal.has_value());
}

TEST_CASE("journal: rebuilt projections are those that were kept at each append", "[adapters]") {
    Scratch scratch;
    auto journal = opened(scratch.file("journal.db"));
    test::write_story(*journal);
    const std::string query = "SELECT * FROM run; SELECT * FROM bisection; SELECT * FROM attempt;";
    std::string before = sqlite3_shell(scratch.file("journal.db"), query).text;
    REQUIRE(journal->rebuild_projections().has_value());
    CHECK(sqlite3_shell(scratch.file("journal.db"), query).text == before);
    CHECK_THAT(before, Contains("hit"));
}

TEST_CASE("journal: projections of another program version are made anew at open", "[adapters]") {
    Scratch scratch;
    std::string path = scratch.file("journal.db");
    test::write_story(*opened(path));
    REQUIRE(sqlite3_shell(path,
                          "UPDATE projection_definition SET sql = 'old'; DELETE FROM run; "
                          "DROP VIEW attempt; CREATE VIEW attempt AS SELECT 1 AS old;")
                .exit == 0);
    opened(path);
    CHECK_THAT(sqlite3_shell(path, "SELECT count(*) FROM run;").text, Contains("5"));
    CHECK(sqlite3_shell(path, "SELECT outcome FROM attempt;").exit == 0);
}

TEST_CASE("journal: speed of 100,000 runs (printed)", "[adapters]") {
    using Clock = std::chrono::steady_clock;
    auto ms_since = [](Clock::time_point start) {
        return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    };
    Scratch scratch;
    auto journal = opened(scratch.file("journal.db"));
    RunsRecorded batch{1, 1, {}, "batch"};
    for (std::uint64_t run = 1; run <= 100; ++run)
        batch.runs.push_back(Run{run, Look::clean, 0, 0, 900});
    Clock::time_point start = Clock::now();
    for (int i = 0; i < 1000; ++i) REQUIRE(journal->append(1, 5, batch).has_value());
    double insert_ms = ms_since(start);
    start = Clock::now();
    std::string count =
        sqlite3_shell(scratch.file("journal.db"),
                      "SELECT look, count(*) FROM run WHERE bisection = 1 AND step = 1;")
            .text;
    double query_ms = ms_since(start);
    start = Clock::now();
    REQUIRE(journal->read(1).value().size() == 1000);
    double read_ms = ms_since(start);
    start = Clock::now();
    REQUIRE(journal->rebuild_projections().has_value());
    double rebuild_ms = ms_since(start);
    start = Clock::now();
    REQUIRE(back_up_journal(scratch.file("journal.db"), scratch.file("copy.db")).has_value());
    std::printf(
        "100,000 runs in 1000 events: append %.0f ms, query %.0f ms, read %.0f ms, "
        "rebuild %.0f ms, backup %.0f ms\n",
        insert_ms, query_ms, read_ms, rebuild_ms, ms_since(start));
    CHECK_THAT(count, Contains("clean|100000"));
}

TEST_CASE("journal: events are found by kind, bisection, step and attempt", "[adapters]") {
    Scratch scratch;
    auto journal = opened(scratch.file("journal.db"));
    CHECK(journal->last_seq().value() == 0);
    for (std::uint64_t step = 1; step <= 3; ++step)
        for (std::uint64_t attempt = 1; attempt <= 2; ++attempt) {
            REQUIRE(journal->append(7, 5, AttemptStarted{step, attempt, "b"}).has_value());
            REQUIRE(journal->append(7, 5, RunsRecorded{step, attempt, {}, "x"}).has_value());
        }
    REQUIRE(journal->append(8, 5, AttemptStarted{1, 1, "b"}).has_value());
    REQUIRE(journal->append(0, 5, BoardParked{"b", "ask"}).has_value());
    CHECK(journal->last_seq().value() == 14);
    const auto found = [&journal](EventFilter filter) {
        std::vector<std::uint64_t> numbers;
        const auto records = journal->find(std::move(filter));
        REQUIRE(records.has_value());
        for (const EventRecord& record : *records) numbers.push_back(record.seq);
        return numbers;
    };
    EventFilter started;
    started.kinds = {"attempt_started"};
    CHECK(found(started) == std::vector<std::uint64_t>{1, 3, 5, 7, 9, 11, 13});
    started.bisection = 7;
    CHECK(found(started).size() == 6);
    started.limit = 2;
    CHECK(found(started) == std::vector<std::uint64_t>{9, 11});
    started.step = 2;
    CHECK(found(started) == std::vector<std::uint64_t>{5, 7});
    started.kinds.emplace_back("runs_recorded");
    started.attempt = 2;
    CHECK(found(started) == std::vector<std::uint64_t>{7, 8});
    EventFilter farm;
    farm.kinds = {"board_parked"};
    farm.bisection = 0;
    CHECK(found(farm) == std::vector<std::uint64_t>{14});
}

TEST_CASE("hostile: SQL in a text is a text", "[adapters]") {
    const Scratch scratch;
    const std::string sql = "'); DROP TABLE event; DELETE FROM event; --";
    {
        auto journal = opened(scratch.file("journal.db"));
        StartRequest request;
        request.title = request.repository = request.recipe = request.board = sql;
        REQUIRE(journal->append(1, 1000, BisectionRequested{request, sql, sql, 0}));
        StepStarted step;
        step.step = 1;
        step.subject = sql;
        REQUIRE(journal->append(1, 1000, step));
        REQUIRE(journal->append(1, 1000, AttemptStarted{1, 1, sql}));
        REQUIRE(journal->append(0, 1000, BoardParked{sql, sql}));
        EventFilter filter;
        filter.kinds = {sql, "board_parked' OR '1'='1"};
        const auto found = journal->find(filter);
        REQUIRE(found);
        CHECK(found->empty());
    }
    auto journal = opened(scratch.file("journal.db"));
    const auto all = journal->read_after(0, 10, std::nullopt).value();
    REQUIRE(all.size() == 4);
    CHECK(std::get<BoardParked>(all[3].event).ask == sql);
    CHECK(std::get<BisectionRequested>(all[0].event).request.title == sql);
}
