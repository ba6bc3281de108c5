#include "tests/sim/decisions/scenario_table.hpp"

#include <fmt/format.h>

#include "tests/sim/decisions/cells.hpp"

namespace bisectd::simulate {
namespace {

std::string prototype_text(const Cell& cell) {
    if (!cell.prototype) return "";
    return fmt::format("{:.0f} s, {:.1f} %", cell.prototype->wall_s, 100 * cell.prototype->right);
}

std::string git_text(const Cell& cell) {
    if (!cell.git) return "";
    return fmt::format("{}: {:.0f} s, {:.1f} %", cell.git->algorithm, cell.git->summary.wall_s,
                       100 * cell.git->summary.right);
}

std::string calibration_table(const Cells& cells) {
    std::string text =
        "| bug | false alarm | unbuildable | asked | right % | holds % | claimed % | boots | "
        "failed "
        "builds | runs | wall s | p95 s | / bound | CPU ms | git bisect, best N | prototype |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
    for (const Cell& cell : cells.calibration) {
        if (!cell.played()) continue;
        const Summary& it = cell.ours;
        text += fmt::format(
            "| {} | {:g} | {:g} % | {:g} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.0f} | "
            "{:.0f} | {:.0f} | {:.2f} | {:.1f} | {} | {} |\n",
            chance_words(cell.scenario.rate), cell.scenario.noise, 100 * cell.scenario.unbuildable,
            100 * cell.scenario.confidence, 100 * it.right, 100 * it.contains, 100 * it.claimed,
            it.boots, it.failed_builds, it.runs, it.wall_s, it.wall_p95_s, cell.to_bound(),
            1000 * it.cpu_s, git_text(cell), prototype_text(cell));
    }
    return text;
}

std::string laboratory_table(const std::vector<Cell>& cells, const char* title) {
    std::string text = fmt::format(
        "\n### {}\n\n| bug | boards | builders | right % | claimed % | boots | builds | runs | "
        "wall "
        "s | p95 s | / bound | CPU ms | prototype |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        title);
    for (const Cell& cell : cells) {
        const Summary& it = cell.ours;
        text += fmt::format(
            "| {} | {} | {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.0f} | {:.0f} | {:.0f} | "
            "{:.2f} "
            "| {:.1f} | {} |\n",
            chance_words(cell.scenario.rate), cell.scenario.boards, cell.scenario.builders,
            100 * it.right, 100 * it.claimed, it.boots, it.builds, it.runs, it.wall_s,
            it.wall_p95_s, cell.to_bound(), 1000 * it.cpu_s, prototype_text(cell));
    }
    return text;
}

}  // namespace

Result<std::string> scenario_table(const Ground& ground, const TableWish& wish) {
    const Result<Cells> cells = play_cells(ground, wish);
    if (!cells) return std::unexpected(cells.error());
    std::string text = fmt::format(
        "seed {}, {} bisects a cell, {}; build 300 s, boot 60 s, run 1 s. The column \"prototype\" "
        "is {}.\n\n## Goals\n\n",
        wish.seed, wish.trials, ground.name,
        wish.prototype.empty() ? "what the specification printed for its own cases"
                               : "a run of the prototype beside this one");
    text += goal_lines(*cells);
    text += "\n## Every cell\n\n" + calibration_table(*cells) + "\n## Laboratories\n";
    text += laboratory_table(cells->seen, "Three hits seen before");
    text += laboratory_table(cells->boards, "Several boards");
    text += laboratory_table(cells->builders, "Four builders apart");
    text += laboratory_table(cells->prebuilt, "A quarter of the commits built before");
    text += laboratory_table(cells->lies, "One boot lies: good, then bad; with the final proof");
    text += laboratory_table(
        {cells->trusted, cells->broken_boots, cells->unlikely_told, cells->unlikely_untold},
        "Ends believed; 1 % broken boots; 80 % unlikely commits, told and not");
    return text;
}

}  // namespace bisectd::simulate
