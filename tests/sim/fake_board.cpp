#include "tests/sim/fake_board.hpp"

#include <algorithm>

#include "tests/sim/job_file.hpp"

namespace bisectd::sim {
namespace {

using namespace std::chrono_literals;

constexpr Ms boot_time = 20s;
constexpr Ms run_time = 1s;
/// Between the agent's answer and the reboot. Source: agents/PROTOCOL.md.
constexpr Ms reboot_delay = 1s;
/// The kernel parameter panic=10.
constexpr Ms panic_delay = 10s;

bool is_hit(const AgentJob& job, const RunStory& story) {
    return std::ranges::find(job.stop_exits, story.exit) != job.stop_exits.end() ||
           story.klog == KernelLog::symptom;
}

}  // namespace

FakeBoard::FakeBoard(VirtualClock& clock, World& world, BoardSpec spec)
    : clock_(clock), world_(world), spec_(std::move(spec)) {
    boot_fallback(clock_.steady() - boot_time);
}

BoardSpec FakeBoard::usual_spec(const std::string& name) {
    BoardSpec spec;
    spec.name = name;
    spec.kind = "fake";
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
    jobs_.clear();
    frozen_ = true;
    if (!story.last_words.empty()) say(story.last_words);
    if (story.death == Death::panic) reboot_at_ = at + panic_delay;
}

void FakeBoard::boot(Ms at) {
    reboot_at_.reset();
    frozen_ = broken_;
    jobs_.clear();
    std::erase_if(files_,
                  [this](const auto& file) { return file.first.starts_with(spec_.work_folder); });
    const bool test = armed_ && !Faults::use(world_.faults.forgotten_kernels);
    if (test)
        boot_test_kernel(at);
    else
        boot_fallback(at);
}

Kernel FakeBoard::choose_kernel() {
    // "20", or "20-without-13".
    const std::string& image = files_.at(*armed_);
    const auto number = [](const std::string& text) {
        return static_cast<unsigned>(std::stoul(text));
    };
    const std::size_t without = image.find("-without-");
    Kernel kernel = without == std::string::npos
                        ? world_.kernel(number(image))
                        : world_.kernel_without(number(image), number(image.substr(without + 9)));
    if (Faults::use(world_.faults.wrong_kernels)) {
        kernel.release = "6.0.0-bisect-stale";
        kernel.build_id = std::string(40, 'e');
    }
    if (Faults::use(world_.faults.hanging_boots)) kernel.boot = BootStory::hangs;
    if (Faults::use(world_.faults.panicking_boots)) kernel.boot = BootStory::panics;
    return kernel;
}

void FakeBoard::boot_test_kernel(Ms at) {
    kernel_ = choose_kernel();
    armed_.reset();
    ++test_boots_;
    boot_id_ = spec_.name + "-boot-" + std::to_string(++boots_);
    up_at_ = at + boot_time;
    say("Linux version " + kernel_.release + " (gcc)");
    if (kernel_.boot == BootStory::comes_up) return;
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
    frozen_ = world_.faults.dead_fallback;
    say("Linux version " + kernel_.release + " (gcc)");
}

bool FakeBoard::answers() {
    tick();
    return !frozen_ && !broken_ && clock_.steady() >= up_at_;
}

bool FakeBoard::refuses() {
    tick();
    return !frozen_ && clock_.steady() < up_at_;
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
    return Faults::use(world_.faults.full_boot_folders) ? 5 : 500'000;
}

void FakeBoard::reboot_soon() {
    if (!reboot_at_) reboot_at_ = clock_.steady() + reboot_delay;
}

void FakeBoard::cycle() {
    ++power_cycles_;
    tick();
    boot(clock_.steady());
}

Result<bool> FakeBoard::start(const std::string& folder) {
    if (jobs_.contains(folder)) return false;
    const auto file = files_.find(folder + "/job");
    if (file == files_.end()) return infrastructure(folder, "no job");
    const AgentJob asked = read_job(file->second);
    Job& job = jobs_[folder];
    job.id = asked.id;
    ++jobs_started_;
    if (!asked.preconditions.empty() && Faults::use(world_.faults.unmet_preconditions)) {
        job.reason = DoneReason::precondition;
        job.precondition = asked.preconditions.front();
        return true;
    }
    for (unsigned n = 1; n <= asked.runs; ++n) {
        PlannedRun run{n, clock_.steady() + run_time * n,
                       kernel_.run_of ? kernel_.run_of(asked.command, n) : kernel_.run(n)};
        if (always_) run.story.exit = *always_;
        if (n == world_.faults.frozen_in_run) {
            run.story.death = Death::freeze;
            world_.faults.frozen_in_run = 0;
        }
        job.runs.push_back(run);
        if (run.story.death != Death::none) break;
        if (!is_hit(asked, run.story) || !asked.stop_at_first_hit) continue;
        job.reason = DoneReason::hit;
        break;
    }
    return true;
}

Job* FakeBoard::job(const std::string& folder) {
    tick();
    const auto found = jobs_.find(folder);
    return found == jobs_.end() ? nullptr : &found->second;
}

}  // namespace bisectd::sim
