#include "orchestration/run_log.hpp"

#include "core/look.hpp"
#include "orchestration/evidence.hpp"

namespace bisectd {
namespace {

using namespace std::chrono_literals;

/// A batch is written when it is this large or this old.
/// Source: one durable write takes about 4 ms (design measurements, WAL and FULL).
constexpr std::size_t batch_runs = 200;
constexpr std::chrono::milliseconds batch_age = 300ms;
/// In a batch that is bounded by its time alone. Source: the most that a recipe may ask for.
constexpr std::uint64_t most_runs = 1'000'000;

std::string line_of(const Run& run) {
    return "run " + std::to_string(run.run) + ": " + std::string(word(run.look)) + ", exit " +
           std::to_string(run.exit) +
           (run.signal != 0 ? ", signal " + std::to_string(run.signal) : "") + ", " +
           std::to_string(run.ms) + " ms\n";
}

}  // namespace

void RunLog::hear(const AgentMessage& message) {
    const auto* told = std::get_if<AgentRun>(&message);
    const std::uint64_t planned = attempt_.state().batches.back().planned;
    if (told != nullptr && told->n > (planned != 0 ? planned : most_runs)) {
        // A board could fill the journal with them.
        if (written_)
            written_ = std::unexpected(fact(Rung::run, Outcome::infrastructure,
                                            "the agent told of more runs than were ordered"));
        return;
    }
    if (told != nullptr && told->n > last_heard()) {
        Run run;
        run.run = told->n;
        run.look = judge_run(*told, symptom());
        run.exit = told->exit;
        run.signal = told->signal;
        run.ms = told->ms;
        if (run.look == Look::hit) last_hit_ = run.run;
        if (pending_.empty()) pending_since_ = attempt_.lab.clock.steady();
        pending_.push_back(run);
        show_progress(run.run);
    }
    const bool old = attempt_.lab.clock.steady() - pending_since_ >= batch_age;
    if (pending_.size() >= batch_runs || (old && !pending_.empty())) write();
}

void RunLog::write() {
    if (pending_.empty() || !written_) return;
    std::string text;
    for (const Run& run : pending_) text += line_of(run);
    save_runs(attempt_, text);
    written_ =
        attempt_.record(Rung::run, RunsRecorded{attempt_.step, attempt_.number, std::move(pending_),
                                                attempt_.state().batches.back().name});
    pending_.clear();
}

std::uint64_t RunLog::last_heard() const {
    return pending_.empty() ? attempt_.state().batches.back().last_run : pending_.back().run;
}

void RunLog::show_progress(std::uint64_t last) {
    const BatchState& batch = attempt_.state().batches.back();
    attempt_.progress(Progress{"runs", last, batch.planned, batch.symptom});
}

const Symptom& RunLog::symptom() const {
    return attempt_.symptom(attempt_.state().batches.back().symptom);
}

}  // namespace bisectd
