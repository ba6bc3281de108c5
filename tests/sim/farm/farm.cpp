#include "tests/sim/farm/farm.hpp"

#include <algorithm>

namespace bisectd::sim {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> board_names(unsigned boards) {
    std::vector<std::string> names;
    for (unsigned n = 1; n <= boards; ++n) names.push_back("b" + std::to_string(n));
    return names;
}

/// Commit 0 belongs to no history.
World empty_world(Chance& chance) {
    World world;
    world.parents.emplace_back();
    world.has_console = !chance.one_in(4);
    world.has_power = !chance.one_in(6);
    world.power_stays_off = !chance.one_in(3);
    world.disk.watched = true;
    // No rule is about them, and they take half of the engine's time.
    world.estimate_games = chance.one_in(8) ? 1 : 0;
    return world;
}

/// How often a fault would come on average where nothing else is said, per chance. Source: each
/// has a chance at every boot, command or write; a bisection has about 20, 300 and 200 of them.
double usual_rate(Fault fault) {
    switch (fault) {
        case Fault::boot_hangs:
        case Fault::boot_panics:
        case Fault::boot_without_network:
        case Fault::kernel_forgotten:
        case Fault::kernel_wrong:
        case Fault::builder_out_of_memory:
        case Fault::build_hangs:
        case Fault::checkout_disk_full:
        case Fault::upload_corrupted:
        case Fault::boot_folder_full:
        case Fault::arming_fails:
            return 0.05;
        case Fault::fallback_broken:
        case Fault::board_dies:
        case Fault::board_stuck:
            return 0.01;
        case Fault::power_refuses:
        case Fault::power_refuses_twice:
        case Fault::power_lies:
        case Fault::power_says_no_lie:
        case Fault::precondition_unmet:
        case Fault::console_loss:
        case Fault::console_noise:
        case Fault::console_unreadable:
            return 0.1;
        case Fault::freeze_in_run:
        case Fault::panic_in_run:
        case Fault::reproducer_hangs:
        case Fault::agent_killed:
        case Fault::lost_while_following:
        case Fault::half_open_while_following:
        case Fault::agent_tells_twice:
        case Fault::upload_lost:
        case Fault::upload_hangs:
        case Fault::work_folder_full:
        case Fault::reboot_ignored:
        case Fault::artefact_lost:
            return 0.02;
        case Fault::kill_anywhere:
        case Fault::stopped:
        case Fault::clock_jumps:
        case Fault::disk_fills:
            return 0.001;
        default:
            return 0.008;
    }
}

std::string time_of(Ms since) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
    const auto two = [](std::int64_t number) {
        return std::string(number < 10 ? "0" : "") + std::to_string(number);
    };
    return std::to_string(seconds / 3600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60);
}

}  // namespace

