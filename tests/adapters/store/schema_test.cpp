#include "adapters/store/schema.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>

#include "adapters/store/sqlite_journal.hpp"
#include "tests/adapters/store/scratch.hpp"

using namespace bisectd;
using Catch::Matchers::Contains;
using test::Scratch;
using test::sqlite3_shell;

namespace {

void make_journal(const std::string& path) {
    Result<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::open(path);
    REQUIRE(journal.has_value());
    REQUIRE((*journal)->append(1, 5, Noted{"x"}).has_value());
}

Result<void> migrate_with(const std::string& path, std::string_view second) {
    Result<store::Connection> connection = store::Connection::open(path);
    if (!connection) return std::unexpected(connection.error());
    std::array<std::string_view, 2> known{store::migrations()[0], second};
    return store::migrate(*connection, known);
}

}  // namespace

TEST_CASE("schema: a journal of a newer bisectd is refused and left alone", "[adapters]") {
    Scratch scratch;
    std::string path = scratch.file("journal.db");
    make_journal(path);
    REQUIRE(sqlite3_shell(path, "PRAGMA user_version = 99;").exit == 0);
    Result<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::open(path);
    REQUIRE_FALSE(journal.has_value());
    CHECK(journal.error().kind == ErrorKind::request);
    CHECK_THAT(journal.error().what, Contains("has version 99") && Contains("newer bisectd"));
    CHECK_THAT(sqlite3_shell(path, "PRAGMA user_version;").text, Contains("99"));
}

TEST_CASE("schema: a journal with events of a newer bisectd is refused and left alone",
          "[adapters]") {
    Scratch scratch;
    std::string path = scratch.file("journal.db");
    make_journal(path);
    REQUIRE(sqlite3_shell(path,
                          "INSERT INTO event(bisection, at_ms_utc, kind, version, body) "
                          "VALUES(1, 6, 'noted', 99, '{}'); "
                          "UPDATE projection_definition SET sql = 'of the newer one'; "
                          "PRAGMA journal_mode = DELETE;")
                .exit == 0);
    const std::string before = test::read_file(path);
    Result<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::open(path);
    REQUIRE_FALSE(journal.has_value());
    CHECK(journal.error().kind == ErrorKind::request);
    CHECK_THAT(journal.error().what, Contains("version 99") && Contains("newer bisectd"));
    CHECK(test::read_file(path) == before);
}

TEST_CASE("schema: an older journal is copied, then migrated", "[adapters]") {
    Scratch scratch;
    std::string path = scratch.file("journal.db");
    make_journal(path);
    Result<void> done = migrate_with(path, "CREATE TABLE later(a INTEGER) STRICT;");
    REQUIRE(done.has_value());
    CHECK_THAT(sqlite3_shell(path, "SELECT count(*) AS n FROM later;").text, Contains("0"));
    std::string copy = path + ".before-version-2";
    REQUIRE(std::filesystem::exists(copy));
    CHECK(sqlite3_shell(copy, "SELECT count(*) FROM later;").exit != 0);
    CHECK_THAT(sqlite3_shell(copy, "SELECT body FROM event;").text, Contains("\"x\""));
    CHECK_THAT(sqlite3_shell(copy, "PRAGMA user_version;").text, Contains("1"));
}

TEST_CASE("schema: a migration that fails half way changes nothing", "[adapters]") {
    Scratch scratch;
    std::string path = scratch.file("journal.db");
    make_journal(path);
    Result<void> done = migrate_with(path, "CREATE TABLE later(a); SELECT * FROM nowhere;");
    REQUIRE_FALSE(done.has_value());
    CHECK_THAT(sqlite3_shell(path, "PRAGMA user_version;").text, Contains("1"));
    CHECK(sqlite3_shell(path, "SELECT count(*) FROM later;").exit != 0);
    CHECK(SqliteJournal::open(path).has_value());
}
