#include "ctl/screen.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"
#include "ctl/asides.hpp"
#include "ctl/likelihood.hpp"

namespace bisectd::ctl {
namespace {

constexpr std::size_t least_events = 4;
constexpr std::size_t range_columns = 40;

/// "range   [####################                    ] 4.2 of 13.7 bits found".
std::string range_line(const Json& state, const Terminal& terminal) {
    const double left = static_cast<double>(number_of(state, "suspects"));
    const double all = static_cast<double>(number_of(state, "suspects_at_start"));
    if (all < 2 || left < 1) return "";
    // Each step halves: on a logarithmic scale the search moves evenly.
    const double total = std::log2(all), done = std::clamp(total - std::log2(left), 0.0, total);
    const std::string text =
        fmt::format("range    {} {:.1f} of {:.1f} halvings",
                    bar(static_cast<unsigned long long>(done * 1000),
                        static_cast<unsigned long long>(total * 1000), range_columns),
                    done, total);
    return cut(text, terminal.width - 1);
}

std::string step_took(const Json& step) {
    const std::uint64_t begin = number_of(step, "started_ms_utc");
    const std::uint64_t end = number_of(step, "ended_ms_utc");
    return begin == 0 || end < begin ? "" : duration_text(static_cast<double>(end - begin) / 1000);
}

std::string step_line(const Json& step, const Terminal& terminal) {
    const Json& verdict = part_of(step, "verdict");
    const std::string word = verdict.empty() ? "testing" : text_of(verdict, "verdict");
    const std::string told = verdict.empty() ? word : verdict_of(verdict);
    constexpr std::size_t verdict_columns = 17;
    const std::string before = fmt::format("{:>4}  {}  {}  ", number_of(step, "number"),
                                           brief_of(step, "commit"), padded(purpose_of(step), 16));
    const std::string after =
        fmt::format("  {:>12}  {}", step_took(step), text_of(step, "subject"));
    const std::size_t width = terminal.width - 1;
    if (width <= before.size() + verdict_columns) return cut(before + told, width);
    return before + terminal.paint(colour_of(word), padded(told, verdict_columns)) +
           cut(after, width - before.size() - verdict_columns);
}

void add_last(std::vector<std::string>& lines, const std::vector<std::string>& all,
              std::size_t most) {
    const std::size_t count = std::min(most, all.size());
    lines.insert(lines.end(), all.end() - static_cast<std::ptrdiff_t>(count), all.end());
}

}  // namespace

std::vector<std::string> watch_frame(const std::vector<std::string>& status, const Json& state,
                                     const Json& survey, const std::deque<std::string>& events,
                                     const Terminal& terminal) {
    const std::size_t height = std::max<std::size_t>(terminal.height, 2);
    std::vector<std::string> lines(
        status.begin(),
        status.begin() + static_cast<std::ptrdiff_t>(std::min(status.size(), height - 1)));
    const auto room = [&lines, height] { return height - 1 - std::min(height - 1, lines.size()); };
    if (const std::string range = range_line(state, terminal); !range.empty() && room() > 0)
        lines.push_back(terminal.paint(Colour::soft, range));
    if (const std::string likely = likely_line(survey, terminal); !likely.empty() && room() > 0)
        lines.push_back(likely);
    std::vector<std::string> steps;
    for (const Json* step : list_of(state, "steps")) steps.push_back(step_line(*step, terminal));
    // An empty line before each part; the events keep a few lines for themselves.
    const std::size_t kept = std::min(events.size(), least_events) + 1;
    if (!steps.empty() && room() > kept + 2) {
        lines.emplace_back();
        add_last(lines, steps, room() - kept);
    }
    if (!events.empty() && room() > 1) {
        lines.emplace_back();
        add_last(lines, {events.begin(), events.end()}, room());
    }
    lines.resize(height - 1);
    lines.push_back(terminal.paint(
        Colour::soft, cut("Ctrl-C leaves the watch; the bisection goes on", terminal.width - 1)));
    return lines;
}

void Screen::draw(const std::vector<std::string>& lines) {
    // Another buffer than the shell's, and no line breaks of the terminal's own: after a resize a
    // line that is too long for a moment is cut and moves nothing.
    if (!entered_) terminal_.out << "\x1b[?1049h\x1b[?7l\x1b[?25l";
    entered_ = true;
    terminal_.out << "\x1b[H";
    for (std::size_t i = 0; i < lines.size(); ++i)
        terminal_.out << lines[i] << "\x1b[K" << (i + 1 < lines.size() ? "\r\n" : "");
    terminal_.out << "\x1b[J";
    terminal_.out.flush();
}

void Screen::leave() {
    if (!entered_) return;
    terminal_.out << "\x1b[?25h\x1b[?7h\x1b[?1049l";
    terminal_.out.flush();
    entered_ = false;
}

}  // namespace bisectd::ctl
