#include "ctl/view.hpp"

#include <fmt/format.h>

#include <bit>
#include <boost/json.hpp>

#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"
#include "core/outcome.hpp"
#include "ctl/asides.hpp"

namespace bisectd::ctl {
namespace {

constexpr std::size_t bar_columns = 24;

/// One rung of the attempt that goes on: done, going on, or still to come.
std::string rung_line(const Terminal& terminal, std::string_view name, const std::string& done,
                      const Json& progress) {
    std::string line = "  " + padded(name, 8);
    if (text_of(progress, "what") == name && done.empty()) {
        const std::uint64_t now = number_of(progress, "done"), total = number_of(progress, "total");
        line += bar(now, total, bar_columns);
        if (total != 0 && name == "upload")
            line += fmt::format(" {} of {}", size_text(now), size_text(total));
        else if (total != 0)
            line += fmt::format(" {} of {}", count_text(now), count_text(total));
        line += "  " + text_of(progress, "text");
        return cut(line, terminal.width - 1);
    }
    return terminal.paint(Colour::soft,
                          cut(line + (done.empty() ? "-" : done), terminal.width - 1));
}

std::string build_done(const Json& attempt) {
    const Json& built = part_of(attempt, "built");
    if (built.empty()) return "";
    const auto* from_store = built.if_contains("from_store");
    const bool stored = from_store != nullptr && from_store->is_bool() && from_store->get_bool();
    return stored ? "from the store" : "in " + duration_text(seconds_of(built, "seconds"));
}

std::string upload_done(const Json& attempt) {
    const Json& deployed = part_of(attempt, "deployed");
    if (deployed.empty()) return "";
    return fmt::format("{} in {}", size_text(number_of(deployed, "bytes")),
                       duration_text(seconds_of(deployed, "seconds")));
}

std::string boot_done(const Json& attempt) {
    const Json& proven = part_of(attempt, "proven");
    if (proven.empty()) return "";
    return fmt::format("{} proven in {}", text_of(proven, "release"),
                       duration_text(seconds_of(proven, "boot_seconds")));
}

/// Runs never are "done" before the attempt is; what was seen so far stands behind the bar.
std::string runs_line(const Json& attempt, const Json& progress, const Terminal& terminal) {
    const Json& runs = part_of(attempt, "runs");
    if (runs.empty()) return rung_line(terminal, "runs", "", progress);
    std::string looks;
    std::uint64_t seen = 0;
    for (const auto& entry : part_of(attempt, "looks")) {
        const std::uint64_t count = number_of(part_of(attempt, "looks"), entry.key());
        seen += count;
        looks += fmt::format("{}{} {}", looks.empty() ? "" : ", ", count_text(count),
                             printable(entry.key()));
    }
    std::uint64_t total = number_of(runs, "planned");
    if (text_of(progress, "what") == "runs") {
        seen = std::max(seen, number_of(progress, "done"));
        total = std::max(total, number_of(progress, "total"));
    }
    std::string line = "  " + padded("runs", 8) + bar(seen, total, bar_columns);
    if (total != 0) line += fmt::format(" {} of {}", count_text(seen), count_text(total));
    return cut(line + "  " + looks, terminal.width - 1);
}

Json last_attempt(const Json& step) {
    const std::vector<const Json*> attempts = list_of(step, "attempts");
    return attempts.empty() ? Json{} : *attempts.back();
}

/// What goes on at a board; where only one step is open the one thing that goes on is its.
Json progress_at(const Places& places, const std::string& board, bool several) {
    const auto found = places.find(board);
    if (found != places.end()) return found->second;
    return !several && places.size() == 1 ? places.begin()->second : Json{};
}

/// The rung on which an attempt stands, in one line.
std::string rung_now(const Json& attempt, const Json& progress, const Terminal& terminal) {
    const std::string what = text_of(progress, "what");
    if (what == "runs" || (what.empty() && !part_of(attempt, "runs").empty()))
        return runs_line(attempt, progress, terminal);
    if (!what.empty()) return rung_line(terminal, what, "", progress);
    for (const auto& [name, done] :
         {std::pair{"boot", boot_done(attempt)}, std::pair{"upload", upload_done(attempt)},
          std::pair{"build", build_done(attempt)}})
        if (!done.empty()) return rung_line(terminal, name, done, progress);
    return rung_line(terminal, "build", "", progress);
}

}  // namespace

std::string text_of(const Json& object, std::string_view name) {
    const auto* part = object.if_contains(name);
    return part != nullptr && part->is_string() ? printable(part->get_string()) : "";
}

std::uint64_t number_of(const Json& object, std::string_view name) {
    const auto* part = object.if_contains(name);
    boost::json::error_code error;
    const std::uint64_t number = part == nullptr ? 0 : part->to_number<std::uint64_t>(error);
    return error ? 0 : number;
}

double seconds_of(const Json& object, std::string_view name) {
    const auto* part = object.if_contains(name);
    boost::json::error_code error;
    const double number = part == nullptr ? 0 : part->to_number<double>(error);
    return error ? 0 : number;
}

const Json& part_of(const Json& object, std::string_view name) {
    static const Json nothing;
    const auto* part = object.if_contains(name);
    return part != nullptr && part->is_object() ? part->get_object() : nothing;
}

std::vector<const Json*> list_of(const Json& object, std::string_view name) {
    std::vector<const Json*> out;
    const auto* part = object.if_contains(name);
    if (part == nullptr || !part->is_array()) return out;
    for (const auto& entry : part->get_array())
        if (entry.is_object()) out.push_back(&entry.get_object());
    return out;
}

std::string texts_of(const Json& object, std::string_view name) {
    std::string out;
    const auto* part = object.if_contains(name);
    if (part == nullptr || !part->is_array()) return out;
    for (const auto& entry : part->get_array())
        if (entry.is_string()) out += (out.empty() ? "" : ", ") + printable(entry.get_string());
    return out;
}

std::size_t list_size(const Json& object, std::string_view name) {
    const auto* part = object.if_contains(name);
    return part != nullptr && part->is_array() ? part->get_array().size() : 0;
}

std::string brief_of(const Json& object, std::string_view name) {
    return text_of(object, name).substr(0, 12);
}

std::string purpose_of(const Json& step) {
    const std::string word = text_of(step, "purpose");
    const auto purpose = from_word<Purpose>(word);
    return purpose ? std::string(purpose_text(*purpose)) : word;
}

std::vector<const Json*> open_steps(const Json& state) {
    std::vector<const Json*> open;
    for (const Json* step : list_of(state, "steps"))
        if (part_of(*step, "verdict").empty()) open.push_back(step);
    return open;
}

Places places_of(const Json& state) {
    Places places;
    for (const Json* place : list_of(state, "going_on")) places[text_of(*place, "board")] = *place;
    return places;
}

std::string narrowing(const Json& state) {
    const std::uint64_t left = number_of(state, "suspects");
    const std::uint64_t start = number_of(state, "suspects_at_start");
    std::string out =
        start == 0 ? "range not resolved yet"
                   : fmt::format("{} of {} left", count_text(left), count_of(start, "suspect"));
    out += ", " + count_of(number_of(state, "steps_done"), "step") + " done";
    // Each step halves; two more prove the culprit. Once more is known it is said as expected.
    if (part_of(state, "ended").empty() && part_of(state, "estimate").empty() && left > 1)
        out += fmt::format(", about {} to go", std::bit_width(left - 1) + 2);
    return out;
}

std::vector<std::string> status_lines(const Json& state, const Places& places,
                                      const Terminal& terminal) {
    std::vector<std::string> lines;
    const auto add = [&lines, &terminal](const std::string& text, Colour colour) {
        lines.push_back(terminal.paint(colour, cut(text, terminal.width - 1)));
    };
    const std::string activity = text_of(state, "activity");
    add(fmt::format("bisection {} {}: good {}, bad {} [{}]", number_of(state, "id"),
                    text_of(state, "title"), texts_of(state, "good"), text_of(state, "bad"),
                    activity),
        Colour::strong);
    add(narrowing(state), Colour::none);
    if (activity == "parked")
        add("a person is needed: " + text_of(state, "parked_ask"), Colour::bad);
    if (const std::string ask = text_of(state, "awaits_space"); !ask.empty())
        add("waits for disk space: " + ask, Colour::bad);
    if (activity == "paused") add("paused: " + text_of(state, "paused_why"), Colour::skip);
    for (const auto& [name, text] : asides_of(state, true))
        add(fmt::format("{}: {}", name, text),
            name == "doubt" || name == "not used" ? Colour::skip : Colour::none);
    const std::vector<const Json*> steps = open_steps(state);
    const bool several = steps.size() > 1;
    for (const Json* step : steps) {
        const Json attempt = last_attempt(*step);
        const std::string board = text_of(attempt, "board");
        add(fmt::format("step {}{}, {}: {} {}", number_of(*step, "number"),
                        several && !board.empty() ? " on " + board : "", purpose_of(*step),
                        brief_of(*step, "commit"), text_of(*step, "subject")),
            Colour::none);
        const Json progress = progress_at(places, board, several);
        if (several) {
            lines.push_back(rung_now(attempt, progress, terminal));
            continue;
        }
        lines.push_back(rung_line(terminal, "build", build_done(attempt), progress));
        lines.push_back(rung_line(terminal, "upload", upload_done(attempt), progress));
        lines.push_back(rung_line(terminal, "boot", boot_done(attempt), progress));
        lines.push_back(runs_line(attempt, progress, terminal));
    }
    return lines;
}

}  // namespace bisectd::ctl
