#include "core/blame.hpp"

namespace bisectd {

Fall blame(Rung rung, const Error& error) {
    Fall fall;
    fall.rung = rung;
    fall.outcome = Outcome::infrastructure;
    fall.cause = describe(error);
    switch (error.kind) {
        case ErrorKind::infrastructure:
            // From the boot on, nothing is known of a board that did not do what it was told.
            fall.board_needs_recovery =
                rung == Rung::boot || rung == Rung::prove || rung == Rung::run;
            break;
        case ErrorKind::request:
        case ErrorKind::bug:
            fall.ends_bisection = true;
            break;
        case ErrorKind::cancelled:
            fall.left_open = true;
            break;
    }
    return fall;
}

Fall fact(Rung rung, Outcome outcome, std::string cause) {
    Fall fall;
    fall.rung = rung;
    fall.outcome = outcome;
    fall.cause = std::move(cause);
    return fall;
}

Fall patch_conflict(OnConflict policy, bool end_of_range, const std::string& patch,
                    const std::string& reject) {
    Fall fall = fact(Rung::patch, Outcome::skip,
                     "patch " + patch + " is needed here and does not apply: " + reject);
    if (policy == OnConflict::abort || end_of_range) {
        fall.outcome = Outcome::infrastructure;
        fall.ends_bisection = true;
    }
    return fall;
}

}  // namespace bisectd
