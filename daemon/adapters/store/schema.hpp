#pragma once
#include <span>
#include <string>
#include <string_view>

#include "adapters/store/connection.hpp"

namespace bisectd::store {

/// SQL that brings a database of the version before it to its own version; in order, append only.
/// The version of a database (`PRAGMA user_version`) is how many of these it has seen.
std::span<const std::string_view> migrations();

/// An empty file, or one of ours. Errors: request.
Result<void> check_owner(Connection& connection);

/// Brings the database up to date, each migration in one transaction with its version.
/// Before an existing database is changed, a copy is made: "PATH.before-version-N".
/// Errors: request when the database is newer than `known`, has events of a newer version than
/// `event_version`, or belongs to another program;
/// infrastructure. The database is unchanged then.
Result<void> migrate(Connection& connection, std::span<const std::string_view> known);

}  // namespace bisectd::store
