#include "tests/sim/fake_board.hpp"

#include <algorithm>

#include "tests/sim/job_file.hpp"

namespace bisectd::sim {
namespace {

using namespace std::chrono_literals;

constexpr Ms boot_time = 20s;
/// Between the agent's answer and the reboot. Source: agents/PROTOCOL.md.
constexpr Ms reboot_delay = 1s;
/// Off so long, a stuck board comes to itself.
constexpr Ms cold_enough = 30s;
/// The kernel parameter panic=10.
constexpr Ms panic_delay = 10s;

/// The kernel of an image: its file says "20", or "20-without-13".
Kernel kernel_of(const World& world, const std::string& image) {
    const auto number = [](const std::string& text) {
        return static_cast<unsigned>(std::stoul(text));
    };
    const std::size_t without = image.find("-without-");
    if (without == std::string::npos) return world.kernel(number(image));
    return world.kernel_without(number(image), number(image.substr(without + 9)));
}

bool is_hit(const AgentJob& job, const RunStory& story) {
    return std::ranges::find(job.stop_exits, story.exit) != job.stop_exits.end() ||
           story.klog == KernelLog::symptom;
}

}  // namespace

FakeBoard::FakeBoard(VirtualClock& clock, World& world, BoardSpec spec)
    : clock_(clock), world_(world), spec_(std::move(spec)) {
    boot_fallback(clock_.steady() - boot_time);
    world_.ledger.boots[boot_id_] = Ledger::Boot{spec_.name, kernel_.build_id};
}

BoardSpec FakeBoard::usual_spec(const std::string& name) {
    BoardSpec spec;
    spec.name = name;
    spec.kind = name.starts_with("other") ? "other" : "fake";
    spec.work_folder = "/tmp/bisectd";
    spec.boot_deadline = 120s;
    spec.deploy.image = "/boot/bisectd-{release}";
    spec.deploy.arm = "arm";
    spec.deploy.disarm = "disarm";
    spec.deploy.fallback_build_id = std::string(40, 'f');
    spec.deploy.fallback_release = "6.0.0-good";
    return spec;
}

void FakeBoard::tick() {
    const Ms now = clock_.steady();
    while (true) {
        const PlannedRun* death = nullptr;
        for (const auto& [folder, job] : jobs_)
            if (!job.stopped && !job.runs.empty() && job.runs.back().story.death != Death::none)
                death = &job.runs.back();
        const bool dies = death != nullptr && !frozen_ && death->over_at <= now &&
                          (!reboot_at_ || death->over_at < *reboot_at_);
        if (dies) {
            const PlannedRun last = *death;
            die(last.over_at, last.story);
        } else if (reboot_at_ && *reboot_at_ <= now) {
            boot(*reboot_at_);
        } else {
            return;
        }
    }
}

void FakeBoard::die(Ms at, const RunStory& story) {
    end_jobs(at);
    frozen_ = true;
    if (!story.last_words.empty()) say(story.last_words);
    if (story.death == Death::panic) reboot_at_ = at + panic_delay;
}

void FakeBoard::empty_work_folder() {
    jobs_.clear();
    std::erase_if(files_,
                  [this](const auto& file) { return file.first.starts_with(spec_.work_folder); });
}

void FakeBoard::forget_jobs_but(const std::string& folder) {
    std::erase_if(jobs_, [&folder](const auto& job) { return job.first != folder; });
}

/// A job that is over is kept, if anything is; one that was going on has died.
void FakeBoard::end_jobs(Ms at) {
    if (!keeps_work_) empty_work_folder();
    for (auto& [folder, job] : jobs_) {
        const bool over =
            job.hangs_in == 0 && (job.runs.empty() || (job.runs.back().over_at <= at &&
                                                       job.runs.back().story.death == Death::none));
        if (over || job.stopped) continue;
        std::erase_if(job.runs, [at](const PlannedRun& run) {
            return run.over_at > at || run.story.death != Death::none;
        });
        job.stopped = true;
        job.hangs_in = 0;
        job.reason = DoneReason::died;
        job.rebooted = true;
    }
}

void FakeBoard::boot(Ms at) {
    reboot_at_.reset();
    if (world_.strikes(Fault::board_dies, spec_.name)) broken_ = true;
    frozen_ = broken_;
    network_ = !world_.strikes(Fault::boot_without_network, spec_.name);
    end_jobs(at);
    if (world_.strikes(Fault::board_stuck, spec_.name)) stuck_ = true;
    if (stuck_) {  // before any boot loader: what is armed stays armed
        frozen_ = true;
        return;
    }
    const bool test =
        armed_ && files_.contains(*armed_) && !world_.strikes(Fault::kernel_forgotten, spec_.name);
    if (test)
        boot_test_kernel(at);
    else
        boot_fallback(at);
    world_.ledger.boots[boot_id_] = Ledger::Boot{spec_.name, kernel_.build_id};
}

Kernel FakeBoard::choose_kernel() {
    Kernel kernel = kernel_of(world_, files_.at(*armed_));
    if (world_.strikes(Fault::kernel_wrong, spec_.name)) {
        kernel.release = "6.0.0-bisect-stale";
        kernel.build_id = std::string(40, 'e');
    }
    if (world_.strikes(Fault::boot_hangs, spec_.name)) kernel.boot = BootStory::hangs;
    if (world_.strikes(Fault::boot_panics, spec_.name)) kernel.boot = BootStory::panics;
    return kernel;
}

void FakeBoard::boot_test_kernel(Ms at) {
    kernel_ = choose_kernel();
    armed_.reset();
    ++test_boots_;
    boot_id_ = spec_.name + "-boot-" + std::to_string(++boots_);
    up_at_ = at + boot_time;
    say("Linux version " + kernel_.release + " (gcc)");
    if (kernel_.boot == BootStory::no_network) network_ = false;
    if (kernel_.boot == BootStory::comes_up || kernel_.boot == BootStory::no_network) return;
    frozen_ = true;
    if (kernel_.boot == BootStory::hangs) return;
    say("Kernel panic - not syncing: VFS: Unable to mount root fs");
    reboot_at_ = at + panic_delay;
}

void FakeBoard::boot_fallback(Ms at) {
    armed_.reset();
    kernel_ = Kernel{};
    kernel_.release = spec_.deploy.fallback_release;
    kernel_.build_id = spec_.deploy.fallback_build_id;
    kernel_.run = [](unsigned) { return RunStory{}; };  // a false "good", should it be asked
    boot_id_ = spec_.name + "-boot-" + std::to_string(++boots_);
    up_at_ = at + boot_time;
    if (world_.strikes(Fault::fallback_broken, spec_.name)) fallback_broken_ = true;
    frozen_ = broken_ || fallback_broken_ || world_.faults.dead_fallback;
    say("Linux version " + kernel_.release + " (gcc)");
}

bool FakeBoard::answers() {
    tick();
    return !frozen_ && !broken_ && !off_since_ && network_ && clock_.steady() >= up_at_;
}

bool FakeBoard::refuses() {
    tick();
    return !frozen_ && !off_since_ && network_ && clock_.steady() < up_at_;
}

void FakeBoard::say(const std::string& line) {
    if (world_.strikes(Fault::console_noise, spec_.name)) console_ += "\xff\x00~\x1b[31m@@@\r";
    if (world_.strikes(Fault::console_loss, spec_.name)) return;
    console_ += line + "\n";
}

void FakeBoard::mend() {
    world_.faults.dead_fallback = false;
    fallback_broken_ = false;
    stuck_ = false;
}

void FakeBoard::replace() {
    mend();
    broken_ = false;
    armed_.reset();
    off_since_.reset();
    boot(clock_.steady());
}

void FakeBoard::put(const std::string& path, std::string text) {
    files_[path] = std::move(text);
}

std::vector<std::string> FakeBoard::clean(const std::string& prefix, const std::string& keep) {
    std::vector<std::string> removed;
    for (const auto& [path, text] : files_)
        if (path.starts_with(prefix) && path != keep) removed.push_back(path);
    for (const std::string& path : removed) files_.erase(path);
    return removed;
}

std::uint64_t FakeBoard::free_kib() {
    return world_.strikes(Fault::boot_folder_full, spec_.name) ? 5 : 500'000;
}

void FakeBoard::reboot_soon() {
    if (!reboot_at_) reboot_at_ = clock_.steady() + reboot_delay;
}

void FakeBoard::reset(Ms takes) {
    tick();
    if (broken_ || off_since_) return;
    boot(clock_.steady());
    up_at_ = clock_.steady() + takes;
}

void FakeBoard::reset_unseen() {
    tick();
    const Ms then = clock_.steady() - 1min;
    const bool at_work = std::ranges::any_of(jobs_, [then](const auto& entry) {
        const Job& job = entry.second;
        return job.hangs_in != 0 || (!job.runs.empty() && job.runs.back().over_at > then);
    });
    if (broken_ || frozen_ || off_since_ || at_work || reboot_at_ || up_at_ > then) return;
    boot(then);
}

void FakeBoard::cycle() {
    ++power_cycles_;
    switch_off();
    switch_on();
}

void FakeBoard::switch_off() {
    tick();
    if (off_since_) return;
    off_since_ = clock_.steady();
    reboot_at_.reset();
    end_jobs(*off_since_);
}

void FakeBoard::switch_on() {
    if (!off_since_) return;
    if (clock_.steady() - *off_since_ >= cold_enough) stuck_ = false;
    off_since_.reset();
    boot(clock_.steady());
}

Result<bool> FakeBoard::start(const std::string& folder) {
    if (jobs_.contains(folder)) return false;
    const auto file = files_.find(folder + "/job");
    if (file == files_.end()) return infrastructure(folder, "no job");
    const AgentJob asked = read_job(file->second);
    const Ms now = clock_.steady();
    for (const auto& [other, job] : jobs_)
        if (!job.stopped && !job.runs.empty() && job.runs.back().over_at > now)
            world_.ledger.wrongs.push_back(asked.id + " was begun while " + job.id +
                                           " still ran on " + spec_.name);
    Job& job = jobs_[folder];
    job.id = asked.id;
    ++jobs_started_;
    if (!asked.preconditions.empty() && world_.strikes(Fault::precondition_unmet, spec_.name)) {
        job.reason = DoneReason::precondition;
        job.precondition = asked.preconditions.front();
    } else {
        // A program that was pushed with the job is what runs; else it is the kernel.
        const auto program = files_.find(folder + "/image");
        plan(job, asked, program == files_.end() ? kernel_ : kernel_of(world_, program->second));
    }
    write_down(job);
    return true;
}

void FakeBoard::plan(Job& job, const AgentJob& asked, const Kernel& kernel) {
    for (unsigned n = 1; n <= asked.runs; ++n) {
        PlannedRun run{n, clock_.steady() + run_time_ * n,
                       kernel.run_of ? kernel.run_of(asked.command) : kernel.run(n)};
        if (always_) run.story.exit = *always_;
        if (n == world_.faults.frozen_in_run || world_.strikes(Fault::freeze_in_run, spec_.name)) {
            run.story.death = Death::freeze;
            world_.faults.frozen_in_run = 0;
        }
        if (world_.strikes(Fault::panic_in_run, spec_.name)) {
            run.story.death = Death::panic;
            run.story.last_words = "Kernel panic - not syncing: Fatal exception in interrupt";
        }
        job.runs.push_back(run);
        if (run.story.death != Death::none) break;
        if (world_.strikes(Fault::reproducer_hangs, spec_.name)) {
            job.hangs_in = n;
            break;
        }
        if (world_.strikes(Fault::agent_killed, spec_.name)) {
            job.reason = DoneReason::died;
            break;
        }
        if (!is_hit(asked, run.story) || !asked.stop_at_first_hit) continue;
        job.reason = DoneReason::hit;
        break;
    }
}

void FakeBoard::write_down(const Job& job) {
    Ledger::Job entry{spec_.name, boot_id_, {}};
    for (const PlannedRun& run : job.runs) entry.exits[run.n] = run.story.exit;
    world_.ledger.jobs[job.id].push_back(std::move(entry));
}

Job* FakeBoard::job(const std::string& folder) {
    tick();
    const auto found = jobs_.find(folder);
    return found == jobs_.end() ? nullptr : &found->second;
}

}  // namespace bisectd::sim
