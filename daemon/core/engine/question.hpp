#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/ancestry.hpp"

// The decision engine: what is to be tested next, for how long, and when it is known.
// Source: the engine's specification (docs/decisions.md tells the model). Pure: no I/O, no clock,
// no chance but `Settings::seed`. The caller turns a bisection's state into a `Question`, the
// engine answers with an `Advice`; nothing is kept between two questions but the ancestry.

namespace bisectd::engine {

/// A commit that can be tested: one of the range, or one outside of it that is taken for good
/// (the good ends and the merge bases, numbered from 0 in the caller's order).
struct Spot {
    CommitIndex index = 0;
    bool outside = false;
    auto operator<=>(const Spot&) const = default;
};

/// What one attempt (one boot of one commit) showed, so far, in one column.
struct Showing {
    Spot at;
    std::uint64_t runs = 0;
    std::uint64_t hits = 0;
};

/// One question that the bisection answers: a symptom on one kind of board. Columns share builds
/// and boots; each has a posterior and a culprit of its own.
struct Column {
    std::vector<Showing> showings;  ///< every believed attempt; order is irrelevant
    double run_s = 1;               ///< of one run. Unit: seconds
    bool boot_decides = false;      ///< the failure depends on the boot: a boot counts as one run
    bool never_by_chance = false;   ///< a good commit cannot show it (f is next to nothing)
    std::uint64_t most_runs = 0;    ///< longest order in runs; 0: no limit of the recipe
    bool ended = false;  ///< its culprit is proven or it was given up: costs nothing more
    /// Commits that could be tested, but for this column: what it tests does not exist there.
    std::vector<CommitIndex> untestable;
    /// Verdicts of people, taken for true: the caller lists the commit and what it is.
    std::vector<Spot> judged_bad, judged_good;
};

/// Whether a commit could be tested (built, booted, run) or not.
struct Tried {
    CommitIndex commit = 0;
    bool testable = false;
};

/// A board at this moment.
struct BoardNow {
    std::vector<std::size_t> columns;  ///< the columns that it can serve
    /// The commit that it has booted and proven, with its attempt open: it can run on there.
    std::optional<Spot> booted;
    /// For each of `columns`: the runs and hits of this boot (also among the column's showings).
    std::vector<Showing> open;
    /// Not idle: what it is doing, for this long yet before runs, and the runs ordered.
    std::optional<Spot> busy_at;
    double busy_setup_s = 0;
    std::vector<std::uint64_t> busy_runs;  ///< for each of `columns`
};

/// A build that goes on. Unit: seconds.
struct Building {
    CommitIndex commit = 0;
    double left_s = 0;
};

struct Costs {
    double build_s = 300;             ///< an ordinary build, measured where it was
    double boot_s = 60;               ///< deploy and boot
    double order_s = 2;               ///< overhead of each order of runs: a job begun and fetched
    std::vector<CommitIndex> built;   ///< their artefacts are in the store
    std::vector<bool> outside_built;  ///< likewise, of the outside commits
    /// Measured: seconds of a build whose nearest built neighbour is `distance` commits away;
    /// pairs (distance, seconds), rising. Empty: `build_s` for all.
    std::vector<std::pair<double, double>> build_s_by_distance;
};

struct Settings {
    double confidence = 0.95;
    double broken_boot = 0.01;      ///< prior chance that a boot is broken as a whole
    double wrong_range = 0.005;     ///< prior mass of "older" and of "not here", each
    double enough_testable = 0.02;  ///< below this chance a commit is not tried to split a set
    bool trust_ends = false;  ///< the bad end is taken for bad, the outside for good, untested
    /// The culprit and its parents are proven by fresh boots before it is believed, and what they
    /// show is among the showings when they contradict. So the search need not boot anything again
    /// only because a boot may have been broken.
    bool proof_follows = false;
    std::uint64_t seed = 0;
};

/// All that the engine may know.
struct Question {
    std::size_t outside = 1;         ///< how many outside commits there are
    std::vector<double> weight;      ///< of each commit as a suspect, 1 is usual; empty: all 1
    std::vector<CommitIndex> hints;  ///< tried first, never believed
    std::vector<Column> columns;
    std::vector<Tried> tried;
    std::vector<BoardNow> boards;
    std::vector<Building> building;
    unsigned idle_builders = 0;  ///< builders that work apart from boards and have nothing to do
    Costs costs;
    Settings settings;
};

/// What an idle board should do next.
struct Order {
    std::size_t board = 0;  ///< position in `Question::boards`
    Spot at;
    std::vector<std::uint64_t> runs;  ///< for each of the board's columns; 0: nothing to run there
    bool stay = false;                ///< on the boot that it has
    const char* why = "";             ///< "bad end", "good end", "hint", "search", "control"
};

/// How a column stands.
struct Standing {
    enum class Kind {
        open,        ///< go on
        culprit,     ///< `suspects` has one commit, held with `confidence`
        set,         ///< only commits that cannot be told apart are left
        older,       ///< the good end is bad as well
        not_here,    ///< the bad end does not show it
        ends_alike,  ///< one of the two before, and as good as no test tells which
        too_dear,    ///< no answer: it took so much that more of the same will give none
    };
    Kind kind = Kind::open;
    /// The heaviest set that no test told apart; of `too_dear`, and of a set whose parts only
    /// commits lie between that cannot be tested any more, all that hold it together as surely as
    /// was asked.
    std::vector<CommitIndex> suspects;
    /// Its mass. Of a culprit whose proof follows: given that the proof passes.
    double confidence = 0;
    double older = 0, not_here = 0;  ///< the masses of the two doubts
    double rate_low = 0, rate_median = 0,
           rate_high = 0;    ///< of one run on a bad commit; 10/50/90 %
    double false_alarm = 0;  ///< mean of f
    /// What the column took so far, in times of what a halving takes that is told the rates.
    double halvings = 0;
    std::uint64_t proof_runs = 0;  ///< clean runs that prove a parent good at 99 %, at `rate_low`
};

/// Findings that contradict the DAG: `good` has `bad` among its ancestors.
struct Contradiction {
    std::size_t column = 0;
    Spot bad, good;
};

/// A showing that the posterior had held for next to impossible.
struct Surprise {
    std::size_t column = 0;
    std::size_t showing = 0;  ///< position in `Column::showings`
    double chance = 0;        ///< of it, given everything else
};

/// What is still to come: half of all bisections at this point take less, half take more. Not the
/// mean, which a few worlds with false alarms or very rare failures would rule.
struct Outlook {
    double seconds = 0;
    double commits = 0;  ///< to be booted
    double runs = 0;
    double good_verdict_runs = 0;  ///< clean runs until a commit is left as good, at today's belief
};

struct Advice {
    std::vector<Order> orders;        ///< for each idle board that has something worth doing
    std::vector<CommitIndex> builds;  ///< at most `idle_builders`, the best first
    /// Boards that still build or boot and should drop it: findings elsewhere took its worth.
    /// Optional to follow; a board that is dropped is idle in the next question.
    std::vector<std::size_t> preempt;
    std::vector<Standing> standings;  ///< of each column
    std::vector<Contradiction> contradictions;
    std::vector<Surprise> surprises;
};

}  // namespace bisectd::engine
