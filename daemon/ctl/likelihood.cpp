#include "ctl/likelihood.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <vector>

#include "adapters/json/sentences.hpp"
#include "core/outcome.hpp"

namespace bisectd::ctl {
namespace {

constexpr std::size_t likely_columns = 40;  // below the bar of the range

// Lowest first; a blank is a place where the culprit is not.
constexpr std::array<std::string_view, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 8> plain_marks{".", ":", "-", "=", "+", "*", "%", "#"};

/// The bins of the survey gathered into columns.
std::vector<double> chances_of(const Json& survey) {
    const auto* bins = survey.if_contains("probability");
    if (bins == nullptr || !bins->is_array() || bins->get_array().empty()) return {};
    const std::size_t count = bins->get_array().size();
    std::vector<double> columns(std::min(count, likely_columns), 0);
    for (std::size_t i = 0; i < count; ++i) {
        boost::json::error_code error;
        const double chance = bins->get_array()[i].to_number<double>(error);
        if (!error && chance > 0) columns[i * columns.size() / count] += chance;
    }
    return columns;
}

}  // namespace

std::string likely_line(const Json& survey, const Terminal& terminal) {
    const std::vector<double> chances = chances_of(survey);
    const double most = chances.empty() ? 0 : std::ranges::max(chances);
    if (most <= 0) return "";
    const auto& marks = terminal.unicode ? blocks : plain_marks;
    std::string plot;
    for (const double chance : chances) {
        const double height = std::sqrt(chance / most) * static_cast<double>(marks.size());
        plot += chance <= 0 ? std::string_view(" ")
                            : marks[std::min(static_cast<std::size_t>(height), marks.size() - 1)];
    }
    const std::vector<const Json*> likely = list_of(survey, "likely");
    const std::string named =
        likely.empty()
            ? ""
            : fmt::format(
                  " {} {} {}",
                  probability_text(word(Verdict::bad), seconds_of(*likely.front(), "probability")),
                  brief_of(*likely.front(), "commit"), text_of(*likely.front(), "subject"));
    return cut("likely   [" + plot + "]" + named, terminal.width - 1);
}

}  // namespace bisectd::ctl
