#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include "tests/sim/farm/season.hpp"
#include "tests/sim/farm/soak.hpp"

namespace bisectd::sim {
namespace {

/// What the command line asks for.
struct Wish {
    std::string seeds = "1-100";
    unsigned jobs = 1;
    bool trace = false;
    bool every_kill = false;
    std::vector<std::string> faults;
    double soak_hours = 0;
    SeasonWish season;
};

struct Seeds {
    std::uint64_t from = 1, to = 1;
};

std::optional<Seeds> seeds_of(const std::string& text) {
    Seeds seeds;
    const std::size_t dash = text.find('-');
    if (!CLI::detail::lexical_cast(text.substr(0, dash), seeds.from)) return std::nullopt;
    seeds.to = seeds.from;
    if (dash != std::string::npos && !CLI::detail::lexical_cast(text.substr(dash + 1), seeds.to))
        return std::nullopt;
    if (seeds.to < seeds.from) return std::nullopt;
    return seeds;
}

/// The sum over all seeds.
struct Sum {
    std::uint64_t seasons = 0, bisections = 0, events = 0, steps = 0, attempts = 0, runs = 0;
    std::uint64_t daemons = 0, parked = 0, paused = 0;
    double virtual_hours = 0;
    std::array<std::uint64_t, fault_count> drawn{}, survived{};
    std::array<std::uint64_t, Words<Ending>::all.size()> endings{};
    std::vector<SeasonReport> broken;

    void add(const SeasonReport& report) {
        ++seasons;
        bisections += report.bisections;
        events += report.events;
        steps += report.steps;
        attempts += report.attempts;
        runs += report.runs;
        daemons += report.daemons;
        parked += report.parked;
        paused += report.paused;
        virtual_hours += report.virtual_hours;
        for (std::size_t i = 0; i < fault_count; ++i) {
            drawn[i] += report.drawn[i];
            if (report.broken.empty()) survived[i] += report.drawn[i];
        }
        for (std::size_t i = 0; i < endings.size(); ++i) endings[i] += report.endings[i];
        if (!report.broken.empty()) broken.push_back(report);
    }
};

void print(Sum& sum, double seconds) {
    fmt::print("\n| fault | drawn | survived |\n|---|---:|---:|\n");
    std::uint64_t all = 0;
    for (const auto& [fault, text] : Words<Fault>::all) {
        const auto index = static_cast<std::size_t>(fault);
        all += sum.drawn[index];
        fmt::print("| {} | {} | {} |\n", text, sum.drawn[index], sum.survived[index]);
    }
    fmt::print("\n{} bisections in {} worlds, {} faults", sum.bisections, sum.seasons, all);
    for (const auto& [ending, text] : Words<Ending>::all)
        fmt::print(", {} {}", sum.endings[static_cast<std::size_t>(ending)], text);
    fmt::print(
        "\n{} events, {} steps, {} attempts, {} runs, {} daemons, {} boards parked, {} pauses, "
        "{:.0f} virtual hours\n",
        sum.events, sum.steps, sum.attempts, sum.runs, sum.daemons, sum.parked, sum.paused,
        sum.virtual_hours);
    fmt::print("{:.1f} s, {:.0f} bisections a minute\n", seconds,
               60 * static_cast<double>(sum.bisections) / seconds);
    std::ranges::sort(sum.broken, {}, &SeasonReport::seed);
    for (const SeasonReport& report : sum.broken)
        fmt::print("seed {}: {}\n", report.seed, report.broken.front());
    fmt::print("{} rules broken\n", sum.broken.size());
}

int play_all(const Wish& wish, Seeds seeds) {
    Sum sum;
    std::mutex mutex;
    std::atomic<std::uint64_t> next = seeds.from;
    const auto began = std::chrono::steady_clock::now();
    const auto hear = [&sum, &mutex](const SeasonReport& report, const SeasonWish& played) {
        const std::scoped_lock lock(mutex);
        sum.add(report);
        if (report.broken.empty()) return;
        fmt::print("--seeds {} --kill-before {} --kill-after {} broke a rule: {}\n", report.seed,
                   played.kill_before, played.kill_after, report.broken.front());
        std::fflush(stdout);
    };
    const auto work = [&] {
        for (std::uint64_t seed = next++; seed <= seeds.to; seed = next++) {
            if (wish.every_kill)
                play_every_kill(seed, wish.season, hear);
            else
                hear(play_season(seed, wish.season), wish.season);
        }
    };
    std::vector<std::jthread> threads;
    for (unsigned n = 0; n < wish.jobs; ++n) threads.emplace_back(work);
    threads.clear();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    print(sum, took.count());
    return sum.broken.empty() ? 0 : 1;
}

int play_one(const Wish& wish, std::uint64_t seed) {
    const SeasonReport report =
        play_season(seed, wish.season, [](const std::string& line) { fmt::print("{}\n", line); });
    Sum sum;
    sum.add(report);
    print(sum, 1);
    fmt::print("digest {:016x}\n", report.digest);
    return report.broken.empty() ? 0 : 1;
}

void add_options(CLI::App& app, Wish& wish) {
    app.add_option("--seeds", wish.seeds, "FROM-TO, or one");
    app.add_option("--jobs", wish.jobs, "threads")->check(CLI::Range(1, 256));
    app.add_option("--boards", wish.season.boards, "boards; the seed decides, 1 to 3");
    app.add_option("--bisections", wish.season.bisections, "in a world; the seed decides, 1 to 4");
    app.add_option("--most-faults", wish.season.faults, "a bisection; the seed decides, 1 to 24");
    app.add_flag("--calm", wish.season.calm, "no faults");
    app.add_option("--faults", wish.faults, "only these, such as 'silent reboot,journal full'")
        ->delimiter(',');
    app.add_option("--kill-before", wish.season.kill_before,
                   "kill the daemon before it writes this event");
    app.add_option("--kill-after", wish.season.kill_after, "kill it after it wrote this event");
    app.add_flag("--every-kill", wish.every_kill,
                 "play each seed again and again: killed before, and after, each write");
    app.add_flag("--trace", wish.trace, "tell all that happens in the world of the first seed");
    app.add_option("--soak", wish.soak_hours,
                   "one farm for so many virtual hours, with --boards and --bisections going on at "
                   "any time; says what memory and file descriptors do");
}

int run(int argc, char** argv) {
    Wish wish;
    CLI::App app("Plays whole bisections of bisectd in a simulated world, with faults.");
    add_options(app, wish);
    CLI11_PARSE(app, argc, argv);
    const auto seeds = seeds_of(wish.seeds);
    if (!seeds) {
        fmt::print(stderr, "--seeds should be FROM-TO, such as 1-100\n");
        return 2;
    }
    for (const std::string& name : wish.faults) {
        const auto fault = from_word<Fault>(name);
        if (!fault) {
            fmt::print(stderr, "no fault is called '{}'\n", name);
            return 2;
        }
        wish.season.only.push_back(*fault);
    }
    fmt::print("seeds {}-{}\n", seeds->from, seeds->to);
    std::fflush(stdout);
    if (wish.soak_hours > 0) return soak(seeds->from, wish.season, wish.soak_hours);
    return wish.trace ? play_one(wish, seeds->from) : play_all(wish, *seeds);
}

}  // namespace
}  // namespace bisectd::sim

int main(int argc, char** argv) {
    return bisectd::sim::run(argc, argv);
}
