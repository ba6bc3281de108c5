#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "tests/sim/fault.hpp"

namespace bisectd::sim {

/// Numbers that a seed decides, the same on every machine.
class Chance {
  public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}
    std::uint64_t draw();
    /// In [0, below). Requires: below > 0.
    unsigned below(unsigned below) { return static_cast<unsigned>(draw() % below); }
    /// In [0, 1).
    double share() { return static_cast<double>(draw() >> 11) * 0x1p-53; }
    bool one_in(unsigned n) { return below(n) == 0; }

  private:
    std::uint64_t state_;
};

/// Draws faults from a seed, as long as its budget lasts. Without a rate no fault comes.
class Mischief {
  public:
    explicit Mischief(std::uint64_t seed = 0) : chance_(seed) {}

    /// From now on the fault comes with this probability a chance.
    void rate(Fault fault, double probability) {
        rates_[static_cast<std::size_t>(fault)] = probability;
    }
    /// How many more faults may come.
    void budget(unsigned faults) { left_ = faults; }
    unsigned left() const { return left_; }

    /// One chance. True: the fault strikes; `told` hears of it.
    bool strikes(Fault fault, const std::string& where);
    std::function<void(Fault fault, const std::string& where)> told;

    /// How often each was drawn so far.
    const std::array<std::uint64_t, fault_count>& drawn() const { return drawn_; }
    Chance& chance() { return chance_; }

  private:
    Chance chance_;
    std::array<double, fault_count> rates_{};
    std::array<std::uint64_t, fault_count> drawn_{};
    unsigned left_ = 0;
};

}  // namespace bisectd::sim
