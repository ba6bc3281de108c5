#include "ctl/show.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"
#include "ctl/asides.hpp"

namespace bisectd::ctl {
namespace {

std::string title_of(const Json& state) {
    const std::string title = text_of(state, "title");
    return title.empty() ? text_of(state, "recipe") : title;
}

std::string ending_of(const Json& ended) {
    const std::string word = text_of(ended, "ending");
    const auto ending = from_word<Ending>(word);
    return ending ? std::string(ending_text(*ending)) : word;
}

/// "2, 3".
std::string numbers_of(const Json& object, std::string_view name) {
    std::string out;
    const auto* part = object.if_contains(name);
    if (part == nullptr || !part->is_array()) return out;
    for (const auto& entry : part->get_array()) {
        boost::json::error_code error;
        const auto number = entry.to_number<std::uint64_t>(error);
        if (!error) out += fmt::format("{}{}", out.empty() ? "" : ", ", number);
    }
    return out;
}

std::string took(const Json& timed, std::string_view from, std::string_view to) {
    const std::uint64_t begin = number_of(timed, from), end = number_of(timed, to);
    return begin == 0 || end < begin ? "" : duration_text(static_cast<double>(end - begin) / 1000);
}

std::string subject_of(const Json& state, const std::string& commit) {
    const Json& suspect = part_of(state, "suspect");
    if (text_of(suspect, "commit") == commit) return text_of(suspect, "subject");
    for (const Json* step : list_of(state, "steps"))
        if (text_of(*step, "commit") == commit) return text_of(*step, "subject");
    return "";
}

/// "7 builds (2 more from the store), 10 boots, 44 runs".
std::string work_of(const Json& state) {
    std::uint64_t builds = 0, stored = 0, boots = 0, runs = 0;
    for (const Json* step : list_of(state, "steps"))
        for (const Json* attempt : list_of(*step, "attempts")) {
            const Json& built = part_of(*attempt, "built");
            const auto* from_store = built.if_contains("from_store");
            if (from_store != nullptr && from_store->is_bool())
                ++(from_store->get_bool() ? stored : builds);
            if (!part_of(*attempt, "boot").empty()) ++boots;
            runs += number_of(*attempt, "last_run");
        }
    std::string text = count_of(builds, "build");
    if (stored > 0) text += fmt::format(" ({} more from the store)", stored);
    if (boots > 0) text += ", " + count_of(boots, "boot");
    return text + ", " + count_of(runs, "run");
}

void print_asked(const Json& state, const Terminal& terminal) {
    const auto line = [&terminal](std::string_view name, const std::string& text) {
        if (!text.empty())
            terminal.out << terminal.paint(Colour::soft, padded(name, 12)) << text << '\n';
    };
    const Json& request = part_of(part_of(state, "requested"), "request");
    const auto* first_parent = request.if_contains("first_parent");
    const bool only_first =
        first_parent != nullptr && first_parent->is_bool() && first_parent->get_bool();
    line("good", texts_of(state, "good"));
    line("bad", text_of(state, "bad"));
    line("range", narrowing(state) + (only_first ? ", first parents only" : ""));
    line("paths", texts_of(request, "paths"));
    line("recipe", text_of(state, "recipe"));
    line("board", text_of(state, "board"));
    line("repository", text_of(state, "repository"));
    for (const auto& [name, text] : asides_of(state, false)) line(name, text);
    line("begun",
         time_text(static_cast<std::int64_t>(number_of(state, "requested_ms_utc"))) + " UTC");
    if (!part_of(state, "ended").empty())
        line("took", took(state, "requested_ms_utc", "last_ms_utc"));
    line("work", work_of(state));
    line("to do", text_of(state, "parked_ask"));
    line("paused", text_of(state, "paused_why"));
    line("waits", text_of(state, "awaits_space"));
}

void print_judged(const Json& state, const Terminal& terminal) {
    const std::vector<std::string> lines = judged_lines(state);
    if (lines.empty()) return;
    terminal.out << '\n' << terminal.paint(Colour::soft, "said by people") << '\n';
    for (const std::string& text : lines) terminal.out << "  " << text << '\n';
}

void print_steps(const Json& state, const Terminal& terminal) {
    const std::vector<const Json*> steps = list_of(state, "steps");
    if (steps.empty()) return;
    terminal.out << '\n'
                 << terminal.paint(
                        Colour::soft,
                        fmt::format("{:>4}  {:12}  {:16}  {:>9}  {:17}  {:>12}  {}", "step",
                                    "commit", "why", "suspects", "verdict", "time", "cause"))
                 << '\n';
    for (const Json* step : steps) {
        const Json& verdict = part_of(*step, "verdict");
        const std::string word = verdict.empty() ? "testing" : text_of(verdict, "verdict");
        const std::string told = verdict.empty() ? word : verdict_of(verdict);
        const std::string time =
            verdict.empty() ? "" : took(*step, "started_ms_utc", "ended_ms_utc");
        terminal.out << fmt::format(
            "{:>4}  {:12}  {:16}  {:>9}  {}  {:>12}  {}\n", number_of(*step, "number"),
            brief_of(*step, "commit"), purpose_of(*step), count_text(number_of(*step, "suspects")),
            terminal.paint(colour_of(word), padded(told, 17)), time, text_of(verdict, "cause"));
        terminal.out << "      " << terminal.paint(Colour::soft, text_of(*step, "subject")) << '\n';
    }
}

}  // namespace

void print_ending(const Json& state, const Terminal& terminal) {
    const Json& ended = part_of(state, "ended");
    if (ended.empty()) return;
    const std::string word = text_of(ended, "ending");
    terminal.out << '\n' << terminal.paint(colour_of(word), ending_of(ended)) << '\n';
    const auto* commits = ended.if_contains("commits");
    constexpr std::size_t most_commits = 20;
    std::size_t shown = 0;
    if (commits != nullptr && commits->is_array())
        for (const auto& commit : commits->get_array()) {
            if (!commit.is_string() || shown++ == most_commits) break;
            const std::string id = printable(commit.get_string());
            terminal.out << "  " << terminal.paint(Colour::strong, id) << ' '
                         << subject_of(state, id) << '\n';
        }
    if (shown > most_commits)
        terminal.out << "  and " << commits->get_array().size() - most_commits << " more\n";
    if (const std::string author = text_of(part_of(state, "suspect"), "author");
        word == "culprit" && !author.empty())
        terminal.out << "  Author: " << author << '\n';
    if (const std::string cause = text_of(ended, "cause"); !cause.empty())
        terminal.out << "  " << cause << '\n';
    for (const Json* proof : list_of(state, "proof")) {
        const std::string verdict = text_of(*proof, "verdict");
        const std::string rebuild = text_of(*proof, "rebuild");
        terminal.out << fmt::format(
            "  step {}, {}: {} is {}{}\n", number_of(*proof, "step"), purpose_of(*proof),
            brief_of(*proof, "commit"),
            terminal.paint(colour_of(verdict), verdict.empty() ? "being tested" : verdict),
            rebuild.empty() ? "" : ", rebuilt from clean: " + rebuild);
    }
}

void print_summary(const Json& state, const Terminal& terminal) {
    const std::string activity = text_of(state, "activity");
    terminal.out << terminal.paint(
                        Colour::strong,
                        fmt::format("bisection {}: {}", number_of(state, "id"), title_of(state)))
                 << " [" << terminal.paint(colour_of(activity), activity) << "]\n";
    print_asked(state, terminal);
    print_judged(state, terminal);
    print_steps(state, terminal);
    print_ending(state, terminal);
}

void print_list(const std::vector<const Json*>& bisections, const Terminal& terminal) {
    if (bisections.empty()) {
        terminal.out << "no bisection yet; \"bisectctl start --help\" says how to begin one\n";
        return;
    }
    terminal.out << terminal.paint(Colour::soft,
                                   fmt::format("{:>4}  {:12}  {:>9}  {:>5}  {:12}  {}", "id",
                                               "result", "suspects", "steps", "board", "title"))
                 << '\n';
    for (const Json* state : bisections) {
        const Json& ended = part_of(*state, "ended");
        const std::string word =
            ended.empty() ? text_of(*state, "activity") : text_of(ended, "ending");
        terminal.out << fmt::format("{:>4}  {}  {:>9}  {:>5}  {}  {}\n", number_of(*state, "id"),
                                    terminal.paint(colour_of(word), padded(word, 12)),
                                    count_text(number_of(*state, "suspects")),
                                    number_of(*state, "steps_done"),
                                    padded(text_of(*state, "board"), 12), title_of(*state));
        if (const std::string ask = text_of(*state, "awaits_space"); !ask.empty())
            terminal.out << "      " << terminal.paint(Colour::bad, "waits for disk space: " + ask)
                         << '\n';
    }
}

void print_boards(const std::vector<const Json*>& boards, const Terminal& terminal) {
    if (boards.empty()) terminal.out << "no board is configured\n";
    for (const Json* board : boards) {
        const std::string state = text_of(*board, "state");
        terminal.out << fmt::format("{}  {}  {}", padded(text_of(*board, "name"), 16),
                                    padded(text_of(*board, "kind"), 16),
                                    terminal.paint(colour_of(state), state));
        if (const std::uint64_t holder = number_of(*board, "holder"); holder != 0)
            terminal.out << ", bisection " << holder;
        if (const std::string queue = numbers_of(*board, "waiting"); !queue.empty())
            terminal.out << ", then " << queue;
        if (const std::string ask = text_of(*board, "ask"); !ask.empty())
            terminal.out << ": " << ask;
        terminal.out << '\n';
    }
}

}  // namespace bisectd::ctl
