#include "tests/sim/decisions/prototype.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <span>
#include <vector>

#include "tests/sim/decisions/program.hpp"

namespace bisectd::simulate {
namespace {

struct Published {
    double rate, noise;
    unsigned boards, builders;
    bool seen;  ///< three failures seen before
    double right_percent, wall_s;
};

/// Source: the engine's specification, section 9.
constexpr std::array published = std::to_array<Published>({
    {1, 0, 1, 0, false, 100, 3850},          {1, 0.001, 1, 0, false, 100, 3851},
    {0.3, 0, 1, 0, false, 99, 3999},         {0.3, 0.001, 1, 0, false, 99, 4000},
    {0.1, 0, 1, 0, false, 98.3, 4315},       {0.1, 0.001, 1, 0, false, 97, 4344},
    {0.01, 0, 1, 0, false, 99, 7934},        {0.01, 0.001, 1, 0, false, 92.3, 11977},
    {1.0 / 800, 0, 1, 0, false, 98, 28010},  {1.0 / 800, 0.001, 1, 0, false, 91.2, 84898},
    {1, 0, 1, 0, true, 100, 3490},           {0.3, 0, 1, 0, true, 100, 3644},
    {0.1, 0, 1, 0, true, 98.3, 3956},        {0.01, 0, 1, 0, true, 99.7, 7144},
    {1.0 / 800, 0, 1, 0, true, 95.5, 25607}, {1, 0, 2, 0, false, 100, 2377},
    {1, 0, 4, 0, false, 100, 1576},          {1, 0, 8, 0, false, 100, 1196},
    {0.3, 0, 2, 0, false, 99, 2497},         {0.3, 0, 4, 0, false, 99, 1631},
    {0.3, 0, 8, 0, false, 100, 1219},        {0.1, 0, 2, 0, false, 99, 2680},
    {0.1, 0, 4, 0, false, 100, 1771},        {0.1, 0, 8, 0, false, 98.3, 1300},
    {0.01, 0, 2, 0, false, 99, 4551},        {0.01, 0, 4, 0, false, 100, 2767},
    {0.01, 0, 8, 0, false, 100, 1852},       {1.0 / 800, 0, 2, 0, false, 99, 14751},
    {1.0 / 800, 0, 4, 0, false, 97, 7964},   {1.0 / 800, 0, 8, 0, false, 100, 4482},
    {1, 0, 1, 4, false, 100, 2491},          {0.3, 0, 1, 4, false, 99.5, 2538},
    {0.1, 0, 1, 4, false, 97.5, 2923},       {0.01, 0, 1, 4, false, 99.5, 5890},
    {1.0 / 800, 0, 1, 4, false, 99, 25727},
});

bool same(double left, double right) {
    return std::abs(left - right) < 1e-9;
}

/// A field of a comma-separated line, as a number.
std::optional<double> field(std::string_view line, std::size_t wanted) {
    for (std::size_t skipped = 0; skipped < wanted; ++skipped) {
        const std::size_t comma = line.find(',');
        if (comma == std::string_view::npos) return std::nullopt;
        line.remove_prefix(comma + 1);
    }
    double value = 0;
    const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (error != std::errc{}) return std::nullopt;
    return value;
}

}  // namespace

std::optional<PrototypeFigure> published_figure(const Scenario& scenario) {
    const bool plain = scenario.unbuildable <= 0 && scenario.unlikely <= 0 &&
                       scenario.prebuilt <= 0 && scenario.broken_boots <= 0 &&
                       scenario.lie == Scenario::Lie::none && !scenario.trust_ends &&
                       same(scenario.confidence, 0.95);
    if (!plain) return std::nullopt;
    for (const Published& it : published)
        if (same(it.rate, scenario.rate) && same(it.noise, scenario.noise) &&
            it.boards == scenario.boards && it.builders == scenario.builders &&
            it.seen == (scenario.seen_runs > 0))
            return PrototypeFigure{.right = it.right_percent / 100, .wall_s = it.wall_s};
    return std::nullopt;
}

Result<PrototypeFigure> measured_figure(const std::string& program, const std::string& history,
                                        const Scenario& scenario) {
    // Positions in the line that the prototype prints.
    constexpr std::size_t right = 14, failed_builds = 20, wall = 22;
    const std::filesystem::path path = std::filesystem::absolute(program);
    std::vector<std::string> command = {path.string(), "--dag", history};
    const auto option = [&command](const char* name, double value) {
        command.emplace_back(name);
        command.push_back(fmt::format("{}", value));
    };
    option("--p", scenario.rate);
    option("--f", scenario.noise);
    option("--skip", scenario.unbuildable);
    option("--k", scenario.boards);
    option("--conf", scenario.confidence);
    option("--build", scenario.build_s);
    option("--boot", scenario.boot_s);
    option("--run", scenario.run_s);
    option("--prebuilt", scenario.prebuilt);
    option("--badboot", scenario.broken_boots);
    option("--trials", scenario.bisects);
    option("--seed", static_cast<double>(scenario.seed));
    option("--corrupt", 0.01);
    if (scenario.seen_hits > 0) option("--hint", static_cast<double>(scenario.seen_hits));
    if (scenario.builders > 0) {
        command.insert(command.end(), {"--alg", "overlap"});
        option("--n", scenario.builders);
    }
    const Result<std::string> line = output_of(command, path.parent_path().string());
    if (!line) return std::unexpected(line.error());
    const auto share = field(*line, right), seconds = field(*line, wall),
               failed = field(*line, failed_builds);
    if (!share || !seconds || !failed) return wrong_request(program, "printed no figures");
    return PrototypeFigure{.right = *share, .wall_s = *seconds, .failed_builds = *failed};
}

}  // namespace bisectd::simulate
