#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/board.hpp"
#include "core/error.hpp"
#include "tests/sim/virtual_clock.hpp"
#include "tests/sim/world.hpp"

namespace bisectd::sim {

/// A run of a job, with the time at which it is over.
struct PlannedRun {
    unsigned n = 0;
    Ms over_at{0};
    RunStory story;
};

/// The job on a board: all that will happen is known when it starts; time brings it about.
struct Job {
    std::string id;
    std::vector<PlannedRun> runs;
    std::string precondition;  ///< the one that is not met
    DoneReason reason = DoneReason::runs;
    bool stopped = false;
    bool rebooted = false;  ///< why it died, where it did
    unsigned hangs_in = 0;  ///< the run that never ends, although the agent lives; 0: none
};

/// A board as a small state machine over virtual time. Its work folder is lost at each boot.
class FakeBoard {
  public:
    FakeBoard(VirtualClock& clock, World& world, BoardSpec spec);

    /// A board whose name begins with "other" is of another kind.
    static BoardSpec usual_spec(const std::string& name);
    const BoardSpec& spec() const { return spec_; }
    /// A person edits its file.
    BoardSpec& file() { return spec_; }

    /// Brings about everything that has happened until now.
    void tick();
    bool answers();
    bool refuses();  ///< it is on its way up: quick refusal instead of silence
    const std::string& boot_id() const { return boot_id_; }
    const Kernel& kernel() const { return kernel_; }
    bool on_fallback() const { return kernel_.build_id == spec_.deploy.fallback_build_id; }

    // What the agent and the shell do. Requires: it answers.
    void put(const std::string& path, std::string text);
    bool has(const std::string& path) const { return files_.contains(path); }
    std::vector<std::string> clean(const std::string& prefix, const std::string& keep);
    std::uint64_t free_kib();
    void arm(const std::string& path) { armed_ = path; }
    void disarm() { armed_.reset(); }
    void reboot_soon();
    /// It starts again by itself, now, and is up again after this time.
    void reset(Ms takes = Ms(20'000));
    /// The same a minute ago, while nobody looked; unless it was at work then.
    void reset_unseen();
    /// False: the job had been started before.
    Result<bool> start(const std::string& folder);
    Job* job(const std::string& folder);

    void cycle();
    void switch_off();
    /// Nothing happens when it is on.
    void switch_on();
    /// No power cycle brings it back.
    void break_for_good() { broken_ = true; }
    bool is_broken() const { return broken_; }
    /// Another board takes its place, under its name.
    void replace();
    /// How long one run of a reproducer takes.
    void run_takes(Ms time) { run_time_ = time; }
    /// Its work folder is kept over a reboot.
    void keep_work() { keeps_work_ = true; }
    /// Other jobs are stopped and removed.
    void forget_jobs_but(const std::string& folder);
    /// The work folder is emptied under the agent's feet.
    void empty_work_folder();
    /// Whatever kernel it runs, the reproducer ends with this from now on.
    void always_exit_with(int exit) { always_ = exit; }
    void mend();

    std::string& console() { return console_; }
    unsigned test_boots() const { return test_boots_; }
    unsigned jobs_started() const { return jobs_started_; }
    unsigned power_cycles() const { return power_cycles_; }

  private:
    void boot(Ms at);
    void end_jobs(Ms at);
    void plan(Job& job, const AgentJob& asked, const Kernel& kernel);
    void write_down(const Job& job);
    void boot_test_kernel(Ms at);
    void boot_fallback(Ms at);
    void die(Ms at, const RunStory& story);
    void say(const std::string& line);
    Kernel choose_kernel();

    VirtualClock& clock_;
    World& world_;
    BoardSpec spec_;
    std::map<std::string, std::string> files_;
    std::optional<std::string> armed_;
    std::map<std::string, Job> jobs_;
    Kernel kernel_;
    std::string boot_id_;
    unsigned boots_ = 0;
    Ms up_at_{0};
    bool frozen_ = false;
    bool broken_ = false;
    bool fallback_broken_ = false;
    bool network_ = true;
    bool stuck_ = false;  ///< until it was off for a while
    std::optional<Ms> off_since_;
    bool keeps_work_ = false;
    Ms run_time_{1'000};
    std::optional<int> always_;
    std::optional<Ms> reboot_at_;
    std::string console_;
    unsigned test_boots_ = 0;
    unsigned jobs_started_ = 0;
    unsigned power_cycles_ = 0;
};

}  // namespace bisectd::sim
