#include "adapters/store/upkeep.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "adapters/store/sqlite_journal.hpp"
#include "tests/adapters/store/scratch.hpp"
#include "tests/adapters/store/story.hpp"

using namespace bisectd;
using Catch::Matchers::Contains;
using test::Scratch;
using test::sqlite3_shell;

namespace {

std::unique_ptr<SqliteJournal> opened(const std::string& path) {
    auto journal = SqliteJournal::open(path);
    REQUIRE(journal.has_value());
    return std::move(*journal);
}

/// Writes where the triggers would refuse it, as a failing disk does.
void spoil(const std::string& path, const std::string& sql) {
    REQUIRE(sqlite3_shell(path,
                          "DROP TRIGGER event_is_never_changed; "
                          "DROP TRIGGER event_is_never_removed; " +
                              sql)
                .exit == 0);
}

}  // namespace

TEST_CASE("upkeep: a copy made while the journal is in use is a whole journal", "[adapters]") {
    Scratch scratch;
    const std::string path = scratch.file("journal.db");
    auto journal = opened(path);
    test::write_story(*journal);
    REQUIRE(back_up_journal(path, scratch.file("copy.db")).has_value());
    REQUIRE(journal->append(1, 5, Noted{"later"}).has_value());
    REQUIRE(back_up_journal(path, scratch.file("copy.db")).has_value());
    auto copy = opened(scratch.file("copy.db"));
    CHECK(copy->read(1).value().size() == journal->read(1).value().size());
    CHECK_FALSE(back_up_journal(path, scratch.file("missing/copy.db")).has_value());
}

TEST_CASE("upkeep: a copy is for its owner only, whatever the umask", "[adapters]") {
    Scratch scratch;
    const std::string path = scratch.file("journal.db");
    test::write_story(*opened(path));
    const mode_t before = ::umask(0);
    const auto copied = back_up_journal(path, scratch.file("copy.db"));
    ::umask(before);
    REQUIRE(copied.has_value());
    using std::filesystem::perms;
    CHECK(std::filesystem::status(scratch.file("copy.db")).permissions() ==
          (perms::owner_read | perms::owner_write));
}

TEST_CASE("upkeep: a whole journal has no faults, and is counted", "[adapters]") {
    Scratch scratch;
    const std::string path = scratch.file("journal.db");
    auto journal = opened(path);
    test::write_story(*journal);
    const auto check = check_journal(path);
    REQUIRE(check.has_value());
    CHECK(check->faults.empty());
    CHECK(check->events == journal->read_after(0, 1000, {}).value().size());
    CHECK(check->bisections == journal->bisections().value().size());
}

TEST_CASE("upkeep: an event that cannot be read is named by its number", "[adapters]") {
    Scratch scratch;
    const std::string path = scratch.file("journal.db");
    test::write_story(*opened(path));
    spoil(path, "UPDATE event SET body = '{}' WHERE seq = 2;");
    const auto check = check_journal(path);
    REQUIRE(check.has_value());
    REQUIRE(check->faults.size() == 1);
    CHECK_THAT(check->faults.front(), Contains("2"));
}

TEST_CASE("upkeep: a bisection whose first events are gone is told", "[adapters]") {
    Scratch scratch;
    const std::string path = scratch.file("journal.db");
    test::write_story(*opened(path));
    spoil(path, "DELETE FROM event WHERE bisection = 1 AND kind = 'bisection_requested';");
    const auto check = check_journal(path);
    REQUIRE(check.has_value());
    REQUIRE_FALSE(check->faults.empty());
    CHECK_THAT(check->faults.front(), Contains("bisection 1 has no request"));
}

TEST_CASE("upkeep: pages overwritten by something else are a fault or an error", "[adapters]") {
    Scratch scratch;
    const std::string path = scratch.file("journal.db");
    test::write_story(*opened(path));
    std::string bytes = test::read_file(path);
    for (std::size_t at = 4096; at < bytes.size() && at < 5 * 4096; ++at) bytes[at] = 'x';
    test::write_file(path, bytes);
    const auto check = check_journal(path);
    CHECK((!check.has_value() || !check->faults.empty()));
}

TEST_CASE("upkeep: where there is no journal, none is made", "[adapters]") {
    Scratch scratch;
    const std::string path = scratch.file("journal.db");
    CHECK(check_journal(path).error().kind == ErrorKind::request);
    CHECK(back_up_journal(path, scratch.file("copy.db")).error().kind == ErrorKind::request);
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK_FALSE(std::filesystem::exists(scratch.file("copy.db")));
}
