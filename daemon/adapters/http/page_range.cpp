#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "adapters/http/page.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

// Units of the drawing; the page scales it to its width.
constexpr int range_left_edge = 34, range_line_width = 860, range_right_edge = 966,
              range_row_height = 15, range_bar_height = 9;
constexpr int range_plot_height = 64;
constexpr std::size_t most_range_rows = 120;  // the table has all of them

/// Bins of equal share are one rectangle: a picture of a long range stays small.
std::string bins(const std::vector<std::uint64_t>& left, int top) {
    std::string out;
    const double width = static_cast<double>(range_line_width) / static_cast<double>(left.size());
    for (std::size_t i = 0; i < left.size();) {
        std::size_t end = i + 1;
        while (end < left.size() && left[end] == left[i]) ++end;
        if (left[i] > 0)
            out += fmt::format(
                "<rect class=\"left\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" "
                "opacity=\"{:.2f}\"/>",
                range_left_edge + width * static_cast<double>(i), top,
                std::max(1.5, width * static_cast<double>(end - i)), range_bar_height,
                0.35 + 0.65 * static_cast<double>(left[i]) / 100);
        i = end;
    }
    return out;
}

std::string range_row(const SurveyStep& row, const StepState* step, std::uint64_t suspects,
                      int top) {
    std::string out =
        fmt::format("<rect class=\"gone\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\"/>",
                    range_left_edge, top, range_line_width, range_bar_height);
    out += bins(row.left, top);
    const int middle = top + range_bar_height - 1;
    if (step == nullptr)
        return out + fmt::format(
                         "<text x=\"{}\" y=\"{}\" class=\"to-left\">now</text>"
                         "<text x=\"{}\" y=\"{}\">{}</text>",
                         range_left_edge - 5, middle, range_left_edge + range_line_width + 6,
                         middle, count_text(suspects));
    const double x = range_left_edge + range_line_width * std::clamp(row.place, 0.0, 1.0);
    out += fmt::format(
        "<a href=\"#step-{0}\" tabindex=\"-1\"><title>step {0}, {1}: {2} left, {3}</title>"
        "<rect class=\"hot\" x=\"0\" y=\"{4}\" width=\"{5}\" height=\"{6}\"/>"
        "<circle class=\"{3}\" cx=\"{7:.1f}\" cy=\"{8}\" r=\"5\"/>"
        "<text x=\"{9}\" y=\"{10}\" class=\"to-left\">{0}</text>"
        "<text x=\"{11}\" y=\"{10}\">{12}</text></a>",
        step->number, purpose_text(step->purpose), count_of(step->suspects, "suspect"),
        mark_of(*step), top - 3, range_right_edge, range_row_height, x,
        top + range_bar_height / 2 + 1, range_left_edge - 5, middle,
        range_left_edge + range_line_width + 6, count_text(step->suspects));
    return out;
}

/// Heights by their square root: what is unlikely is still seen.
std::string plot(const std::vector<double>& probability, int top) {
    double most = 0;
    for (const double each : probability) most = std::max(most, each);
    if (most <= 0) return "";
    const double width =
        static_cast<double>(range_line_width) / static_cast<double>(probability.size());
    std::string out =
        fmt::format("<line class=\"axis\" x1=\"{0}\" y1=\"{1}\" x2=\"{2}\" y2=\"{1}\"/>",
                    range_left_edge, top + range_plot_height, range_left_edge + range_line_width);
    for (std::size_t i = 0; i < probability.size(); ++i) {
        const double height = std::sqrt(probability[i] / most) * (range_plot_height - 4);
        if (height < 0.5) continue;
        out += fmt::format(
            "<rect class=\"chance\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\">"
            "<title>{}</title></rect>",
            range_left_edge + width * static_cast<double>(i), top + range_plot_height - height,
            std::max(1.5, width - 0.4), height, percent_text(probability[i]));
    }
    return out;
}

std::string ends_line(const BisectionState& state, int baseline) {
    if (!state.requested) return "";
    const StartRequest& request = state.requested->request;
    const std::string good = request.good.empty() ? "good" : request.good.front();
    return fmt::format(
        "<text x=\"{0}\" y=\"{1}\" class=\"good-end\">{2}</text>"
        "<text x=\"{3}\" y=\"{1}\" class=\"to-left bad-end\">{4}</text>",
        range_left_edge, baseline, escaped(good.substr(0, 40)), range_left_edge + range_line_width,
        escaped(request.bad.substr(0, 40)));
}

