#pragma once
#include <cstdint>

namespace bisectd::simulate {

/// Scatters `value` over all 64 bits. Source: the finisher of splitmix64.
constexpr std::uint64_t scatter(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

/// Folds `next` into `key`: keys of different paths are unrelated.
constexpr std::uint64_t fold(std::uint64_t key, std::uint64_t next) {
    return scatter(key ^ (next * 0xd6e8feb86659fd93 + 1));
}

/// A number in [0, 1) that belongs to `key`.
constexpr double unit(std::uint64_t key) {
    return static_cast<double>(key >> 11) * 0x1p-53;
}

/// Draws that depend on nothing but the key and their position: what one algorithm asks never
/// changes what another one sees.
class Chance {
  public:
    explicit Chance(std::uint64_t key) : key_(scatter(key)) {}
    double draw() { return unit(key_ = scatter(key_)); }
    /// In [0, below); requires below > 0.
    std::uint32_t draw_below(std::uint32_t below) {
        return static_cast<std::uint32_t>(draw() * below);
    }

  private:
    std::uint64_t key_;
};

}  // namespace bisectd::simulate
