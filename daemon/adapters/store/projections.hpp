#pragma once
#include <cstdint>

#include "adapters/store/connection.hpp"

namespace bisectd::store {

// What people read with sqlite3 (docs/queries.md): `bisection`, `step`, `attempt`, `run`,
// `verdict`, `artefact`, `board_event`. All follow from `event`. Only `run` is a table, because
// a hunt has 100,000 runs and more; the others are views, which cannot be wrong.

/// Makes the projections anew when their definition is not the one of this program.
/// Errors: infrastructure; the database is unchanged then.
Result<void> refresh_projections(Connection& connection);

/// Drops the projections and makes them anew from the events, in one transaction.
Result<void> rebuild_projections(Connection& connection);

/// Adds what the event `seq` means to the tables. Call it in the transaction that appended it.
Result<void> project(Connection& connection, std::int64_t seq);

}  // namespace bisectd::store
