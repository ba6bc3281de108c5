#include "tests/sim/farm/inspector.hpp"

#include <algorithm>

#include "tests/sim/farm/same.hpp"

namespace bisectd::sim {
namespace {

/// The whole states are compared after each of the first events of a bisection, then after every
/// so many; and always when a daemon starts and when a bisection ends.
constexpr std::size_t compared_at_first = 40, compared_then = 16;

bool about_a_board(const Event& event) {
    return std::holds_alternative<RecoveryTried>(event) ||
           std::holds_alternative<BoardRecovered>(event) ||
           std::holds_alternative<BoardParked>(event) ||
           std::holds_alternative<BoardReturned>(event) || std::holds_alternative<Noted>(event) ||
           std::holds_alternative<LogsEvicted>(event);
}

const Plot* plot_of(const Plots& plots, const BisectionState& state) {
    return state.requested ? plot_of(plots, state.requested->request.repository) : nullptr;
}

}  // namespace

class Inspector::Check {
  public:
    Check(Inspector& inspector, const EventRecord& record, const BisectionState& before)
        : inspector_(inspector),
          id_(record.bisection),
          before_(before),
          plot_(plot_of(inspector.plots_, before)) {
        if (before.ended && !about_a_board(record.event))
            broken("after its end it journalled " + std::string(kind(record.event)));
    }

    void operator()(const StepStarted& event) {
        if (event.step != before_.steps.size() + 1) broken("a step has a wrong number");
    }
    void operator()(const AttemptStarted& event) {
        const StepState* const step = step_of(event.step);
        if (step == nullptr) return;
        if (step->closed) broken("an attempt was started in a step that is closed");
        if (!step->attempts.empty() && !step->attempts.back().ended)
            broken("an attempt was started while the one before goes on");
        for (const StepState* open : before_.open_steps())
            if (!open->attempts.empty() && !open->attempts.back().ended &&
                open->attempts.back().board == event.board)
                broken("two attempts were started for board " + event.board);
    }
    void operator()(const BuildStarted& event) { not_after_proof(event, "a build"); }
    void operator()(const Deployed& event) {
        not_after_proof(event, "a deployment");
        stands(event);
    }
    void operator()(const BootStarted& event) {
        not_after_proof(event, "a boot");
        stands(event);
    }
    void operator()(const KernelProven& event) {
        stands(event);
        const AttemptState* const attempt = attempt_of(event);
        if (attempt == nullptr) return;
        const auto boot = inspector_.ledger_.boots.find(event.boot_id);
        if (boot == inspector_.ledger_.boots.end() || boot->second.board != attempt->board)
            return broken("a boot was proven that never was: " + event.boot_id);
        if (!attempt->built || boot->second.build_id != attempt->built->build_id ||
            event.build_id != attempt->built->build_id)
            broken("a kernel was proven that did not run on " + event.boot_id);
    }
    void operator()(const RunsStarted& event) {
        stands(event);
        const AttemptState* const attempt = attempt_of(event);
        if (attempt != nullptr && !is_ready(*attempt)) broken("runs were ordered before the proof");
        if (!inspector_.batches_.insert(event.batch).second)
            broken("the batch " + event.batch + " was ordered twice");
    }
    void operator()(const RunsRecorded& event) {
        stands(event);
        const AttemptState* const attempt = attempt_of(event);
        if (attempt == nullptr) return;
        if (!is_ready(*attempt)) return broken("runs were recorded of a kernel that is not proven");
        for (const Run& run : event.runs) {
            if (!inspector_.recorded_.insert({event.batch, run.run}).second)
                broken("run " + std::to_string(run.run) + " of " + event.batch + " came twice");
            if (!truly_ran(event.batch, *attempt, run))
                broken("run " + std::to_string(run.run) + " of " + event.batch +
                       " was not made on the kernel that was proven");
        }
    }
    void operator()(const AttemptEnded& event) {
        if (const AttemptState* const attempt = attempt_of(event)) {
            if (attempt->ended) broken("an attempt ended twice");
            inspector_.leaves(attempt->board, inspector_.place(id_, event.step, event.attempt));
        }
    }
    void operator()(const VerdictGiven& event) {
        const StepState* const step = step_of(event.step);
        if (step == nullptr || plot_ == nullptr) return;
        if (step->closed && event.closes) broken("a step was closed twice");
        if (event.verdict != Verdict::good && event.verdict != Verdict::bad) return;
        if (step->attempts.empty() || !step->attempts.back().ended)
            return broken("a verdict came before its attempt's end");
        const AttemptState& last = step->attempts.back();
        // One that was stopped shows nothing: the verdict rests on what other boards showed.
        if (last.ended->outcome == Outcome::infrastructure && !last.ended->stopped)
            broken("a verdict rests on an infrastructure error");
        if (last.ended->rung == Rung::run && !is_ready(last))
            broken("a verdict rests on a kernel that is not proven");
        if (event.verdict != truth(*step, event))
            broken("commit " + event.commit.brief() + " was called " +
                   std::string(word(event.verdict)) + " and is not: " + event.cause);
    }
    void operator()(const SymptomEnded& event) {
        if (before_.conclusions.contains(event.symptom)) broken("a symptom ended twice");
        if (plot_ == nullptr) return;
        const auto& culprit = plot_->culprits[plot_->index_of(event.symptom)];
        const bool named =
            culprit && std::ranges::find(event.commits, id_of(*culprit)) != event.commits.end();
        switch (event.ending) {
            case Ending::culprit:
                if (!named || event.commits.size() != 1) broken("the culprit is wrong");
                break;
            case Ending::inconclusive:
                if (culprit && !named && !claims_nothing(event))
                    broken("the end is inconclusive and lacks the culprit: " + event.cause);
                break;
            case Ending::wrong_range:
                if (culprit) broken("the range was called wrong and is not: " + event.cause);
                break;
            case Ending::failed:
            case Ending::cancelled:
                broken("a symptom " + std::string(word(event.ending)) + ": " + event.cause);
                break;
        }
    }
    void operator()(const BisectionEnded& event) {
        if (before_.ended) broken("it ended twice");
        if (event.ending == Ending::failed) broken("it failed: " + event.cause);
        std::erase_if(inspector_.standing_,
                      [this](const auto& entry) { return entry.second.bisection == id_; });
    }
    void operator()(const BisectionResumed&) { rested(); }
    void operator()(const BoardReturned&) { rested(); }
    void operator()(const RecoveryTried& event) { alone_on(event.board, "a recovery"); }
    void operator()(const BoardRecovered& event) {
        alone_on(event.board, "a recovery");
        const auto boot = inspector_.ledger_.boots.find(event.boot_id);
        if (boot == inspector_.ledger_.boots.end() || boot->second.board != event.board ||
            boot->second.build_id != std::string(40, 'f'))
            broken(event.board + " was called recovered and did not run its known-good kernel");
    }
    void operator()(const BoardParked& event) {
        alone_on(event.board, "a parking");
        if (event.ask.find("bisectctl boards resume " + event.board) == std::string::npos)
            broken("a person is not told how to go on: " + event.ask);
    }
    void operator()(const BisectionPaused& event) {
        if (event.why.empty()) broken("it paused and does not say why");
    }
    void operator()(const auto&) {}

