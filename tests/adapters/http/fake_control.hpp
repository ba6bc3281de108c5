#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/control.hpp"

namespace bisectd::tests {

/// A text that breaks whatever does not escape: HTML, attributes, JSON, a terminal, UTF-8.
inline const std::string hostile =
    "<script>alert(1)</script> \"quoted\" 'single' & \x1b[2J\r\n bad utf-8: \xff \xe2\x80\xae";

CommitId commit_of(char digit);

/// A bisection in the middle of its work; `ended_bisection` the same at its end, with proof.
BisectionState running_bisection(BisectionId id);
BisectionState ended_bisection(BisectionId id);

/// The daemon's side of the API without a daemon: answers from its public parts, notes what it
/// was asked, and can append events as the journal would.
class FakeControl : public Control {
  public:
    std::vector<std::unique_ptr<BisectionState>> states;
    std::vector<EventRecord> records;
    std::vector<BoardStatus> board_list;
    std::vector<std::string> asked;  ///< "pause 1", "start ...", ...
    std::optional<Error> refusal;    ///< what every change answers, when set
    std::optional<StartRequest> last_start;
    std::optional<Judgement> last_judgement;
    ReportMail mail;  ///< the report of every bisection
    std::string log_folder;
    Survey survey_drawn;           ///< what `survey` gives, when it has steps
    std::uint64_t surveys = 0;     ///< how often it was drawn
    std::uint64_t read_after = 0;  ///< how often the journal was read by number
    Progress now;
    std::vector<Progress> everywhere;  ///< instead of `now`, where several places are told

    void add(BisectionState state);
    /// Appends an event, lets it change its bisection, and tells the listeners.
    std::uint64_t happen(BisectionId bisection, Event event);

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
    Result<void> change(const std::string& what);

    using Listener = std::function<void(const EventRecord&)>;
    std::shared_ptr<std::map<int, Listener>> listeners_ =
        std::make_shared<std::map<int, Listener>>();
    int next_listener_ = 0;
};

}  // namespace bisectd::tests
