#include "tests/sim/mischief.hpp"

namespace bisectd::sim {

// Source: splitmix64.
std::uint64_t Chance::draw() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t value = state_;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

bool Mischief::strikes(Fault fault, const std::string& where) {
    const auto index = static_cast<std::size_t>(fault);
    if (left_ == 0 || rates_[index] == 0 || chance_.share() >= rates_[index]) return false;
    --left_;
    ++drawn_[index];
    if (told) told(fault, where);
    return true;
}

}  // namespace bisectd::sim