  private:
    /// While it rested others had its boards.
    void rested() {
        std::erase_if(inspector_.standing_, [this](const auto& entry) {
            return entry.second.bisection == id_ && inspector_.is_loose(entry.second);
        });
    }
    void broken(const std::string& what) { inspector_.broken(id_, what); }
    const StepState* step_of(std::uint64_t number) {
        if (number >= 1 && number <= before_.steps.size()) return &before_.steps[number - 1];
        broken("an event names a step that is not there");
        return nullptr;
    }
    const AttemptState* attempt_of(const auto& event) {
        const StepState* const step = step_of(event.step);
        if (step == nullptr) return nullptr;
        if (event.attempt >= 1 && event.attempt <= step->attempts.size())
            return &step->attempts[event.attempt - 1];
        broken("an event names an attempt that is not there");
        return nullptr;
    }
    void not_after_proof(const auto& event, const std::string& what) {
        const AttemptState* const attempt = attempt_of(event);
        if (attempt == nullptr) return;
        if (attempt->ended) broken(what + " came after its attempt's end");
        if (attempt->proven) broken(what + " came although the kernel was proven");
    }
    void stands(const auto& event) {
        if (const AttemptState* const attempt = attempt_of(event))
            inspector_.stands(id_, attempt->board,
                              inspector_.place(id_, event.step, event.attempt));
    }
    void alone_on(const std::string& board, const std::string& what) {
        const auto holder = inspector_.standing_.find(board);
        if (holder == inspector_.standing_.end() || holder->second.bisection == id_) return;
        if (inspector_.is_loose(holder->second))
            inspector_.standing_.erase(holder);
        else
            broken(what + " of " + board + " while bisection " +
                   std::to_string(holder->second.bisection) + " worked on it");
    }
    /// What runs is what was built: by its proof, or, where nothing is booted, because it was
    /// built.
    bool is_ready(const AttemptState& attempt) const {
        if (plot_ != nullptr && !plot_->boots()) return attempt.built.has_value();
        return attempt.proven.has_value();
    }
    bool truly_ran(const std::string& batch, const AttemptState& attempt, const Run& run) const {
        const auto jobs = inspector_.ledger_.jobs.find(batch);
        if (jobs == inspector_.ledger_.jobs.end()) return false;
        return std::ranges::any_of(jobs->second, [&](const Ledger::Job& job) {
            const auto made = job.exits.find(static_cast<unsigned>(run.run));
            const bool here = attempt.proven ? job.boot_id == attempt.proven->boot_id
                                             : job.board == attempt.board;
            return here && made != job.exits.end() && made->second == run.exit;
        });
    }
    Verdict truth(const StepState& step, const VerdictGiven& event) const {
        const std::size_t symptom = plot_->index_of(event.symptom);
        const unsigned commit = number_of(step.commit);
        bool bad = plot_->has_bug(symptom, commit);
        if (step.purpose == Purpose::proof_revert && !step.reverted.empty())
            bad = bad && plot_->culprits[symptom] != number_of(step.reverted);
        return bad ? Verdict::bad : Verdict::good;
    }
    /// An end of the range that cannot be tested: nothing is said of what lies between.
    bool claims_nothing(const SymptomEnded& event) const {
        return event.commits.size() == 1 && event.cause.find("cannot be tested") < 100 &&
               (event.commits.front() == before_.range->bad ||
                event.commits.front() == before_.range->good.front());
    }

