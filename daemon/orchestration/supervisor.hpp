#pragma once
#include <boost/asio/cancellation_signal.hpp>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "orchestration/bisection.hpp"
#include "orchestration/notifier.hpp"
#include "orchestration/start_range.hpp"
#include "ports/control.hpp"

namespace bisectd {

/// Owns all bisections of the daemon and does what people ask.
class Supervisor : public Control {
  public:
    Supervisor(Lab& lab, const boost::asio::any_io_executor& executor, Bisection::Log log);

    /// Reads the journal and goes on with every bisection that runs; those whose attempt stands on
    /// a board get it back, also where the bisection rests: there the attempt is ended.
    /// Errors: infrastructure when the journal cannot be read.
    Result<void> go_on();
    /// Interrupts everything and awaits that; the journal is left as it is.
    Task<void> stop();

    Task<Result<BisectionId>> start(StartRequest request) override;
    Result<void> pause(BisectionId id) override;
    Result<void> resume(BisectionId id) override;
    Result<void> cancel(BisectionId id) override;
    Task<Result<CommitId>> judge(BisectionId id, Judgement judgement) override;
    Result<void> return_board(const std::string& board) override;
    std::vector<const BisectionState*> bisections() override;
    const BisectionState* bisection(BisectionId id) override;
    Progress progress(BisectionId id) override;
    std::vector<Progress> all_progress(BisectionId id) override;
    Result<std::string> log_file(BisectionId id, std::uint64_t step, std::uint64_t attempt,
                                 const std::string& which) override;
    std::shared_ptr<LogText> open_log(const std::string& file) override;
    Task<Result<std::string>> git_log(BisectionId id, std::string symptom) override;
    Task<Result<ReportMail>> report(BisectionId id, std::string symptom) override;
    Result<std::vector<EventRecord>> events_after(std::uint64_t seq, std::size_t limit,
                                                  std::optional<BisectionId> of) override;
    Result<std::vector<EventRecord>> find_events(EventFilter filter) override;
    Result<std::uint64_t> last_seq() override;
    std::shared_ptr<void> listen(std::function<void(const EventRecord&)> listener) override;
    Result<std::vector<BoardStatus>> boards() override;
    std::vector<std::string> recipes() override;
    Result<Recipe> recipe(const std::string& name) override;
    Task<Result<Survey>> survey(BisectionId id) override;
    Task<Result<std::string>> diff(BisectionId id, CommitId commit) override;
    Task<Result<Stock>> stock() override;
    Task<std::vector<Finding>> doctor(StartRequest request) override;

  private:
    /// Errors: request when there is no such bisection.
    Result<Bisection*> get(BisectionId id);
    Bisection& add(BisectionId id);
    /// Tells people what they were not told before the daemon died.
    Result<void> notify_late(const Bisection& bisection);
    /// Its attempts that stand on boards get them back. True: there is one.
    bool keep_boards(Bisection& bisection);
    void settle_boards_of(BisectionId id);
    /// After a restart: the same for boards that the daemon died before it had brought home.
    void settle_left_boards();
    void settle_in_background(const std::string& board, BisectionId id, Gate::Pass lease);
    /// Errors: request when the recipe cannot be used on one of the boards.
    Result<void> check_boards(const Recipe& recipe, const StartRequest& request);
    /// A log was to be replayed, and nothing was tested yet.
    static bool lacks_replay(const Bisection& bisection);
    /// Goes on with a bisection that `lacks_replay`, in the background.
    void catch_up(BisectionId id);
    Task<void> replay_again(BisectionId id);
    /// What the space watch needs from whoever knows the bisections.
    SpaceWatch::Owner owner_of_disks();
    void tell_of_space(const std::set<BisectionId>& waiting, const std::string& ask);
    void go_on_with_space();
    /// What the journal cannot take is kept, and tried again at each look at the disks.
    void journal_evictions();
    LogKeeper::Owner owner_of_logs();
    /// Looks after disks and logs until the end, in the background.
    void look_after_disks();
    /// Until it ends or the daemon does. `what`: said when it was interrupted.
    void in_background(Task<void> task, std::string what);
    /// Journals the range and the judgements, as far as they are not there yet.
    Result<void> record_range(Bisection& bisection, const StartRange& start);
    Task<void> settle_board(std::string board, BisectionId id, Gate::Pass lease);
    /// A board that others have parked may be at work again.
    void look_for_parked(const EventRecord& record);
    Task<void> take_back(std::string board, BisectionId shown_by);

    Lab& lab_;
    boost::asio::any_io_executor executor_;
    Bisection::Log log_;
    Listeners listeners_;
    Stations stations_;
    std::map<BisectionId, std::unique_ptr<Bisection>> bisections_;
    std::list<boost::asio::cancellation_signal> background_;  ///< of each that goes on there
    std::deque<ArtefactEvicted> evictions_;                   ///< not journalled yet
    bool stopping_ = false;
    Notifier notifier_;
    std::shared_ptr<void> notifying_;  ///< keeps it listening
};

/// Errors: request when the recipe has no such symptom; empty: all are meant.
Result<void> check_symptom(const Recipe& recipe, const std::string& symptom);

/// Errors: request when the recipe cannot be used on the board.
Result<void> check_recipe_on_board(const Recipe& recipe, const BoardSpec& board);

}  // namespace bisectd