std::string likely_part(const Survey& survey) {
    std::string rows;
    for (const SurveyCommit& commit : survey.likely) {
        if (commit.probability < 0.001) break;
        rows +=
            fmt::format("<li><b>{}</b> <code>{}</code> {}</li>\n", percent_text(commit.probability),
                        escaped(commit.commit.brief()), escaped(commit.subject));
    }
    return rows.empty() ? ""
                        : "<details class=\"likely\"><summary>The likeliest suspects</summary>\n"
                          "<ol>\n" +
                              rows + "</ol></details>\n";
}

// Half a bar is a thousandth of the height: one suspect is still seen.
double share_of_height(std::uint64_t suspects, double most) {
    const double share = std::log2(static_cast<double>(suspects) + 1) / std::log2(most + 1);
    return std::clamp(share, 0.02, 1.0);
}

}  // namespace

std::string range_part(const BisectionState& state, const Survey& survey) {
    if (survey.steps.empty() || survey.steps.front().left.empty()) return "";
    std::string drawing = ends_line(state, 12);
    int top = 22;
    const std::size_t first =
        survey.steps.size() > most_range_rows ? survey.steps.size() - most_range_rows : 0;
    for (std::size_t i = first; i < survey.steps.size(); ++i, top += range_row_height) {
        const SurveyStep& row = survey.steps[i];
        const bool known = row.step > 0 && row.step <= state.steps.size();
        drawing +=
            range_row(row, known ? &state.steps[row.step - 1] : nullptr, survey.suspects, top) +
            "\n";
    }
    const std::string chances = plot(survey.probability, top + 8);
    drawing += chances;
    const int height = top + (chances.empty() ? 4 : range_plot_height + 12);
    return fmt::format(
               "<h2>The range, step by step</h2>\n<p class=\"hint\">{} from good to bad. A dot is "
               "a "
               "tested commit; the bar is what may still hold the culprit{}.</p>\n"
               "<div class=\"chart range\" tabindex=\"0\" role=\"group\" aria-label=\"{} suspects "
               "left of {} after {} steps; the table below has each\"><svg viewBox=\"0 0 {} {}\" "
               "aria-hidden=\"true\">\n{}</svg></div>\n",
               count_of(survey.commits, "commit"),
               chances.empty() ? "" : ", and below how likely it is where (by square root)",
               survey.suspects, survey.commits, state.steps.size(), range_right_edge, height,
               drawing) +
           likely_part(survey);
}

std::string narrowing_part(const BisectionState& state) {
    constexpr int width = 22, gap = 4, height = 90, text = 16;
    constexpr std::size_t most_bars = 400;  // a page stays readable; the table has all of them
    const std::size_t bars = std::min(state.steps.size(), most_bars);
    if (bars < 2) return "";
    std::uint64_t most = state.range ? state.range->suspects : 1;
    for (const StepState& step : state.steps) most = std::max(most, step.suspects);
    const double most_number = std::max(1.0, static_cast<double>(most));
    const int total_width = static_cast<int>(bars) * (width + gap);
    std::string svg = fmt::format(
        "<h2>Suspects left, step by step</h2>\n<div class=\"chart\" tabindex=\"0\" role=\"group\" "
        "aria-label=\"Suspects left at each step, on a logarithmic scale; the table below has "
        "each\">"
        "<svg viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" aria-hidden=\"true\">\n",
        total_width, height + text);
    for (std::size_t i = 0; i < bars; ++i) {
        const StepState& step = state.steps[i];
        const int bar = static_cast<int>(share_of_height(step.suspects, most_number) * height);
        const int left = static_cast<int>(i) * (width + gap);
        svg += fmt::format(
            "<a href=\"#step-{0}\" tabindex=\"-1\"><title>step {0}, {1}: {2} left, {3}</title>"
            "<rect class=\"{3}\" x=\"{4}\" y=\"{5}\" width=\"{6}\" height=\"{7}\" rx=\"2\"/>"
            "<text x=\"{8}\" y=\"{9}\" class=\"middle\">{0}</text></a>\n",
            step.number, purpose_text(step.purpose), count_of(step.suspects, "suspect"),
            mark_of(step), left, height - bar, width, bar, left + width / 2, height + text - 3);
    }
    return svg + "</svg></div>\n";
}

}  // namespace bisectd::http
