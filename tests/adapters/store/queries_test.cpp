#include <catch2/catch.hpp>
#include <vector>

#include "tests/adapters/store/scratch.hpp"
#include "tests/adapters/store/story.hpp"

using namespace bisectd;
using Catch::Matchers::Contains;
using test::Scratch;
using test::sqlite3_shell;

namespace {

/// A query of the document, under its heading.
struct Query {
    std::string heading;
    std::string sql;
};

std::vector<Query> queries_of(const std::string& document) {
    std::vector<Query> queries;
    std::string heading;
    bool inside = false;
    std::size_t at = 0;
    while (at < document.size()) {
        std::size_t end = document.find('\n', at);
        std::string line = document.substr(at, end - at);
        if (line.starts_with("### ")) heading = line.substr(4);
        if (inside && line == "```")
            inside = false;
        else if (inside)
            queries.back().sql += line + "\n";
        else if (line == "```sql") {
            inside = true;
            queries.push_back({heading, ""});
        }
        at = end == std::string::npos ? document.size() : end + 1;
    }
    return queries;
}

std::string answer(const std::string& path, const std::string& sql) {
    test::ShellEnd end = sqlite3_shell(path, sql);
    INFO(sql << "\n" << end.text);
    CHECK(end.exit == 0);
    return end.text;
}

}  // namespace

TEST_CASE("queries: every query of docs/queries.md runs and gives rows", "[adapters]") {
    Scratch scratch;
    std::string path = scratch.file("journal.db");
    Result<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::open(path);
    REQUIRE(journal.has_value());
    test::write_story(**journal);
    std::vector<Query> queries = queries_of(test::read_file(BISECTD_SOURCE "/docs/queries.md"));
    CHECK(queries.size() >= 10);
    for (const Query& query : queries) {
        test::ShellEnd end = sqlite3_shell(path, query.sql);
        INFO(query.heading << "\n" << query.sql << "\n" << end.text);
        CHECK(end.exit == 0);
        // The first line is the header; rows follow.
        CHECK(end.text.find('\n') + 1 < end.text.size());
    }
}

TEST_CASE("queries: the projections tell the story of the journal", "[adapters]") {
    Scratch scratch;
    std::string path = scratch.file("journal.db");
    Result<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::open(path);
    REQUIRE(journal.has_value());
    test::write_story(**journal);

    std::string seven(40, '7');
    CHECK(answer(path, "SELECT bisection, activity, ending, culprit FROM bisection;") ==
          "bisection|activity|ending|culprit\n1|ended|culprit|" + seven + "\n2|parked||\n");
    CHECK(answer(path, "SELECT step, verdict FROM step WHERE bisection = 1;") ==
          "step|verdict\n1|bad\n2|skip\n3|bad\n");
    CHECK(answer(path,
                 "SELECT step, attempt, rung, outcome, build_seconds FROM attempt "
                 "WHERE bisection = 1 ORDER BY step, attempt;") ==
          "step|attempt|rung|outcome|build_seconds\n1|1|deploy|infrastructure|\n"
          "1|2|run|bad-looking|90.0\n2|1|build|skip|\n3|1|run|bad-looking|90.0\n");
    CHECK(answer(path, "SELECT run, look, at_utc FROM run WHERE step = 1 AND run > 2;") ==
          "run|look|at_utc\n3|clean|2026-03-01T12:15:00.000Z\n"
          "4|hit|2026-03-01T12:15:00.000Z\n");
    CHECK(answer(path, "SELECT artefact, builds, reuses FROM artefact;") ==
          "artefact|builds|reuses\nkey-1|1|0\nkey-3|0|1\n");
    CHECK(answer(path, "SELECT board, kind, worked FROM board_event ORDER BY seq;") ==
          "board|kind|worked\npi|recovery_tried|1\npi|board_recovered|\n"
          "bmc|recovery_tried|0\nbmc|board_parked|\n");
    CHECK(answer(path, "SELECT verdict, count(*) AS n FROM verdict GROUP BY verdict;") ==
          "verdict|n\nbad|2\nskip|1\n");

    SECTION("an artefact that was evicted is not said to be in the store, until it is again") {
        const auto evicted = [&path] {
            return answer(path, "SELECT artefact FROM artefact WHERE evicted;");
        };
        CHECK(evicted().empty());
        REQUIRE((*journal)->append(0, 5, ArtefactEvicted{"key-1", {}, 7, "no room"}).has_value());
        CHECK(evicted() == "artefact\nkey-1\n");
        Built again;
        again.step = again.attempt = 1;
        again.key = "key-1";
        REQUIRE((*journal)->append(1, 6, again).has_value());
        CHECK(evicted().empty());
    }
    SECTION("a board that was returned, or a bisection that was paused, is shown so") {
        REQUIRE((*journal)->append(0, 5, BoardReturned{"bmc"}).has_value());
        CHECK_THAT(answer(path, "SELECT activity FROM bisection;"), Contains("running"));
        REQUIRE((*journal)->append(2, 5, BisectionPaused{"lunch"}).has_value());
        CHECK_THAT(answer(path, "SELECT activity FROM bisection;"), Contains("paused"));
        REQUIRE((*journal)->append(2, 5, BisectionResumed{}).has_value());
        CHECK_THAT(answer(path, "SELECT activity FROM bisection;"), Contains("running"));
    }
}
