#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "core/engine/gauge.hpp"
#include "core/engine/scene.hpp"

namespace bisectd::engine {

/// What a board may do next, and what that yields.
struct Choice {
    std::size_t candidate = 0;
    bool stay = false;
    /// For each of the board's columns: index of the order's length; nothing: no runs there.
    std::vector<std::optional<std::size_t>> lengths;
    double bits = 0;  ///< expected
    double rate = 0;  ///< Unit: bits a second
};

/// Tests that others are at, for each column of the question.
using PendingTests = std::vector<std::vector<PendingTest>>;

/// How long a test may be where that was not chosen yet: three mean times to a hit.
std::size_t usual_length(const Scene& scene, std::size_t column);

/// Chooses what tells most about the culprits in a second, over all columns together.
class Chooser {
  public:
    Chooser(const Scene& scene, const PendingTests& pending);

    /// The best that the board can do; nothing where no test tells anything.
    std::optional<Choice> best(const BoardNow& board) const;
    /// A test for where `best` is none and there is no answer: what may tell most, whatever it
    /// costs; nothing where nothing can be tested.
    std::optional<Choice> anything(const BoardNow& board) const;
    /// The best that takes a build which nobody has begun.
    std::optional<Choice> best_to_build(const std::vector<std::size_t>& columns,
                                        const std::vector<CommitIndex>& begun) const;
    /// Whether the commit of a busy board is all but known to be good or bad, in all its columns.
    bool decided(const BoardNow& busy) const;
    /// What the busy board will get out of what it is at. Unit: bits a second
    double rate_of(const BoardNow& busy) const;
    /// The same test on the open boot, at most `seconds` of it; nothing where that tells nothing.
    std::optional<Choice> stay_for(const BoardNow& board, double seconds) const;

  private:
    using Curves = std::vector<Gauge::Curve>;  ///< of the board's columns; empty: not searched

    const Gauge* gauge(std::size_t column) const { return gauges_[column].get(); }
    Curves curves(const std::vector<std::size_t>& columns, std::size_t candidate) const;
    std::size_t longest(std::size_t column) const;
    void weigh(const std::vector<std::size_t>& columns, const Curves& curves, double ready_s,
               Choice& choice) const;
    std::optional<Choice> best_move(const std::vector<std::size_t>& columns,
                                    const std::vector<bool>& allowed) const;
    std::optional<Choice> best_stay(const BoardNow& board, double going_rate, double seconds,
                                    double at_least) const;
    bool better(const Choice& one, const Choice& other) const;

    const Scene& scene_;
    std::vector<std::unique_ptr<Gauge>> gauges_;  ///< of the columns that are searched
};

}  // namespace bisectd::engine
