#include <algorithm>

#include "core/pattern.hpp"
#include "orchestration/attempt.hpp"
#include "orchestration/evidence.hpp"
#include "orchestration/recovery.hpp"
#include "orchestration/run_log.hpp"
#include "orchestration/within.hpp"

namespace bisectd {
namespace {

using namespace std::chrono_literals;

/// Connections that may be lost in a row, without a run in between, before the board counts as
/// lost.
constexpr unsigned lost_connections_limit = 3;
/// A board that answers nobody for so long is lost. Source: a switch that computes its spanning
/// tree anew passes nothing for up to 50 s (IEEE 802.1D: max age 20 s, twice the forward delay of
/// 15 s).
constexpr std::chrono::milliseconds silent_board_limit = 60s;
/// The bounds of what is kept of a run's output for people.
constexpr std::size_t output_limit_bytes = 64UL * 1024;
/// How a death that is not the symptom is told apart in the journal and here.
constexpr std::string_view other_death = "the board died of something else than the symptom";

/// The batch that goes on, or the name of the next one.
std::string batch_of(const Attempt& attempt) {
    if (const BatchState* open = attempt.state().open_batch()) return open->name;
    return "b" + std::to_string(attempt.chronicle.id()) + "s" + std::to_string(attempt.step) + "a" +
           std::to_string(attempt.number) + "r" +
           std::to_string(attempt.state().batches.size() + 1);
}

AgentJob job_of(const Attempt& attempt, const RunOn& order, std::string batch) {
    const Symptom& symptom = attempt.symptom(order.symptom);
    AgentJob job;
    job.id = std::move(batch);
    job.command = symptom.command;
    job.runs = order.runs;
    job.seconds = static_cast<std::uint64_t>(symptom.seconds.count());
    job.run_deadline_s = static_cast<std::uint64_t>(symptom.deadline.count());
    job.stop_exits = symptom.bad_exit;
    job.good_pattern = symptom.good_pattern;
    job.bad_pattern = symptom.bad_pattern;
    job.kernel_log_pattern = symptom.kernel_log_pattern;
    job.stop_at_first_hit = symptom.stop_at_first_hit;
    job.preconditions = attempt.recipe.reproducer.preconditions;
    return job;
}

/// Longest time that the whole job may take, whatever the board says meanwhile.
std::chrono::milliseconds job_limit(const Symptom& symptom, std::uint64_t runs) {
    const std::chrono::milliseconds each = symptom.deadline + 10s;
    return each * std::max<std::uint64_t>(runs, 1) + std::chrono::milliseconds(5min);
}

/// The folder of what is pushed to the board.
Task<Result<std::string>> prepared(const Attempt& attempt) {
    const Gate::Pass pass = co_await attempt.preparing.enter(attempt.chronicle.id());
    co_return co_await attempt.lab.workshop.prepare_reproducer(attempt.chronicle.id(),
                                                               attempt.recipe);
}

/// Pushes the reproducer (and, without a boot, the artefact) and starts the job, unless it runs
/// already; all of it may be repeated.
Task<Climbed<std::string>> start(const Attempt& attempt, BoardAgent& agent, RunOn order) {
    Lab& lab = attempt.lab;
    const std::string batch = batch_of(attempt);
    auto made = co_await prepared(attempt);
    if (!made) co_return std::unexpected(blame(Rung::run, made.error()));
    const bool may_be_begun = attempt.state().open_batch() != nullptr;
    auto folder =
        may_be_begun ? co_await agent.job_folder(batch) : co_await agent.make_job_folder(batch);
    if (!folder) co_return std::unexpected(blame(Rung::run, folder.error()));
    // What ran is never begun anew under its name: the runs that are known already would be passed
    // over, and their hits with them.
    if (const BatchState* open = attempt.state().open_batch(); open && open->last_run > 0)
        co_return *folder;
    std::vector<std::pair<std::string, std::string>> files;
    files.reserve(attempt.recipe.reproducer.files.size());
    for (const std::string& file : attempt.recipe.reproducer.files)
        files.emplace_back(*made + "/" + file, file);
    if (!attempt.boots()) {
        const auto artefact = co_await lab.workshop.take(attempt.state().built->key);
        if (!artefact)
            co_return std::unexpected(
                fact(Rung::run, Outcome::infrastructure,
                     "the artefact is gone from the store; it is built again"));
        for (const ArtefactFile& file : artefact->files) files.emplace_back(file.path, file.name);
    }
    for (const auto& [local, name] : files) {
        auto pushed = co_await agent.push(local, *folder + "/" + name, 0755, attempt.progress);
        if (!pushed) co_return std::unexpected(blame(Rung::run, pushed.error()));
    }
    if (attempt.state().open_batch() == nullptr) {
        auto intent = attempt.record(
            Rung::run, RunsStarted{attempt.step, attempt.number, batch, order.symptom, order.runs});
        if (!intent) co_return std::unexpected(intent.error());
    }
    AgentJob job = job_of(attempt, order, batch);
    auto started = co_await agent.start_job(std::move(job), *folder,
                                            lab.scratch_folder + "/" + batch + ".job");
    if (!started) co_return std::unexpected(blame(Rung::run, started.error()));
    co_return *folder;
}

/// A board that is gone, or is on another boot than the one that was proven.
Fall judge_death(const Attempt& attempt, std::string how, std::uint64_t mark) {
    const Console& console = attempt.board.console;
    const std::string said = console.available() ? console.since(mark, 256UL * 1024) : "";
    const BatchState& batch = attempt.state().batches.back();
    const Symptom& symptom = attempt.symptom(batch.symptom);
    Fall fall = fact(Rung::run, Outcome::infrastructure, std::move(how));
    fall.board_needs_recovery = true;
    if (!symptom.kernel_log_pattern.empty()) {
        if (const auto line = first_matching_line(symptom.kernel_log_pattern, said)) {
            fall.outcome = Outcome::bad_looking;
            fall.cause = "the board died with the symptom on its console: " + *line;
            return fall;
        }
    }
    if (const auto line = first_matching_line(std::string(dying_kernel_pattern), said)) {
        fall.cause = std::string(other_death) + ": " + *line;
        for (const AttemptState& earlier : attempt.step_state().attempts)
            if (earlier.ended && earlier.ended->cause.starts_with(other_death))
                fall.outcome = Outcome::skip;  // once may be the lab, twice is the commit
        return fall;
    }
    if (symptom.on_hang == OnHang::bad) fall.outcome = Outcome::bad_looking;
    if (symptom.on_hang == OnHang::skip) fall.outcome = Outcome::skip;
    fall.cause += ", without evidence on the console (on_hang decides)";
    return fall;
}

std::optional<Fall> judge_done(const Attempt& attempt, const AgentDone& done, std::uint64_t mark) {
    switch (done.reason) {
        case DoneReason::runs:
        case DoneReason::seconds:
        case DoneReason::hit:
            return std::nullopt;
        case DoneReason::precondition:
            return fact(
                Rung::run, Outcome::infrastructure,
                "a precondition of the recipe is not met on the board: " + done.precondition +
                    " (exit " + std::to_string(done.exit) + ") " + done.text);
        case DoneReason::died:
            if (done.rebooted)
                return judge_death(attempt, "the board started again while the runs went", mark);
            return fact(Rung::run, Outcome::infrastructure,
                        done.error.empty() ? "the agent was killed on the board" : done.error);
        default:
            return fact(
                Rung::run, Outcome::infrastructure,
                "the agent ended the runs: " + std::string(word(done.reason)) + " " + done.error);
    }
}

/// Meets the board, on the boot that was proven: it may have started again by itself meanwhile,
/// with a kernel that is not to be judged.
Task<Result<BoardAgent>> meet_on_proven_boot(const Attempt& attempt) {
    auto agent = co_await BoardAgent::meet(attempt.lab, attempt.board.spec, meeting_limit);
    if (!agent || !attempt.state().proven) co_return agent;
    auto facts = co_await agent->facts("");
    if (!facts) co_return std::unexpected(facts.error());
    if (facts->boot_id != attempt.state().proven->boot_id)
        co_return infrastructure("board " + attempt.board.spec.name,
                                 "it started again since its kernel was proven");
    co_return agent;
}

/// The same after a lost connection. A board is lost when it stays silent or has started again, not
/// when one more connection fails: for some recipes a lost board is the symptom.
Task<Result<BoardAgent>> meet_again(const Attempt& attempt) {
    const std::string where = "board " + attempt.board.spec.name;
    const auto anything = [](const BoardFacts&) { return true; };
    for (unsigned tries = 0; tries <= lost_connections_limit; ++tries) {
        const auto facts =
            co_await wait_for_board(attempt.lab, attempt.board.spec, silent_board_limit, anything);
        if (!facts) co_return infrastructure(where, "it does not answer any more");
        const auto& proven = attempt.state().proven;
        if (proven && facts->boot_id != proven->boot_id)
            co_return infrastructure(where, "it started again while the runs went");
        auto agent = co_await BoardAgent::meet(attempt.lab, attempt.board.spec, meeting_limit);
        if (agent) co_return agent;
    }
    co_return infrastructure(where, "it answers now and then, and takes no connection");
}

bool is_of_other_boot(const Attempt& attempt, const AgentJobHeader& job) {
    const auto& proven = attempt.state().proven;
    return proven && !job.boot_id.empty() && job.boot_id != proven->boot_id;
}

Fall started_elsewhere() {
    Fall fall = fact(Rung::run, Outcome::infrastructure,
                     "the board started again before the runs were begun: they are not of the "
                     "kernel that was proven");
    fall.board_needs_recovery = true;
    return fall;
}

/// Follows the job to its end over lost connections.
Task<Climbed<AgentDone>> follow_to_the_end(const Attempt& attempt, BoardAgent& agent,
                                           std::string folder, RunLog& log, std::uint64_t mark) {
    unsigned lost = 0;
    while (true) {
        const BatchState batch = *attempt.state().open_batch();
        const std::uint64_t before = batch.last_run;
        bool elsewhere = false;
        const auto listener = [&attempt, &log, &elsewhere](const AgentMessage& message) {
            if (const auto* header = std::get_if<AgentJobHeader>(&message))
                elsewhere = is_of_other_boot(attempt, *header);
            if (!elsewhere) log.hear(message);
        };
        Task<Result<AgentDone>> following = agent.follow(folder, before + 1, listener);
        const auto limit = job_limit(attempt.symptom(batch.symptom), batch.planned);
        const auto until = attempt.lab.clock.steady() + limit;
        auto done = co_await within(attempt.lab.clock, limit, std::move(following), "runs");
        if (auto written = log.flush(); !written) co_return std::unexpected(written.error());
        if (elsewhere) co_return std::unexpected(started_elsewhere());
        if (done) co_return *done;
        if (attempt.state().batches.back().last_run > before) lost = 0;
        const bool too_often = ++lost > lost_connections_limit;
        if (too_often && attempt.lab.clock.steady() >= until)
            co_return std::unexpected(judge_death(attempt, describe(done.error()), mark));
        auto noted = attempt.record(Rung::run, Noted{"connection lost while the runs went (" +
                                                     describe(done.error()) + "); meeting again"});
        if (!noted) co_return std::unexpected(noted.error());
        auto again = co_await meet_again(attempt);
        if (!again) co_return std::unexpected(judge_death(attempt, describe(again.error()), mark));
        if (too_often)
            co_return std::unexpected(
                fact(Rung::run, Outcome::infrastructure,
                     "connections are lost again and again while the runs go, although the board "
                     "answers: " +
                         describe(done.error())));
        agent = std::move(*again);
    }
}

}  // namespace

Task<Climbed<>> run_batch(const Attempt& attempt, RunOn order) {
    const std::uint64_t mark = attempt.board.console.mark();
    auto agent = co_await meet_on_proven_boot(attempt);
    if (!agent) co_return std::unexpected(blame(Rung::run, agent.error()));
    Climbed<std::string> folder = co_await start(attempt, *agent, std::move(order));
    if (!folder) co_return std::unexpected(folder.error());
    RunLog log(attempt);
    Climbed<AgentDone> done = co_await follow_to_the_end(attempt, *agent, *folder, log, mark);
    save_console(attempt, mark);
    if (!done) co_return std::unexpected(done.error());
    if (const auto fall = judge_done(attempt, *done, mark)) co_return std::unexpected(*fall);
    if (log.last_hit() != 0) {
        auto output = co_await agent->evidence(*folder, log.last_hit());
        if (output)
            save_runs(attempt, "output of run " + std::to_string(log.last_hit()) + ":\n" +
                                   output->substr(0, output_limit_bytes) + "\n");
    }
    const std::string batch = attempt.state().batches.back().name;
    co_return attempt.record(Rung::run, RunsEnded{attempt.step, attempt.number, batch});
}

}  // namespace bisectd
