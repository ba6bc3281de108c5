#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tests/sim/decisions/cells.hpp"

namespace bisectd::simulate {
namespace {

std::string line(const std::string& goal, const std::string& measured, bool met) {
    return fmt::format("| {} | {} | {} |\n", goal, measured, met ? "yes" : "**no**");
}

std::string calibration_line(const Cells& cells) {
    std::size_t played = 0, held = 0, held_by_set = 0, beyond_chance = 0;
    double worst = 1;
    std::string where;
    for (const Cell& cell : cells.calibration) {
        if (!cell.played()) continue;
        ++played;
        const double over = cell.ours.right - cell.ours.claimed;
        held_by_set += cell.ours.contains - cell.ours.claimed >= -0.01;
        held += over >= -0.01;
        beyond_chance += over < -0.01 - 3 * cell.ours.standard_error();
        if (over >= worst) continue;
        worst = over;
        where = fmt::format("{}, false alarm {:g}, {:g} % unbuildable, {:g} % asked",
                            chance_words(cell.scenario.rate), cell.scenario.noise,
                            100 * cell.scenario.unbuildable, 100 * cell.scenario.confidence);
    }
    return line("1. share right at least the share claimed, less 1 point, in every cell",
                fmt::format("{} of {} cells ({} when a set that holds the culprit counts); {} fall "
                            "short by more than 3 standard errors; worst {:+.1f} points ({})",
                            held, played, held_by_set, beyond_chance, 100 * worst, where),
                held == played);
}

std::string bound_lines(const Cells& cells) {
    std::string text;
    constexpr double limits[] = {1.15, 1.15, 1.15, 1.3, 1.4};
    for (std::size_t rate = 0; rate < std::size(table_rates); ++rate) {
        const double seen = cells.seen[rate].to_bound();
        text +=
            line(fmt::format("2. {}: at most {} x bound, p and f untold",
                             chance_words(table_rates[rate]), limits[rate]),
                 fmt::format(
                     "{:.2f} with three hits seen before ({:.1f} % right), {:.2f} when the bad "
                     "end is verified as well",
                     seen, 100 * cells.seen[rate].ours.right, cells.at(rate, 0, 0, 0).to_bound()),
                 seen <= limits[rate]);
    }
    for (std::size_t rate = 0; rate < 3; ++rate) {
        const Cell& cell = cells.builders[rate];
        text +=
            line(fmt::format("2. {}: under 0.8 x the serial bound with four builders",
                             chance_words(table_rates[rate])),
                 fmt::format("{:.2f} ({:.0f} s, {:.1f} builds, {:.1f} % right)", cell.to_bound(),
                             cell.ours.wall_s, cell.ours.builds, 100 * cell.ours.right),
                 cell.to_bound() < 0.8);
    }
    return text + line("2. always, ends believed: not one boot more than `git bisect`",
                       fmt::format("{:.2f} boots, git {:.2f}", cells.trusted.ours.boots,
                                   cells.trusted_git.boots),
                       cells.trusted.ours.boots <= cells.trusted_git.boots + 1e-9);
}

std::string board_lines(const Cells& cells) {
    std::string text;
    const auto speed_up = [&cells](std::size_t rate, std::size_t boards) {
        return cells.at(rate, 0, 0, 0).ours.wall_s / cells.boards[rate * 3 + boards].ours.wall_s;
    };
    const auto goal = [&](std::size_t rate, double two, double four, double eight) {
        const double got[] = {speed_up(rate, 0), speed_up(rate, 1), speed_up(rate, 2)};
        text += line(fmt::format("3. {}: speed-up {} / {} / {} with 2 / 4 / 8 boards",
                                 chance_words(table_rates[rate]), two, four, eight),
                     fmt::format("{:.2f} / {:.2f} / {:.2f}", got[0], got[1], got[2]),
                     got[0] >= two && got[1] >= four && got[2] >= eight);
    };
    goal(0, 1.6, 2.5, 3.5);
    goal(4, 1.95, 3.7, 7);
    return text;
}

std::string broken_history_lines(const Cells& cells) {
    double times = 0, most_times = 0, failed = 0, most_failed = 0, played = 0;
    for (std::size_t rate = 0; rate < std::size(table_rates); ++rate) {
        if (!cells.at(rate, 0, 2, 0).played()) continue;
        ++played;
        const Summary& broken = cells.at(rate, 0, 2, 0).ours;
        const double ratio = broken.wall_s / cells.at(rate, 0, 0, 0).ours.wall_s;
        times += ratio;
        failed += broken.failed_builds;
        most_times = std::max(most_times, ratio);
        most_failed = std::max(most_failed, broken.failed_builds);
    }
    return line("4. 20 % unbuildable costs at most 1.5 x of none",
                fmt::format("{:.2f} in the mean of {} rates, {:.2f} at most", times / played,
                            played, most_times),
                most_times <= 1.5) +
           line("4. at most 5 failed builds",
                fmt::format("{:.1f} in the mean of {} rates, {:.1f} at most", failed / played,
                            played, most_failed),
                most_failed <= 5) +
           line("4. 1 % broken boots keep 98 % right, always",
                fmt::format("{:.1f} % right, {:.1f} % claimed", 100 * cells.broken_boots.ours.right,
                            100 * cells.broken_boots.ours.claimed),
                cells.broken_boots.ours.right >= 0.98);
}

std::string lie_line(const Cells& cells) {
    std::size_t told = 0, bisects = 0, silent = 0;
    double right = 0;
    for (const Cell& cell : cells.lies) {
        told += cell.ours.lied_to;
        bisects += cell.ours.bisects;
        silent += cell.ours.silently_wrong;
        right += cell.ours.right / static_cast<double>(cells.lies.size());
    }
    return line("one boot that lies: never a wrong name without a warning",
                fmt::format("{} of {} ({} were lied to), {:.1f} % right", silent, bisects, told,
                            100 * right),
                silent == 0);
}

std::string prior_line(const Cells& cells) {
    const Summary& told = cells.unlikely_told.ours;
    const Summary& untold = cells.unlikely_untold.ours;
    return line(
        "6. where 80 % of commits touch nothing built: 2 steps saved, not less right",
        fmt::format("{:.2f} boots instead of {:.2f}; {:.1f} % right instead of {:.1f}", told.boots,
                    untold.boots, 100 * told.right, 100 * untold.right),
        told.boots <= untold.boots - 2 && told.right >= untold.right - 3 * untold.standard_error());
}

}  // namespace

std::string goal_lines(const Cells& cells) {
    return "| goal | measured | met |\n|---|---|---|\n" + calibration_line(cells) +
           bound_lines(cells) + board_lines(cells) + broken_history_lines(cells) +
           prior_line(cells) + lie_line(cells);
}

}  // namespace bisectd::simulate
