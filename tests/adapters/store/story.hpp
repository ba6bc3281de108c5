#pragma once
#include "adapters/store/sqlite_journal.hpp"

namespace bisectd::test {

/// Writes two hunts: bisection 1 on board "pi" finds a culprit in three steps (a flaky symptom,
/// another bug, a build that the compiler refuses, a board that must be recovered); bisection 2
/// on board "bmc" waits for a person. Ends the test when the journal fails.
void write_story(SqliteJournal& journal);

/// The id that is made of one digit.
CommitId commit_of(char digit);

/// 2026-03-01 12:00:00 UTC.
constexpr std::int64_t story_start_ms = 1772366400000;

}  // namespace bisectd::test
