#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "adapters/http/html.hpp"
#include "adapters/http/page.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/state_json.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

std::string proof_list(const BisectionState& state) {
    std::string out;
    for (const StepState* step : proof_steps(state)) {
        std::string rebuild;
        for (const AttemptState& attempt : step->attempts)
            if (attempt.built && !attempt.built->rebuild.empty())
                rebuild = ", rebuilt from clean: " + attempt.built->rebuild;
        out += fmt::format("<li>{} <a href=\"#step-{}\"><code>{}</code></a> {} {}{}</li>\n",
                           step->purpose == Purpose::proof_culprit ? "The culprit" : "Its parent",
                           step->number, escaped(step->commit.brief()), escaped(step->subject),
                           badge(step->verdict ? word(step->verdict->verdict) : "testing"),
                           escaped(rebuild));
    }
    return out.empty() ? "" : "<ul class=\"proof\">\n" + out + "</ul>\n";
}

// Half a bar is a thousandth of the height: one suspect is still seen.
double bar_height(std::uint64_t suspects, double most) {
    const double share = std::log2(static_cast<double>(suspects) + 1) / std::log2(most + 1);
    return std::clamp(share, 0.02, 1.0);
}

const char* bar_class(const StepState& step) {
    if (!step.verdict) return "testing";
    switch (step.verdict->verdict) {
        case Verdict::good:
            return "good";
        case Verdict::bad:
            return "bad";
        case Verdict::skip:
            return "skip";
        case Verdict::uncertain:
            return "uncertain";
    }
    return "uncertain";
}

}  // namespace

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
        "<h2>Suspects left, step by step</h2>\n<div class=\"chart\"><svg viewBox=\"0 0 {0} {1}\" "
        "width=\"{0}\" height=\"{1}\" role=\"img\" aria-label=\"Suspects left at each step, on a "
        "logarithmic scale\">\n",
        total_width, height + text);
    for (std::size_t i = 0; i < bars; ++i) {
        const StepState& step = state.steps[i];
        const int bar = static_cast<int>(bar_height(step.suspects, most_number) * height);
        const int left = static_cast<int>(i) * (width + gap);
        svg += fmt::format(
            "<a href=\"#step-{0}\"><title>step {0}, {1}: {2} left, {3}</title>"
            "<rect class=\"{3}\" x=\"{4}\" y=\"{5}\" width=\"{6}\" height=\"{7}\" rx=\"2\"/>"
            "<text x=\"{8}\" y=\"{9}\">{0}</text></a>\n",
            step.number, purpose_text(step.purpose), count_of(step.suspects, "suspect"),
            bar_class(step), left, height - bar, width, bar, left + width / 2, height + text - 3);
    }
    return svg + "</svg></div>\n";
}

std::string ending_part(const BisectionState& state) {
    if (!state.ended) {
        const std::string proof = proof_list(state);
        return proof.empty()
                   ? ""
                   : "<section class=\"ending\"><h2>Proof, so far</h2>\n" + proof + "</section>\n";
    }
    const BisectionEnded& ended = *state.ended;
    constexpr std::size_t most_commits = 50;
    std::string out = fmt::format("<section class=\"ending {}\">\n<h2>{}</h2>\n",
                                  word(ended.ending), ending_text(ended.ending));
    std::string commits;
    for (std::size_t i = 0; i < std::min(ended.commits.size(), most_commits); ++i)
        commits += fmt::format("<li><code>{}</code> {}</li>\n", escaped(ended.commits[i].hex()),
                               escaped(state.subject_of(ended.commits[i])));
    if (ended.commits.size() > most_commits)
        commits += fmt::format("<li>and {} more</li>\n", ended.commits.size() - most_commits);
    if (!commits.empty()) out += "<ul class=\"commits\">\n" + commits + "</ul>\n";
    if (state.suspect && ended.ending == Ending::culprit)
        out += "<p>Author: " + escaped(state.suspect->author) + "</p>\n";
    if (!ended.cause.empty()) out += "<p>" + escaped(ended.cause) + "</p>\n";
    const std::string proof = proof_list(state);
    if (!proof.empty()) out += "<h3>Proof</h3>\n" + proof;
    return out + "</section>\n";
}

}  // namespace bisectd::http
