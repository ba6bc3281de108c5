#pragma once
#include <expected>
#include <string>

#include "core/error.hpp"
#include "core/event.hpp"
#include "core/outcome.hpp"
#include "core/recipe.hpp"

namespace bisectd {

/// Why an attempt left the ladder before its end: the blame table of the design, as values.
struct Fall {
    Rung rung = Rung::check_out;
    Outcome outcome = Outcome::infrastructure;
    std::string cause;
    bool board_needs_recovery = false;
    bool ends_bisection = false;
    /// Nobody is to blame (daemon stops, bisection cancelled, journal cannot be written): the
    /// attempt stays open in the journal and is climbed again from where it stood.
    bool left_open = false;
};

/// What a rung gives, or why the attempt ends there.
template <class T = void>
using Climbed = std::expected<T, Fall>;

/// Who is to blame for an error on a rung. A lab that fails is never a verdict; a wrong recipe or
/// request ends the bisection; a cancelled attempt stays open.
Fall blame(Rung rung, const Error& error);

/// A kernel that fails on this rung: a fact about the commit.
Fall fact(Rung rung, Outcome outcome, std::string cause);

/// Patch of the stack that was needed and did not apply.
Fall patch_conflict(OnConflict policy, bool end_of_range, const std::string& patch,
                    const std::string& reject);

}  // namespace bisectd
