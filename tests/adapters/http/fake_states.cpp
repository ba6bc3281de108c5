#include "tests/adapters/http/fake_control.hpp"

namespace bisectd::tests {
namespace {

constexpr std::int64_t noon = 1'790'000'000'000;

StepState step_of(std::uint64_t number, char digit, Purpose purpose, std::uint64_t suspects,
                  std::optional<Verdict> verdict) {
    StepState step;
    step.number = number;
    step.commit = commit_of(digit);
    step.subject = "mm: let brk() know about static PIE, variant " + std::to_string(number);
    step.purpose = purpose;
    step.suspects = suspects;
    step.started_ms_utc = noon + static_cast<std::int64_t>(number) * 400'000;
    if (!verdict) return step;
    step.ended_ms_utc = step.started_ms_utc + 372'000;
    const std::string cause = *verdict == Verdict::bad    ? "hit in run 17 of 300"
                              : *verdict == Verdict::good ? "300 clean runs"
                                                          : "the build fails at this commit";
    step.verdict = VerdictGiven{number, step.commit, "segfault", *verdict, cause};
    return step;
}

AttemptState climbed(const StepState& step, std::uint64_t number) {
    AttemptState attempt;
    attempt.number = number;
    attempt.board = "vb1";
    attempt.started_ms_utc = step.started_ms_utc;
    const std::uint64_t n = step.number;
    attempt.tree = TreePrepared{n, number, commit_of('7').hex(), "abc", {"subcmd.patch applied"}};
    Built built;
    built.seconds = 192.4;
    built.build_id = "3f2a91c07be455d0aa10c3d2";
    built.release = "6.1.0-bisectd-3f2a91c07be4";
    built.image_sha256 = "9c1185a5c5e9fc54612808977ee8f548b2258d31";
    built.from_store = step.purpose == Purpose::bad_end;
    attempt.built = built;
    attempt.deployed = Deployed{n,          number, "/boot/bisectd-3f2a91c07be4.img",
                                11'234'567, 3.2,    {"/boot/bisectd-old.img"}};
    attempt.boot_started = BootStarted{n, number, "0b52c9f0-4f0e-4fd5-9d2f-2f6d4a1a9b01"};
    attempt.proven = KernelProven{
        n, number, "77aa12de-1111-4fd5-9d2f-2f6d4a1a9b01", built.build_id, built.release, 24.6};
    BatchState batch;
    batch.name = "batch";
    batch.symptom = "segfault";
    batch.planned = 300;
    batch.last_run = 17;
    batch.looks = {{Look::clean, 16}, {Look::hit, 1}};
    attempt.looks = batch.looks;
    attempt.batches.push_back(std::move(batch));
    attempt.ended_ms_utc = step.ended_ms_utc;
    AttemptEnded ended;
    ended.step = n;
    ended.attempt = number;
    ended.rung = Rung::run;
    const bool bad = step.verdict && step.verdict->verdict == Verdict::bad;
    ended.outcome = bad ? Outcome::bad_looking : Outcome::good_looking;
    ended.cause = step.verdict ? step.verdict->cause : "";
    attempt.ended = ended;
    return attempt;
}

AttemptState hung(const StepState& step) {
    AttemptState attempt = climbed(step, 1);
    attempt.proven.reset();
    attempt.batches.clear();
    attempt.looks.clear();
    attempt.ended->rung = Rung::boot;
    attempt.ended->outcome = Outcome::infrastructure;
    attempt.ended->cause = "the board did not answer in 3 min, nor with its known-good kernel";
    return attempt;
}

void add_step(BisectionState& state, StepState step) {
    const bool second_try = step.number == 4;
    if (second_try) step.attempts.push_back(hung(step));
    AttemptState attempt = climbed(step, second_try ? 2 : 1);
    if (!step.verdict) {
        attempt.ended.reset();
        attempt.ended_ms_utc = 0;
    }
    step.attempts.push_back(std::move(attempt));
    state.steps.push_back(std::move(step));
}

}  // namespace

CommitId commit_of(char digit) {
    return *CommitId::parse(std::string(40, digit));
}

BisectionState running_bisection(BisectionId id) {
    BisectionState state;
    state.id = id;
    state.activity = Activity::running;
    StartRequest request;
    request.repository = "/home/kim/linux";
    request.good = {"v6.0", "v5.15.80"};
    request.bad = "v6.1";
    request.recipe = "brk-static-pie";
    request.board = "vb1";
    request.paths = {"mm", "fs/binfmt_elf.c"};
    request.title = "brk() of a static PIE";
    state.requested.emplace().request = request;
    state.range = RangeResolved{commit_of('b'), {commit_of('a'), commit_of('9')}, {}, 13'524};
    state.requested_ms_utc = noon;
    state.last_ms_utc = noon + 3'000'000;
    add_step(state, step_of(1, 'b', Purpose::bad_end, 13'524, Verdict::bad));
    add_step(state, step_of(2, 'a', Purpose::good_end, 13'524, Verdict::good));
    add_step(state, step_of(3, '1', Purpose::search, 13'524, Verdict::bad));
    add_step(state, step_of(4, '2', Purpose::search, 6'761, Verdict::good));
    add_step(state, step_of(5, '3', Purpose::search, 3'380, Verdict::skip));
    add_step(state, step_of(6, '4', Purpose::search, 3'379, std::nullopt));
    state.steps.back().subject = hostile;
    return state;
}

BisectionState ended_bisection(BisectionId id) {
    BisectionState state = running_bisection(id);
    state.steps.pop_back();
    constexpr std::uint64_t left[] = {1690, 845, 423, 212, 105, 52, 26, 13, 7, 3, 2};
    std::uint64_t number = 6;
    for (const std::uint64_t suspects : left) {
        const Verdict verdict = number % 3 == 0 ? Verdict::bad : Verdict::good;
        add_step(state, step_of(number++, 'c', Purpose::search, suspects, verdict));
    }
    add_step(state, step_of(number++, 'd', Purpose::proof_culprit, 1, Verdict::bad));
    state.steps.back().attempts.back().built->rebuild = "identical";
    add_step(state, step_of(number, 'e', Purpose::proof_parent, 1, Verdict::good));
    state.activity = Activity::ended;
    state.suspect = SuspectNamed{commit_of('d'),
                                 "mm: let brk() know about static PIE",
                                 "A. Kernel Hacker <hacker@example.org>",
                                 {commit_of('e')},
                                 "segfault",
                                 0.97,
                                 {}};
    state.ended = BisectionEnded{Ending::culprit,
                                 {commit_of('d')},
                                 "The culprit is bad again and its parent good again, both from "
                                 "clean builds."};
    state.last_ms_utc = noon + 9'072'000;
    return state;
}

}  // namespace bisectd::tests
