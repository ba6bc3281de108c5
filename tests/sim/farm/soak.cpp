#include "tests/sim/farm/soak.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <filesystem>

#include "tests/sim/farm/farm.hpp"

namespace bisectd::sim {
namespace {

unsigned open_files() {
    unsigned count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
        ++count;
    return count;
}

std::size_t used_kib() {
    return mallinfo2().uordblks / 1024;
}

/// A daemon is stopped in good order and another started: what the first had and the second has
/// not was garbage. What is left while none lives is the world's: journal, stores, consoles,
/// boards, and the inspector.
void print(Farm& farm, double hour) {
    std::uint64_t faults = 0;
    for (const std::uint64_t drawn : farm.world().mischief.drawn()) faults += drawn;
    const std::size_t before = used_kib();
    const unsigned files = open_files();
    farm.stop_daemon();
    const std::size_t world = used_kib();
    farm.start_daemon();
    const std::size_t fresh = used_kib();
    fmt::print("| {:.0f} | {} | {} | {} | {} | {} | {} | {} | {} |\n", hour, farm.ended(),
               farm.going(), farm.events(), faults, before - world, fresh - world, world, files);
}

}  // namespace

int soak(std::uint64_t seed, const SeasonWish& wish, double hours) {
    const unsigned boards = wish.boards != 0 ? wish.boards : 8;
    const unsigned bisections = wish.bisections != 0 ? wish.bisections : 20;
    Farm farm(seed, boards, {});
    farm.draw_faults(wish.only);
    for (unsigned n = 0; n < bisections; ++n) farm.plan_bisection();
    farm.open();
    fmt::print(
        "| hour | ended | going | events | faults | daemon KiB | a fresh one KiB | world KiB "
        "| files |\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    double next = 0;
    while (farm.virtual_hours() < hours && farm.inspector().broken().empty()) {
        if (farm.virtual_hours() >= next) print(farm, next++);
        // Some at any time, never many at once.
        farm.world().mischief.budget(50);
        farm.go_on();
        while (farm.going() < bisections) farm.plan_bisection();
    }
    print(farm, farm.virtual_hours());
    farm.close();
    for (const std::string& broken : farm.inspector().broken()) fmt::print("{}\n", broken);
    return farm.inspector().broken().empty() ? 0 : 1;
}

}  // namespace bisectd::sim
