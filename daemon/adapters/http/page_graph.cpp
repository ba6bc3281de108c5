#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "adapters/http/page.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

// Units: CSS pixels; a row is as high as its line of text (style.css, .graph li).
constexpr int graph_row_height = 30, graph_lane_width = 16, first_lane = 12;
constexpr std::size_t most_lanes = 8;

/// Which lane each commit stands in, newest first: a commit goes on in its first parent's lane.
std::vector<std::size_t> lanes_of(const std::vector<SurveyCommit>& commits) {
    std::vector<CommitId> waiting;  // of each lane: the commit that it leads to; empty: free
    std::vector<std::size_t> lanes;
    for (const SurveyCommit& commit : commits) {
        auto lane = std::ranges::find(waiting, commit.commit);
        if (lane == waiting.end()) lane = std::ranges::find(waiting, CommitId());
        if (lane == waiting.end()) lane = waiting.insert(waiting.end(), CommitId());
        const auto number = static_cast<std::size_t>(lane - waiting.begin());
        for (CommitId& other : waiting)
            if (other == commit.commit) other = CommitId();
        lanes.push_back(std::min(number, most_lanes - 1));
        for (std::size_t i = 0; i < commit.parents.size(); ++i) {
            const CommitId& parent = commit.parents[i];
            if (std::ranges::find(waiting, parent) != waiting.end()) continue;
            if (i == 0) {
                waiting[number] = parent;
                continue;
            }
            const auto free = std::ranges::find(waiting, CommitId());
            if (free != waiting.end())
                *free = parent;
            else
                waiting.push_back(parent);
        }
    }
    return lanes;
}

int x_of(std::size_t lane) {
    return first_lane + static_cast<int>(lane) * graph_lane_width;
}
int y_of(std::size_t row) {
    return static_cast<int>(row) * graph_row_height + graph_row_height / 2;
}

std::string edges(const std::vector<SurveyCommit>& commits, const std::vector<std::size_t>& lanes) {
    std::map<CommitId, std::size_t> rows;
    for (std::size_t row = 0; row < commits.size(); ++row) rows[commits[row].commit] = row;
    std::string out;
    for (std::size_t row = 0; row < commits.size(); ++row)
        for (const CommitId& parent : commits[row].parents) {
            const auto to = rows.find(parent);
            const int x = x_of(lanes[row]), y = y_of(row);
            if (to == rows.end()) {
                // Its parent is further away than the picture reaches.
                out += fmt::format("<path class=\"faint\" d=\"M{} {}v{}\"/>", x, y,
                                   graph_row_height / 2);
                continue;
            }
            const int to_x = x_of(lanes[to->second]), to_y = y_of(to->second);
            if (x == to_x)
                out += fmt::format("<path d=\"M{} {}V{}\"/>", x, y, to_y);
            else if (to_x > x)  // a merged side: leaves at once
                out += fmt::format("<path d=\"M{0} {1}C{0} {2} {3} {1} {3} {2}V{4}\"/>", x, y,
                                   y + graph_row_height, to_x, to_y);
            else  // a branch point: joins at the end
                out += fmt::format("<path d=\"M{0} {1}V{2}C{0} {3} {4} {2} {4} {3}\"/>", x, y,
                                   to_y - graph_row_height, to_y, to_x);
        }
    return out;
}

std::string dots(const std::vector<SurveyCommit>& commits, const std::vector<std::size_t>& lanes) {
    std::string out;
    for (std::size_t row = 0; row < commits.size(); ++row) {
        const SurveyCommit& commit = commits[row];
        const std::string mark = !commit.verdict.empty() ? commit.verdict
                                 : commit.suspect        ? "suspect"
                                                         : "cleared";
        out += fmt::format("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>", escaped(mark),
                           x_of(lanes[row]), y_of(row), commit.verdict.empty() ? 4 : 6);
    }
    return out;
}

std::string text_row(const SurveyCommit& commit, const CommitId& culprit, const Hosting& hosting) {
    std::string mark;
    if (commit.commit == culprit) mark += " " + badge("culprit");
    if (!commit.verdict.empty())
        mark += fmt::format(" <a href=\"#step-{}\" aria-label=\"{} in step {}\">{}</a>",
                            commit.step, commit.verdict, commit.step, badge(commit.verdict));
    if (commit.suspect && commit.probability >= 0.001)
        mark += " <small>" + percent_text(commit.probability) + "</small>";
    return fmt::format("<li{}>{} <span class=\"subject\">{}</span>{}</li>\n",
                       commit.commit == culprit ? " class=\"here\"" : "",
                       hosting.link(commit.commit), escaped(commit.subject), mark);
}

}  // namespace

std::string graph_part(const BisectionState& state, const Survey& survey, const Hosting& hosting) {
    if (survey.around.size() < 2) return "";
    const bool found =
        state.ended && state.ended->ending == Ending::culprit && !state.ended->commits.empty();
    const CommitId culprit = found ? state.ended->commits.front() : CommitId();
    const std::vector<std::size_t> lanes = lanes_of(survey.around);
    const std::size_t widest = std::ranges::max(lanes);
    const int width = x_of(widest) + first_lane;
    const int height = static_cast<int>(survey.around.size()) * graph_row_height;
    std::string rows;
    for (const SurveyCommit& commit : survey.around) rows += text_row(commit, culprit, hosting);
    return fmt::format(
        "<h2>History around the {}</h2>\n<div class=\"graph\"><svg viewBox=\"0 0 {} {}\" "
        "width=\"{}\" height=\"{}\" aria-hidden=\"true\">{}{}</svg>\n<ol>\n{}</ol></div>\n",
        found ? "culprit" : "likeliest suspect", width, height, width, height,
        edges(survey.around, lanes), dots(survey.around, lanes), rows);
}

}  // namespace bisectd::http