Farm::Farm(std::uint64_t seed, unsigned boards, std::function<void(const std::string&)> trace)
    : chance_(seed),
      trace_(std::move(trace)),
      sim_(empty_world(chance_), board_names(boards)),
      inspector_(plots_, sim_.world.ledger),
      seed_(seed) {
    play(sim_.world, plots_);
    sim_.world.mischief = Mischief(chance_.draw());
    sim_.world.mischief.told = [this](Fault fault, const std::string& where) {
        tell("    fault: " + std::string(word(fault)) + ", " + where);
    };
    for (const auto& [name, board] : sim_.boards()) {
        if (chance_.one_in(4)) board->keep_work();
        board->run_takes(Ms(chance_.one_in(3) ? 1'000 : 20));
    }
    meddles_ = chance_.one_in(4);
    truthful_ = chance_.one_in(5);
    sim_.on_event = [this](const EventRecord& record) { hear(record); };
    sim_.on_start = [this] { started(); };
}

void Farm::plan_bisection() {
    plots_.push_back(
        make_plot(sim_.world, chance_, static_cast<unsigned>(plots_.size() + 1), truthful_));
}

/// Nothing but a bug ends a boot or a run where a recipe says that this is the bug.
bool Farm::is_confusing(Fault fault) const {
    switch (fault) {
        case Fault::boot_hangs:
        case Fault::boot_panics:
        case Fault::boot_without_network:
        case Fault::board_stuck:
        case Fault::board_dies:
        case Fault::kernel_forgotten:
        case Fault::silent_reboot:
        case Fault::reboot_unseen:
        case Fault::freeze_in_run:
        case Fault::panic_in_run:
        case Fault::reproducer_hangs:
            return truthful_;
        default:
            return false;
    }
}

void Farm::draw_faults(const std::vector<Fault>& only) {
    for (const auto& [fault, text] : Words<Fault>::all) {
        // A part of the faults for each seed: what always comes together hides what comes alone.
        const bool chosen =
            only.empty() ? chance_.one_in(3) : std::ranges::find(only, fault) != only.end();
        const double factor = 0.3 + 1.7 * chance_.share();
        if (chosen && !is_confusing(fault))
            sim_.world.mischief.rate(fault, usual_rate(fault) * factor);
    }
}

void Farm::kill_at(std::uint64_t before, std::uint64_t after) {
    sim_.journal.kill_before = before;
    sim_.journal.kill_after = after;
}

void Farm::open() {
    opened_ = sim_.clock.steady();
    next_look_ = opened_ + 1min;
    started();
    ask_for_bisections();
}

void Farm::close() {
    if (sim_.is_up()) sim_.stop();
    tell("closed after " + time_of(sim_.clock.steady() - opened_));
}

double Farm::virtual_hours() const {
    return std::chrono::duration<double, std::ratio<3600>>(sim_.clock.now() - opened_).count();
}

void Farm::tell(const std::string& line) {
    for (const char c : line) digest_ = (digest_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    if (trace_) trace_(time_of(sim_.clock.steady() - opened_) + " " + line);
}

void Farm::hear(const EventRecord& record) {
    last_seq_ = record.seq;
    tell(std::to_string(record.seq) + " bisection " + std::to_string(record.bisection) + " " +
         Simulation::told(record.event));
    const std::size_t broken = inspector_.broken().size();
    check_disk(record);
    inspector_.look(record, sim_.is_up() ? sim_.supervisor().bisection(record.bisection) : nullptr);
    for (std::size_t i = broken; i < inspector_.broken().size(); ++i)
        tell("    RULE BROKEN: " + inspector_.broken()[i]);
    if (std::holds_alternative<BisectionEnded>(record.event)) ++ended_;
    if (std::holds_alternative<BoardParked>(record.event)) ++parked_;
    if (std::holds_alternative<BisectionPaused>(record.event)) ++paused_;
}

void Farm::check_disk(const EventRecord& record) {
    const bool begins = std::holds_alternative<AttemptStarted>(record.event) ||
                        std::holds_alternative<BuildStarted>(record.event) ||
                        std::holds_alternative<BuildAheadStarted>(record.event);
    if (begins && sim_.world.disk.is_low())
        inspector_.blame(record.bisection, "with too little free space it journalled " +
                                               std::string(kind(record.event)));
    const auto* const evicted = std::get_if<ArtefactEvicted>(&record.event);
    if (evicted == nullptr) return;
    for (const auto& [id, state] : inspector_.states())
        for (const StepState* step : state.open_steps())
            for (const AttemptState& attempt : step->attempts)
                if (!state.ended && !attempt.ended && attempt.built &&
                    attempt.built->key == evicted->key)
                    inspector_.blame(id, "the artefact of an open attempt was evicted");
}

void Farm::started() {
    ++daemons_;
    inspector_.daemon_started();
    tell("    a daemon starts");
    // What a write left in doubt came to light.
    const auto& records = sim_.journal.records();
    while (last_seq_ < records.size()) {
        const EventRecord& record = records[last_seq_++];
        tell(std::to_string(record.seq) + " bisection " + std::to_string(record.bisection) +
             " came to light: " + Simulation::told(record.event));
        inspector_.look(record, nullptr);
        if (std::holds_alternative<BisectionEnded>(record.event)) ++ended_;
    }
    for (const auto& [id, mine] : inspector_.states())
        if (const BisectionState* const live = sim_.supervisor().bisection(id))
            inspector_.compare(id, *live, "after a start");
}

void Farm::disturb() {
    World& world = sim_.world;
    world.disk_may_fill("disk");
    if (world.strikes(Fault::kill_anywhere, "daemon")) world.daemon_dead = true;
    if (world.strikes(Fault::clock_jumps, "clock"))
        sim_.clock.jump(Ms((static_cast<std::int64_t>(chance_.below(2 * 86'400)) - 86'400) * 1000));
}

void Farm::go_on() {
    bool stops = false;
    const bool looked = sim_.run_until([this, &stops] {
        if (sim_.clock.steady() >= next_look_ || !inspector_.broken().empty()) return true;
        disturb();
        stops = sim_.world.strikes(Fault::stopped, "daemon");
        return stops;
    });
    if (stops) {
        sim_.stop();
        sim_.clock.pass(Ms(chance_.below(600'000)));
        sim_.start_daemon();
        return;
    }
    if (!looked) sim_.clock.pass(std::max(Ms(0), next_look_ - sim_.clock.steady()));
    next_look_ = sim_.clock.steady() + Ms(60'000) * (5 + chance_.below(60));
    sim_.dead_for = Ms(chance_.one_in(2) ? 2'000 : chance_.below(900'000));
    look_after_disk();
    look_after_boards();
    ask_for_bisections();
    const auto states = inspector_.states();
    for (const auto& [id, state] : states)
        if (id != 0 && !state.ended) look_after(id);
}

}  // namespace bisectd::sim
