#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/state.hpp"
#include "tests/sim/farm/plot.hpp"
#include "tests/sim/ledger.hpp"

namespace bisectd::sim {

/// Checks the rules after each event, against the plots and the ledger: what is true, and not what
/// the daemon believes. Outlives the daemons.
class Inspector {
  public:
    Inspector(const Plots& plots, const Ledger& ledger) : plots_(plots), ledger_(ledger) {}

    /// After each event. `live`: the state that the daemon has made of it.
    void look(const EventRecord& record, const BisectionState* live);
    /// What the journal says is what a new daemon has; after its start.
    void compare(BisectionId id, const BisectionState& live, const std::string& when);
    /// A bisection that did not come to its end.
    void blame(BisectionId id, const std::string& what) { broken(id, what); }
    void daemon_started() { ++daemons_; }
    void forget(BisectionId id);

    /// Rules that were broken, a sentence each.
    const std::vector<std::string>& broken() const { return broken_; }
    const std::map<BisectionId, BisectionState>& states() const { return states_; }

  private:
    struct Place {
        BisectionId bisection = 0;
        std::uint64_t step = 0, attempt = 0;
        std::uint64_t daemon = 0;  ///< that brought it there
        bool operator==(const Place& other) const {
            return bisection == other.bisection && step == other.step && attempt == other.attempt;
        }
    };
    /// What is checked of one event, before it is folded.
    class Check;

    void broken(BisectionId id, const std::string& what);
    void stands(BisectionId id, const std::string& board, Place place);
    Place place(BisectionId id, std::uint64_t step, std::uint64_t attempt) const {
        return {id, step, attempt, daemons_};
    }
    bool is_loose(const Place& place) const;
    void leaves(const std::string& board, Place place);

    const Plots& plots_;
    const Ledger& ledger_;
    std::map<BisectionId, BisectionState> states_;
    std::map<std::string, Place> standing_;  ///< by board: the attempt that works on it
    std::set<std::pair<std::string, std::uint64_t>> recorded_;  ///< batch and run
    std::set<std::string> batches_;
    std::uint64_t looked_ = 0, daemons_ = 0;
    std::size_t wrongs_told_ = 0;
    std::vector<std::string> broken_;
};

}  // namespace bisectd::sim
