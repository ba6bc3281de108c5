#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/sim/farm/inspector.hpp"
#include "tests/sim/farm/plot.hpp"
#include "tests/sim/simulation.hpp"

namespace bisectd::sim {

/// Boards, bisections and the people who ask for them and look after them, in the simulated world.
/// All that happens in it is decided by its seed.
class Farm {
  public:
    Farm(std::uint64_t seed, unsigned boards, std::function<void(const std::string&)> trace);
    Farm(const Farm&) = delete;
    Farm& operator=(const Farm&) = delete;

    /// One bisection more that somebody will ask for, of a history of its own.
    void plan_bisection();
    /// Chooses which faults may come, and how often. `only`: these; empty: the seed decides.
    void draw_faults(const std::vector<Fault>& only);
    /// The daemon is killed at this write of the journal, as well. 0: never.
    void kill_at(std::uint64_t before, std::uint64_t after);
    void open();
    /// Lets time pass until a person has looked at the farm once more.
    void go_on();
    /// Everything ends in good order.
    void close();

    void stop_daemon() { sim_.stop(); }
    void start_daemon() { sim_.start_daemon(); }
    World& world() { return sim_.world; }
    const World& world() const { return sim_.world; }
    Ms now() const { return sim_.clock.now(); }
    Inspector& inspector() { return inspector_; }
    const Inspector& inspector() const { return inspector_; }
    /// Bisections that were planned and have not ended.
    unsigned going() const { return static_cast<unsigned>(plots_.size()) - ended_; }
    unsigned ended() const { return ended_; }
    std::uint64_t events() const { return last_seq_; }
    std::uint64_t daemons() const { return daemons_; }
    std::uint64_t parked() const { return parked_; }
    std::uint64_t paused() const { return paused_; }
    double virtual_hours() const;
    std::uint64_t digest() const { return digest_; }

  private:
    void tell(const std::string& line);
    void hear(const EventRecord& record);
    void started();
    /// What happens between two moments: kills, SIGTERM, clocks that jump.
    void disturb();
    void ask_for_bisections();
    void look_after_disk();
    /// Rules about the disk, which only the world knows.
    void check_disk(const EventRecord& record);
    void look_after_boards();
    void look_after(BisectionId id);
    void look_at_boards_of(const BisectionState& state);
    bool is_confusing(Fault fault) const;
    void meddle(BisectionId id);
    void judge(BisectionId id);
    StartRequest request_of(const Plot& plot);

    Chance chance_;
    std::function<void(const std::string&)> trace_;
    Plots plots_;
    Simulation sim_;
    Inspector inspector_;
    std::uint64_t seed_;
    std::uint64_t last_seq_ = 0;
    unsigned ended_ = 0;
    std::uint64_t daemons_ = 0, parked_ = 0, paused_ = 0;
    std::uint64_t digest_ = 0xcbf29ce484222325;
    Ms opened_{0}, next_look_{0};
    bool truthful_ = false;        ///< see make_plot
    bool meddles_ = false;         ///< people pause, judge and cancel as well
    std::set<std::string> asked_;  ///< repositories whose bisection is in the journal
};

}  // namespace bisectd::sim
