#pragma once
#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/decide.hpp"
#include "orchestration/attempt.hpp"
#include "orchestration/chronicle.hpp"
#include "orchestration/crew.hpp"
#include "orchestration/lab.hpp"
#include "orchestration/station.hpp"

namespace bisectd {

/// Between two looks whether something that was cancelled has ended.
constexpr std::chrono::milliseconds settling_poll{10};
/// After a fault of the controller itself (journal, mirror, disk) before it is tried again.
constexpr std::chrono::milliseconds controller_pause{10'000};

/// One bisection while the daemon lives: asks `decide` what to do, does it all side by side (an
/// attempt a board, builds ahead), journals it, until there is nothing to do. Starting is resuming:
/// all it knows is in the journal.
/// Thread: the orchestration thread.
class Bisection {
  public:
    using Log = std::function<void(const std::string& level, const std::string& text)>;

    Bisection(Lab& lab, Stations& stations, Listeners& listeners, BisectionId id,
              const boost::asio::any_io_executor& executor, Log log);

    /// Goes on from what the journal says, in the background; when it goes on already, it looks
    /// again at what there is to do.
    void go();
    /// Before `go`: an attempt that stands on its board keeps it over a restart of the daemon,
    /// whoever else waits for the board.
    void keep_board(const std::string& board, Gate::Pass lease);
    /// The lease of a board, to whoever sees to the board after a cancel; nothing: it has none.
    std::optional<Gate::Pass> give_away(const std::string& board);
    /// Ends what goes on, at once; the journal is not touched.
    void interrupt();
    /// It may not begin anything new, since it looked last: there was too little free space.
    bool awaits_space() const { return held_; }
    bool going() const { return going_ || !crew_.empty(); }

    /// Awaits the end of what goes on. Limit: none of its own; `interrupt` bounds it.
    Task<void> settled(Clock& clock);

    Chronicle& chronicle() { return chronicle_; }
    const BisectionState& state() const { return chronicle_.state(); }
    const Knowledge& knowledge() const { return knowledge_; }
    /// What goes on now, a line a place: each board in the order of the request, then builds ahead.
    std::vector<Progress> progress() const;

    /// After the end: the board is not left on a test kernel, or with a reproducer that runs on.
    /// That it is home is journalled where an attempt stood on it. Requires: the lease.
    Task<Result<void>> bring_home(std::string board);

  private:
    using Place = std::pair<std::uint64_t, std::uint64_t>;  ///< step and attempt
    Task<void> run();
    void ended(const std::exception_ptr& thrown);
    Task<void> boards_go_home();
    Task<Result<void>> load();
    Result<void> load_recipe();
    Task<Result<void>> load_range();
    Hands hands();
    /// True: the state has changed and is to be looked at again at once.
    Task<Result<bool>> act(Decision decision);
    Task<Result<void>> resolve_range();
    Task<Result<void>> weigh_prior();
    Task<Result<void>> estimate(std::string when);
    void estimate_in_crew(std::string when);
    Task<Result<void>> start_step(TestCommit test);
    Result<void> start_attempt(const TryAgain& again);
    Task<Result<void>> name_suspect(NameSuspect named);
    Task<Result<void>> start_build(BuildAhead ahead);

    /// Until a person resumes it. Where the journal does not take that, it is looked at again.
    void pause(const Error& why);
    /// Journals the end of an attempt and interrupts it where it goes on.
    Result<void> stop_attempt(const AttemptEnded& ended);
    /// The same for a build ahead.
    Result<void> stop_build(const BuildAheadEnded& ended);
    /// Ends what an attempt that is not wanted any more left on its board. Requires: the lease.
    Task<Result<void>> leave(Place place);
    void leave_in_crew(Place place);
    void left(const std::string& board);
    /// We hold the lease and do nothing with it: the next attempt can have it at once.
    bool is_idle(const std::string& board) const;
    void release_idle();
    const AttemptState& attempt_at(Place place) const;
    void climb_in_crew(Place place, std::function<Task<Result<void>>(const Attempt&)> what);
    void climb_ended(Place place, const std::exception_ptr& thrown, const Result<void>& result);
    Task<Result<void>> on_board(Place place,
                                std::function<Task<Result<void>>(const Attempt&)> what);
    void build_in_crew(std::uint64_t build);
    Task<Result<void>> build_ahead(std::uint64_t build);
    void task_ended(const std::string& what, const std::exception_ptr& thrown,
                    const Result<void>& result);

    Lab& lab_;
    Stations& stations_;
    boost::asio::any_io_executor executor_;
    Chronicle chronicle_;
    Log log_;
    Knowledge knowledge_;
    Recipe recipe_;
    std::map<std::string, Gate::Pass> leases_;  ///< by board, while an attempt stands on it
    Gate preparing_;                            ///< the recipe's prepare step
    std::map<Place, std::uint64_t> busy_;       ///< and its number in the crew
    bool estimating_ = false;
    std::map<std::uint64_t, std::uint64_t> busy_builds_;  ///< likewise
    bool loaded_ = false;
    bool going_ = false;
    bool held_ = false;      ///< by a lack of free space
    bool troubled_ = false;  ///< the controller itself failed since the last look
    std::map<std::string, Progress> progress_;  ///< by board; "" for builds ahead
    boost::asio::cancellation_signal cancel_;
    Crew crew_;
};

}  // namespace bisectd