    Inspector& inspector_;
    BisectionId id_;
    const BisectionState& before_;
    const Plot* plot_;
};

void Inspector::stands(BisectionId id, const std::string& board, Place place) {
    const auto [holder, free] = standing_.try_emplace(board, place);
    if (free || holder->second == place) return;
    if (is_loose(holder->second)) {
        holder->second = place;
        return;
    }
    broken(id, "board " + board + " has two holders: bisection " +
                   std::to_string(holder->second.bisection) + ", step " +
                   std::to_string(holder->second.step) + ", and step " +
                   std::to_string(place.step));
    holder->second = place;
}

/// The attempt of a bisection that rests keeps its board until its climb ends, or the daemon.
bool Inspector::is_loose(const Place& place) const {
    const BisectionState& state = states_.at(place.bisection);
    if (state.activity == Activity::running) return false;
    return place.daemon != daemons_ ||
           state.steps[place.step - 1].attempts[place.attempt - 1].proven.has_value();
}

void Inspector::leaves(const std::string& board, Place place) {
    const auto holder = standing_.find(board);
    if (holder != standing_.end() && holder->second == place) standing_.erase(holder);
}

void Inspector::look(const EventRecord& record, const BisectionState* live) {
    const BisectionId id = record.bisection;
    BisectionState& mine = states_[id];
    std::visit(Check(*this, record, mine), record.event);
    for (; wrongs_told_ < ledger_.wrongs.size(); ++wrongs_told_)
        broken(id, ledger_.wrongs[wrongs_told_]);
    evolve(mine, record);
    ++looked_;
    if (live == nullptr) return;
    if (looked_ <= compared_at_first || looked_ % compared_then == 0 || mine.ended)
        compare(id, *live, "after " + std::string(kind(record.event)));
}

void Inspector::compare(BisectionId id, const BisectionState& live, const std::string& when) {
    std::string differing;
    boost::pfr::for_each_field(live, [&](const auto& field, auto index) {
        if (same(field, boost::pfr::get<index.value>(states_[id]))) return;
        differing += " " + std::to_string(index.value + 1);
    });
    if (!differing.empty())
        broken(id, "the journal folds to another state, " + when +
                       " (parts of BisectionState:" + differing + ")");
}

void Inspector::forget(BisectionId id) {
    states_.erase(id);
    const std::string prefix = "b" + std::to_string(id) + "s";
    std::erase_if(batches_, [&](const std::string& batch) { return batch.starts_with(prefix); });
    std::erase_if(recorded_, [&](const auto& run) { return run.first.starts_with(prefix); });
}

void Inspector::broken(BisectionId id, const std::string& what) {
    broken_.push_back("bisection " + std::to_string(id) + ": " + what);
}

}  // namespace bisectd::sim
