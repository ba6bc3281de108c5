#pragma once
#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/decide.hpp"
#include "orchestration/chronicle.hpp"
#include "orchestration/lab.hpp"
#include "orchestration/station.hpp"

namespace bisectd {

/// Between two looks whether something that was cancelled has ended.
constexpr std::chrono::milliseconds settling_poll{10};

/// One bisection while the daemon lives: asks `decide` what to do, does it, journals it, until
/// there is nothing to do. Starting is resuming: all it knows is in the journal.
/// Thread: the orchestration thread.
class Bisection {
  public:
    using Log = std::function<void(const std::string& level, const std::string& text)>;

    Bisection(Lab& lab, Stations& stations, Listeners& listeners, BisectionId id, Log log);

    /// Goes on from what the journal says, in the background; harmless when it goes on already.
    void go(boost::asio::any_io_executor executor);
    /// Before `go`: an attempt that stands on its board keeps it over a restart of the daemon,
    /// whoever else waits for the board.
    void keep_board(Gate::Pass lease) { kept_.emplace(std::move(lease)); }
    /// Ends what goes on, at once; the journal is not touched.
    void interrupt();
    bool going() const { return going_; }

    /// Awaits the end of what goes on. Limit: none of its own; `interrupt` bounds it.
    Task<void> settled(Clock& clock);

    Chronicle& chronicle() { return chronicle_; }
    const BisectionState& state() const { return chronicle_.state(); }
    const Progress& progress() const { return progress_; }

  private:
    Task<void> run();
    Task<Result<void>> load();
    Task<Gate::Pass> lease_of(Station& station);
    Task<Result<bool>> act_once();
    Task<Result<bool>> act(Decision decision);
    Task<Result<void>> resolve_range();
    Task<Result<void>> start_step(TestCommit test);
    Task<Result<void>> start_attempt(std::uint64_t step);
    Task<Result<void>> climb_on(ClimbOn on);
    Task<Result<void>> name_suspect(CommitId commit);

    Lab& lab_;
    Stations& stations_;
    Chronicle chronicle_;
    Log log_;
    std::shared_ptr<const History> history_;
    Recipe recipe_;
    std::optional<Gate::Pass> kept_;
    bool loaded_ = false;
    bool going_ = false;
    Progress progress_;
    boost::asio::cancellation_signal cancel_;
};

}  // namespace bisectd
