#include "adapters/store/upkeep.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <map>

#include "adapters/store/connection.hpp"
#include "adapters/store/event_json.hpp"
#include "adapters/store/schema.hpp"
#include "core/state.hpp"

namespace bisectd {
namespace {

using store::Connection;
using store::Statement;

/// A file that is as damaged as this needs no longer list.
constexpr std::size_t most_faults = 100;

/// The journal as it is: never made, never migrated.
Result<Connection> open_existing(const std::string& path) {
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed))
        return wrong_request(path,
                             "there is no journal here: give the daemon's configuration "
                             "(--config), whose data_folder holds it");
    Result<Connection> connection = Connection::open(path);
    if (!connection) return connection;
    if (auto ours = store::check_owner(*connection); !ours) return std::unexpected(ours.error());
    return connection;
}

Result<void> check_file(Connection& connection, JournalCheck& check) {
    Result<Statement> rows =
        connection.prepare(fmt::format("PRAGMA integrity_check({})", most_faults));
    if (!rows) return std::unexpected(rows.error());
    while (true) {
        Result<bool> row = rows->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return {};
        if (rows->text(0) != "ok") check.faults.push_back(connection.path() + ": " + rows->text(0));
    }
}

Result<void> check_events(Connection& connection, JournalCheck& check) {
    Result<Statement> rows = connection.prepare(
        "SELECT seq, bisection, at_ms_utc, kind, version, body FROM event ORDER BY seq");
    if (!rows) return std::unexpected(rows.error());
    std::map<BisectionId, BisectionState> states;
    while (check.faults.size() < most_faults) {
        Result<bool> row = rows->step();
        if (!row) return std::unexpected(row.error());
        if (!*row) break;
        ++check.events;
        EventRecord record;
        record.seq = static_cast<std::uint64_t>(rows->integer(0));
        record.bisection = static_cast<BisectionId>(rows->integer(1));
        record.at_ms_utc = rows->integer(2);
        Result<Event> event =
            store::decode(record.seq, rows->text(3), rows->integer(4), rows->text(5));
        if (!event) {
            check.faults.push_back(describe(event.error()));
            continue;
        }
        record.event = std::move(*event);
        if (record.bisection != 0) evolve(states[record.bisection], record);
    }
    check.bisections = states.size();
    for (const auto& [id, state] : states)
        if (!state.requested)
            check.faults.push_back(
                fmt::format("bisection {} has no request: its first events are "
                            "missing",
                            id));
    return {};
}

}  // namespace

Result<void> back_up_journal(const std::string& path, const std::string& target) {
    Result<Connection> connection = open_existing(path);
    if (!connection) return std::unexpected(connection.error());
    return connection->copy_to(target);
}

Result<JournalCheck> check_journal(const std::string& path) {
    Result<Connection> connection = open_existing(path);
    if (!connection) return std::unexpected(connection.error());
    JournalCheck check;
    if (auto file = check_file(*connection, check); !file) return std::unexpected(file.error());
    if (auto events = check_events(*connection, check); !events)
        return std::unexpected(events.error());
    return check;
}

}  // namespace bisectd
