#include "adapters/store/schema.hpp"

#include <fmt/core.h>

#include <array>

#include "adapters/store/event_json.hpp"

namespace bisectd::store {
namespace {

/// Marks our files for `file(1)` and for us: "bisd" in ASCII.
constexpr std::int64_t application_id = 0x62697364;

constexpr std::string_view version_1 = R"sql(
CREATE TABLE event(
  seq       INTEGER PRIMARY KEY,
  bisection INTEGER NOT NULL CHECK(bisection >= 0),
  at_ms_utc INTEGER NOT NULL,
  kind      TEXT NOT NULL CHECK(kind <> ''),
  version   INTEGER NOT NULL CHECK(version > 0),
  body      TEXT NOT NULL CHECK(json_valid(body))
) STRICT;
CREATE INDEX event_of_bisection ON event(bisection);
CREATE INDEX event_of_attempt ON event(
  kind, bisection, json_extract(body, '$.step'), json_extract(body, '$.attempt'));
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event BEGIN
  SELECT RAISE(ABORT, 'the journal is append-only: an event is never changed');
END;
CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event BEGIN
  SELECT RAISE(ABORT, 'the journal is append-only: an event is never removed');
END;
-- INSERT OR REPLACE removes rows without asking the DELETE trigger.
CREATE TRIGGER event_is_never_replaced BEFORE INSERT ON event
WHEN NEW.seq <> -1 AND NEW.seq <= (SELECT max(seq) FROM event) BEGIN
  SELECT RAISE(ABORT, 'the journal is append-only: new events come last');
END;
)sql";

constexpr std::array<std::string_view, 1> all_migrations{version_1};

/// A newer bisectd may write events without another version of the tables.
Result<void> check_events(Connection& connection) {
    Result<std::int64_t> newest = connection.number("SELECT max(version) FROM event;");
    if (!newest) return std::unexpected(newest.error());
    if (*newest <= event_version) return {};
    return wrong_request(
        connection.path(),
        fmt::format("the journal has events of version {}, this bisectd knows versions up to {}: "
                    "use the newer bisectd that wrote them, or a copy that was made before",
                    *newest, event_version));
}

Result<void> migrate_once(Connection& connection, std::string_view sql, std::int64_t version) {
    Result<Transaction> transaction = Transaction::begin(connection);
    if (!transaction) return std::unexpected(transaction.error());
    std::string script = fmt::format("{}PRAGMA application_id = {}; PRAGMA user_version = {};", sql,
                                     application_id, version);
    Result<void> done = connection.run(script);
    if (!done) return done;
    return transaction->commit();
}

}  // namespace

Result<void> check_owner(Connection& connection) {
    Result<std::int64_t> owner = connection.number("PRAGMA application_id;");
    if (!owner) return std::unexpected(owner.error());
    if (*owner == application_id) return {};
    Result<std::int64_t> tables = connection.number("SELECT count(*) FROM sqlite_schema;");
    if (!tables) return std::unexpected(tables.error());
    if (*owner == 0 && *tables == 0) return {};
    return wrong_request(connection.path(),
                         "this is a database of another program, not a journal of bisectd: "
                         "choose another data_folder");
}

std::span<const std::string_view> migrations() {
    return all_migrations;
}

Result<void> migrate(Connection& connection, std::span<const std::string_view> known) {
    Result<void> ours = check_owner(connection);
    if (!ours) return ours;
    Result<std::int64_t> version = connection.number("PRAGMA user_version;");
    if (!version) return std::unexpected(version.error());
    auto latest = static_cast<std::int64_t>(known.size());
    if (*version < 0 || *version > latest)
        return wrong_request(
            connection.path(),
            fmt::format("the journal has version {}, this bisectd knows versions up to {}: use "
                        "the newer bisectd that wrote it, or the copy that was made before it "
                        "(\"{}.before-version-...\")",
                        *version, latest, connection.path()));
    if (*version > 0)
        if (auto known_events = check_events(connection); !known_events) return known_events;
    if (*version > 0 && *version < latest) {
        Result<void> copied =
            connection.copy_to(fmt::format("{}.before-version-{}", connection.path(), latest));
        if (!copied) return copied;
    }
    for (std::int64_t next = *version; next < latest; ++next) {
        Result<void> done =
            migrate_once(connection, known[static_cast<std::size_t>(next)], next + 1);
        if (!done) return done;
    }
    return {};
}

}  // namespace bisectd::store
