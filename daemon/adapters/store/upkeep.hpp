#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace bisectd {

// What a person does with a journal file, whether or not a daemon has it open.

/// Writes a consistent copy of the journal at `path` to `target`, replaced in one move.
/// Errors: request when there is no journal at `path`; infrastructure, `target` is then as before.
Result<void> back_up_journal(const std::string& path, const std::string& target);

struct JournalCheck {
    std::uint64_t events = 0;
    std::uint64_t bisections = 0;
    std::vector<std::string> faults;  ///< each one sentence with its place; empty: all is well
};

/// Reads everything: SQLite's own check of the file, every event, and the state that the events of
/// each bisection make. Changes nothing.
/// Errors: request when there is no journal at `path`; infrastructure when it cannot be read at
/// all.
Result<JournalCheck> check_journal(const std::string& path);

}  // namespace bisectd
