#include <algorithm>

#include "core/pattern.hpp"
#include "orchestration/attempt.hpp"
#include "orchestration/evidence.hpp"
#include "orchestration/recovery.hpp"

namespace bisectd {
namespace {

using namespace std::chrono_literals;

/// A console keeps at least so much of what was said last. Source: the capture's memory.
constexpr std::size_t kept_console_bytes = 1024UL * 1024;
/// How a boot that failed is told apart from other causes, in the journal and here.
constexpr std::string_view boot_failure = "the kernel did not come up";

bool is_artefact(const BoardFacts& facts, const Artefact& artefact) {
    return facts.build_id == artefact.build_id && facts.release == artefact.release;
}

std::string image_path(const BoardSpec& board, const Artefact& artefact) {
    std::string path = board.deploy.image;
    constexpr std::string_view place = "{release}";
    if (const std::size_t at = path.find(place); at != std::string::npos)
        path.replace(at, place.size(), artefact.release);
    return path;
}

Climbed<> proven(const Attempt& attempt, const BoardFacts& facts, double seconds) {
    return attempt.record(Rung::prove, KernelProven{attempt.step, attempt.number, facts.boot_id,
                                                    facts.build_id, facts.release, seconds});
}

/// A boot that failed must fail twice before it counts against the commit: power, boot medium and
/// boot loader fail now and then, too.
Fall failed_boot(const Attempt& attempt, const std::string& how, const std::string& console) {
    const auto& attempts = attempt.step_state().attempts;
    const bool repeated = std::ranges::any_of(attempts, [](const AttemptState& earlier) {
        return earlier.ended && earlier.ended->cause.starts_with(boot_failure);
    });
    const std::string tail = last_lines(console, 3);
    std::string cause = std::string(boot_failure) + ": " + how;
    if (const auto line = first_matching_line(std::string(dying_kernel_pattern), console))
        cause += "; console: " + *line;
    else if (!tail.empty())
        cause += "; last on the console: " + tail;
    if (!repeated) {
        Fall once = fact(Rung::boot, Outcome::infrastructure, cause + " (tried once more)");
        once.board_needs_recovery = true;
        return once;
    }
    const BootSpec& boot = attempt.recipe.boot;
    Outcome outcome = Outcome::skip;
    if (boot.on_failure == OnBootFailure::bad &&
        (boot.failure_pattern.empty() || first_matching_line(boot.failure_pattern, console)))
        outcome = Outcome::bad_looking;
    Fall fall = fact(Rung::boot, outcome, cause + " (twice)");
    fall.board_needs_recovery = true;
    return fall;
}

Fall spoiled_boot(std::string cause) {
    Fall fall = fact(Rung::boot, Outcome::infrastructure, std::move(cause));
    fall.board_needs_recovery = true;
    return fall;
}

/// What the board being on another kernel than the artefact (or silent) means.
Fall judge_boot(const Attempt& attempt, const Artefact& artefact,
                const std::optional<BoardFacts>& facts, const std::string& boot_id_before,
                std::uint64_t mark) {
    const Console& console = attempt.board.console;
    const std::string said = console.available() ? console.since(mark, kept_console_bytes) : "";
    // What was said first may be gone where a kernel floods its console; no boot loader does.
    const bool is_whole = console.available() && console.mark() - mark <= kept_console_bytes;
    const bool started =
        !is_whole || said.find("Linux version " + artefact.release) != std::string::npos;
    if (!facts) {
        if (console.available() && !started)
            return spoiled_boot(
                "no answer, and the console does not show that the kernel was "
                "started; last on it: " +
                last_lines(said, 3));
        return failed_boot(attempt, "no answer within its limit", said);
    }
    if (facts->boot_id == boot_id_before)
        return spoiled_boot("the board did not reboot: its boot id is still " + boot_id_before);
    if (!is_known_good(attempt.board.spec, *facts))
        return fact(Rung::prove, Outcome::infrastructure,
                    "another kernel answers: release " + facts->release + ", build-id " +
                        facts->build_id + " instead of " + artefact.build_id);
    if (console.available() && !started)
        return spoiled_boot(
            "the board came back with its known-good kernel without having "
            "started the test kernel");
    return failed_boot(attempt, "the board came back with its known-good kernel", said);
}

Task<Climbed<>> deploy(const Attempt& attempt, BoardAgent& agent, const Artefact& artefact,
                       std::string path) {
    const DeploySpec& spec = attempt.board.spec.deploy;
    const auto started = attempt.lab.clock.steady();
    auto removed = co_await agent.clean(path);
    if (!removed) co_return std::unexpected(blame(Rung::deploy, removed.error()));
    const std::string folder = path.substr(0, std::max<std::size_t>(1, path.rfind('/')));
    auto facts = co_await agent.facts(folder);
    if (!facts) co_return std::unexpected(blame(Rung::deploy, facts.error()));
    const std::uint64_t needed = artefact.image().bytes / 1024 + spec.spare_kib;
    if (facts->free_kib < needed)
        co_return std::unexpected(fact(
            Rung::deploy, Outcome::infrastructure,
            "no space on the board: " + folder + " has " + std::to_string(facts->free_kib) +
                " KiB free, " + std::to_string(needed) + " KiB are needed; remove files there"));
    auto pushed = co_await agent.push(artefact.image().path, path, 0644, attempt.progress);
    if (!pushed) co_return std::unexpected(blame(Rung::deploy, pushed.error()));
    auto armed = co_await agent.command("arm", spec.arm, path);
    if (!armed) co_return std::unexpected(blame(Rung::deploy, armed.error()));
    const std::chrono::duration<double> took = attempt.lab.clock.steady() - started;
    co_return attempt.record(Rung::deploy,
                             Deployed{attempt.step, attempt.number, path, artefact.image().bytes,
                                      took.count(), *removed});
}

Task<Climbed<>> boot_once(const Attempt& attempt, BoardAgent agent, Artefact artefact,
                          std::string boot_id_before) {
    Lab& lab = attempt.lab;
    const std::uint64_t mark = attempt.board.console.mark();
    auto intent =
        attempt.record(Rung::boot, BootStarted{attempt.step, attempt.number, boot_id_before});
    if (!intent) co_return intent;
    const auto started = lab.clock.steady();
    attempt.progress(Progress{"boot", 0, 0, "waiting for " + attempt.board.spec.name});
    auto rebooted = co_await agent.reboot();
    if (!rebooted) co_return std::unexpected(blame(Rung::boot, rebooted.error()));
    const auto other_boot = [&boot_id_before](const BoardFacts& facts) {
        return facts.boot_id != boot_id_before;
    };
    auto facts =
        co_await wait_for_board(lab, attempt.board.spec, attempt.recipe.boot.deadline, other_boot);
    const std::chrono::duration<double> took = lab.clock.steady() - started;
    save_console(attempt, mark);
    if (facts && other_boot(*facts) && is_artefact(*facts, artefact))
        co_return proven(attempt, *facts, took.count());
    co_return std::unexpected(judge_boot(attempt, artefact, facts, boot_id_before, mark));
}

/// After a restart of the daemon: whether the board runs what this attempt booted.
Task<Climbed<bool>> already_booted(const Attempt& attempt, const Artefact& artefact) {
    const AttemptState& state = attempt.state();
    if (!state.boot_started) co_return false;
    const auto anything = [](const BoardFacts&) { return true; };
    const auto facts =
        co_await wait_for_board(attempt.lab, attempt.board.spec, meeting_limit, anything);
    if (state.proven) {
        if (facts && facts->boot_id == state.proven->boot_id) co_return true;
        Fall fall = fact(Rung::run, Outcome::infrastructure,
                         facts ? "the board was started again while the daemon was away"
                               : "the board does not answer after a restart of the daemon");
        fall.board_needs_recovery = true;
        co_return std::unexpected(fall);
    }
    if (!facts || facts->boot_id == state.boot_started->boot_id_before ||
        !is_artefact(*facts, artefact))
        co_return false;
    auto told = proven(attempt, *facts, 0);
    if (!told) co_return std::unexpected(told.error());
    co_return true;
}

}  // namespace

Task<Climbed<>> boot_rungs(const Attempt& attempt, Artefact artefact) {
    Climbed<bool> booted = co_await already_booted(attempt, artefact);
    if (!booted) co_return std::unexpected(booted.error());
    if (*booted) co_return Climbed<>();

    // Deployed from the known-good kernel only: the last test kernel may write what it likes.
    auto home = co_await bring_home(attempt.lab, attempt.chronicle, attempt.board);
    if (!home) {
        Fall fall = blame(Rung::deploy, home.error());
        // Not parked: what failed is the journal.
        if (!attempt.chronicle.state().parked.contains(attempt.board.spec.name))
            fall.left_open = true;
        co_return std::unexpected(fall);
    }
    auto agent = co_await BoardAgent::meet(attempt.lab, attempt.board.spec, meeting_limit);
    if (!agent) co_return std::unexpected(blame(Rung::deploy, agent.error()));
    const std::string path = image_path(attempt.board.spec, artefact);
    Climbed<> deployed = co_await deploy(attempt, *agent, artefact, path);
    if (!deployed) co_return deployed;
    co_return co_await boot_once(attempt, std::move(*agent), std::move(artefact), home->boot_id);
}

}  // namespace bisectd
