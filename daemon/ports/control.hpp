#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/recipe.hpp"
#include "core/report/report_mail.hpp"
#include "core/state.hpp"
#include "core/survey.hpp"
#include "ports/finding.hpp"
#include "ports/journal.hpp"
#include "ports/logs.hpp"
#include "ports/progress.hpp"
#include "ports/task.hpp"
#include "ports/workshop.hpp"

namespace bisectd {

/// How a board is doing, for people.
struct BoardStatus {
    std::string name;
    std::string kind;
    BisectionId holder = 0;  ///< the bisection that has the lease; 0: free
    std::string state;       ///< "free", "leased", "parked"
    std::string ask;         ///< parked: what a person should check
    std::string console_file;
    std::vector<BisectionId> waiting{};  ///< for the lease, in the order they will get it
};

/// What a person says of a commit.
struct Judgement {
    std::string commit;               ///< as git takes it: an id, a short id, a tag, a branch
    std::string symptom;              ///< empty: every symptom
    Verdict verdict = Verdict::skip;  ///< good, bad or skip
    bool withdrawn = false;           ///< what was said and shown of it counts no more
    std::string why;                  ///< hostile text
};

/// What people can ask the daemon to do and to tell: the daemon's side of the HTTP API.
/// Thread: the orchestration thread.
class Control {
  public:
    virtual ~Control() = default;
    /// Checks and resolves everything a start needs, then journals the request. A `replay` gives
    /// the ends, and its verdicts are journalled as a person's.
    /// Errors: request, with nothing written.
    virtual Task<Result<BisectionId>> start(StartRequest request) = 0;
    virtual Result<void> pause(BisectionId id) = 0;
    virtual Result<void> resume(BisectionId id) = 0;
    virtual Result<void> cancel(BisectionId id) = 0;
    /// Gives, corrects or withdraws a verdict. Returns the commit that was meant.
    /// Errors: request, when the bisection has ended, the commit is unknown, ambiguous or outside
    /// the range, or the recipe has no such symptom.
    virtual Task<Result<CommitId>> judge(BisectionId id, Judgement judgement) = 0;
    virtual Result<void> return_board(const std::string& board) = 0;

    virtual std::vector<const BisectionState*> bisections() = 0;
    virtual const BisectionState* bisection(BisectionId id) = 0;
    /// What goes on right now in a bisection; empty `what` when nothing does.
    virtual Progress progress(BisectionId id) = 0;
    /// The same of each of its boards and of builds ahead; where nothing goes on is left out.
    virtual std::vector<Progress> all_progress(BisectionId id) = 0;
    /// The log that is being written or was written for an attempt: "build", "console", "runs";
    /// the name under which `open_log` finds it.
    virtual Result<std::string> log_file(BisectionId id, std::uint64_t step, std::uint64_t attempt,
                                         const std::string& which) = 0;
    /// The text of a file that `log_file` or a board's status names; null: there is none.
    virtual std::shared_ptr<LogText> open_log(const std::string& file) = 0;
    /// In the format of `git bisect log`. `symptom`: of several, this one's; empty: the culprit's,
    /// else the one that was looked at first.
    /// Errors: request when there is no such bisection or symptom.
    virtual Task<Result<std::string>> git_log(BisectionId id, std::string symptom) = 0;
    /// The mail that a maintainer wants of what was found; nobody sends it but a person. `symptom`
    /// empty: the recipe's first one that has a result.
    /// Errors: request when there is nothing to report: it goes on, or ended without a result.
    virtual Task<Result<ReportMail>> report(BisectionId id, std::string symptom) = 0;
    /// Events after `seq`, at most `limit`. `of`: only of this bisection and of the farm; nothing:
    /// of all.
    virtual Result<std::vector<EventRecord>> events_after(std::uint64_t seq, std::size_t limit,
                                                          std::optional<BisectionId> of) = 0;
    /// Of all events those that fit. Errors: infrastructure.
    virtual Result<std::vector<EventRecord>> find_events(EventFilter filter) = 0;
    /// Of the last event; 0 when there is none. Errors: infrastructure.
    virtual Result<std::uint64_t> last_seq() = 0;
    /// Calls `listener` for each new event until the returned handle is gone.
    virtual std::shared_ptr<void> listen(std::function<void(const EventRecord&)> listener) = 0;

    virtual Result<std::vector<BoardStatus>> boards() = 0;
    virtual std::vector<std::string> recipes() = 0;
    /// Errors: request, when there is none of this name, or it is wrong.
    virtual Result<Recipe> recipe(const std::string& name) = 0;
    /// A picture of the search: takes as long as reading the range's history does.
    /// Errors: request before the range is known; infrastructure when the history is gone.
    virtual Task<Result<Survey>> survey(BisectionId id) = 0;
    /// What a commit of its range changed, as a patch; hostile text, its first 512 KiB.
    /// Errors: request when there is no such commit; infrastructure.
    virtual Task<Result<std::string>> diff(BisectionId id, CommitId commit) = 0;
    /// Errors: infrastructure.
    virtual Task<Result<Stock>> stock() = 0;
    virtual Task<std::vector<Finding>> doctor(StartRequest request) = 0;
};

}  // namespace bisectd
