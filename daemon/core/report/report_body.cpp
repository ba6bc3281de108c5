#include "core/report/report_body.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <set>

#include "core/printable.hpp"

namespace bisectd {
namespace {

constexpr std::size_t longest_title_bytes = 120;
constexpr std::size_t most_named_suspects = 20;
/// A longer log is asked for with `bisectctl log`.
constexpr std::size_t most_log_lines = 80;

/// One printable line, so that no text from outside begins a line of the body.
std::string line_of(std::string_view text, std::size_t most_bytes = 300) {
    const std::string_view first = text.substr(0, text.find_first_of("\r\n"));
    std::string line = printable(first.substr(0, most_bytes));
    return first.size() > most_bytes ? line + "..." : line;
}

std::string plural(std::uint64_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string percent_text(double share) {
    if (share > 0.999) return "over 99.9 %";
    const auto tenths = static_cast<long>(std::floor(std::clamp(share, 0.0, 1.0) * 1000));
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

std::string date_text(std::int64_t seconds) {
    using namespace std::chrono;
    // Years 1 to 9999; a commit may say anything.
    if (seconds < -62135596800 || seconds > 253402300799) return "at no date";
    const year_month_day date{floor<days>(sys_seconds{std::chrono::seconds{seconds}})};
    const auto two = [](unsigned number) {
        return (number < 10 ? "0" : "") + std::to_string(number);
    };
    return std::to_string(static_cast<int>(date.year())) + "-" +
           two(static_cast<unsigned>(date.month())) + "-" + two(static_cast<unsigned>(date.day()));
}

std::string heading(const std::string& text) {
    return "\n" + text + "\n" + std::string(text.size(), '-') + "\n";
}

std::string shell_word(const std::string& text) {
    const bool plain = !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("-_./=:,+@%^~").find(c) != std::string_view::npos;
    });
    if (plain) return text;
    std::string out = "'";
    for (const char c : line_of(text))
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    return out + "'";
}

const char* name_of(Purpose purpose) {
    switch (purpose) {
        case Purpose::proof_culprit:
            return "the culprit, again";
        case Purpose::proof_parent:
            return "its parent, again";
        case Purpose::proof_revert:
            return "the bad end with the culprit reverted";
        case Purpose::bad_end:
            return "the bad end";
        case Purpose::good_end:
            return "the good end";
        default:
            return "on the way";
    }
}

std::string opening(const ReportFacts& facts) {
    const ReportedResult& result = facts.result;
    const BisectionState& state = facts.state;
    const bool found = result.ending == Ending::culprit;
    std::string text = "Hi,\n\n";
    text += found ? "a regression was bisected to the commit below by testing on "
                  : "a regression was narrowed to the commits below by testing on ";
    text += facts.recipe.build.kind == BuildKind::kernel ? "booted kernels.\n\n" : "builds.\n\n";
    if (facts.recipe.build.kind != BuildKind::kernel) return text;
    text += "#regzbot introduced: ";
    if (found)
        text += result.commits.front().hex();
    else if (state.range && !state.range->good.empty())
        text += state.range->good.front().hex() + ".." + state.range->bad.hex();
    return text + "\n#regzbot title: " + report_title(facts) + "\n";
}

std::string culprit_part(const ReportFacts& facts) {
    const ReportedResult& result = facts.result;
    if (result.ending == Ending::culprit) {
        std::string text = heading("Culprit") + "  commit " + result.commits.front().hex() + "\n";
        text += "  Author: " + line_of(facts.author) + "\n";
        text += "  Date:   " + date_text(facts.author_time_s_utc) + " (UTC)\n\n";
        return text + "      " + culprit_subject(facts) + "\n";
    }
    std::string text = heading("Suspects that are left: " + std::to_string(result.commits.size()));
    for (std::size_t i = 0; i < std::min(result.commits.size(), most_named_suspects); ++i)
        text += "  " + result.commits[i].hex() + " " +
                line_of(facts.state.subject_of(result.commits[i]), longest_title_bytes) + "\n";
    if (result.commits.size() > most_named_suspects) text += "  ...\n";
    return text + "\n  " + line_of(result.cause, 1000) + "\n";
}

const Symptom* reported_symptom(const ReportFacts& facts) {
    for (const Symptom& symptom : facts.recipe.symptoms)
        if (symptom.name == facts.result.symptom) return &symptom;
    return nullptr;
}

std::string symptom_part(const ReportFacts& facts) {
    std::string text = heading("Symptom") + "  " + line_of(facts.recipe.title) + " (" +
                       line_of(facts.result.symptom) + ")\n";
    const Symptom* symptom = reported_symptom(facts);
    if (symptom != nullptr) text += "  reproducer: " + line_of(symptom->command) + "\n";
    for (const auto& [name, other] : facts.state.conclusions)
        if (name != facts.result.symptom && other.ending == Ending::culprit &&
            !other.commits.empty())
            text += "  Another symptom of the same range, " + line_of(name) +
                    ", has its own culprit: " + other.commits.front().brief() + "\n";
    return text;
}

std::string range_part(const ReportFacts& facts) {
    const BisectionState& state = facts.state;
    std::string text = heading("Range");
    if (!state.range || !state.requested) return text;
    const StartRequest& request = state.requested->request;
    for (std::size_t i = 0; i < state.range->good.size(); ++i)
        text += "  good: " + state.range->good[i].hex() +
                (i < request.good.size() ? " (" + line_of(request.good[i]) + ")" : "") + "\n";
    text += "  bad:  " + state.range->bad.hex() + " (" + line_of(request.bad) + ")\n";
    std::uint64_t boots = 0, runs = 0;
    for (const StepState& step : state.steps)
        for (const AttemptState& attempt : step.attempts) {
            boots += attempt.proven ? 1 : 0;
            runs += attempt.runs();
        }
    text += "  " + plural(state.range->suspects, "commit") + " in it, " +
            plural(state.steps.size(), "step") + ", ";
    if (boots > 0) text += plural(boots, "boot") + ", ";
    return text + plural(runs, "run") + " of the reproducer\n";
}

/// What the attempts of a step showed, all together.
std::string evidence_of_step(const StepState& step, const std::string& symptom) {
    std::uint64_t hits = 0, clean = 0;
    std::string rebuild;
    std::set<std::string> releases;
    for (const AttemptState& attempt : step.attempts) {
        if (attempt.withdrawn) continue;
        hits += attempt.count(Look::hit, symptom);
        clean += attempt.count(Look::clean, symptom);
        if (attempt.built && !attempt.built->rebuild.empty()) rebuild = attempt.built->rebuild;
        if (attempt.proven) releases.insert(line_of(attempt.proven->release));
    }
    std::string text;
    if (hits + clean > 0)
        text = "symptom in " + std::to_string(hits) + " of " + plural(hits + clean, "run");
    if (!rebuild.empty())
        text += (text.empty() ? "" : "; ") + std::string("rebuilt from clean: ") + line_of(rebuild);
    for (const std::string& release : releases)
        text += (text.empty() ? "" : "; ") + std::string("uname -r: ") + release;
    return text;
}

std::string proof_part(const ReportFacts& facts) {
    const ReportedResult& result = facts.result;
    const BisectionState& state = facts.state;
    std::string text = heading("Confidence and proof");
    if (result.confidence > 0)
        text += "  " + percent_text(result.confidence) + " sure of it before the proof" +
                (result.ending == Ending::culprit ? ":\n" : "\n");
    const auto suspect = state.suspects.find(result.symptom);
    const std::size_t from = suspect == state.suspects.end() ? 0 : suspect->second.steps_before;
    for (const StepState& step : state.steps) {
        const bool end = step.purpose == Purpose::bad_end || step.purpose == Purpose::good_end;
        const bool proof = step.is_proof() && step.number > from;
        const auto verdict = step.verdicts.find(result.symptom);
        if (!(end || proof) || verdict == step.verdicts.end()) continue;
        text += "  - " + std::string(name_of(step.purpose)) + ", " + step.commit.brief() + ": " +
                std::string(word(verdict->second.verdict)) + "\n";
        const std::string shown = evidence_of_step(step, result.symptom);
        if (!shown.empty()) text += "    " + shown + "\n";
    }
    text += "  Each kernel was built in a clean tree";
    text += facts.recipe.build.kind == BuildKind::kernel
                ? ", and its build-id was read\n  from the running system before anything was "
                  "concluded from it.\n"
                : ".\n";
    if (suspect != state.suspects.end())
        for (const std::string& flag : suspect->second.named.flags)
            text += "  Mind: " + line_of(flag) + "\n";
    return text;
}

std::string boards_part(const ReportFacts& facts) {
    std::map<std::string, std::set<std::string>> boards;  // and what ran on them
    std::set<std::string> compilers;
    for (const StepState& step : facts.state.steps)
        for (const AttemptState& attempt : step.attempts) {
            std::set<std::string>& releases = boards[attempt.board];
            const bool tells = step.is_proof() || step.purpose == Purpose::bad_end;
            if (attempt.proven && tells) releases.insert(attempt.proven->release);
            if (attempt.built && !attempt.built->compiler.empty())
                compilers.insert(line_of(attempt.built->compiler));
        }
    std::string text = heading("Boards and versions");
    for (const auto& [board, releases] : boards) {
        text += "  board " + line_of(board);
        if (!facts.recipe.build.arch.empty()) text += " (" + line_of(facts.recipe.build.arch) + ")";
        std::string list;
        for (const std::string& release : releases)
            list += (list.empty() ? ": " : ", ") + line_of(release);
        text += list + "\n";
    }
    for (const std::string& compiler : compilers) text += "  built with " + compiler + "\n";
    return text + "  bisectd " + line_of(facts.version) + "\n";
}

std::string logs_part(const ReportFacts& facts) {
    std::string text;
    for (const ReportedLogs& logs : facts.logs) {
        if (logs.difference.bad.empty()) continue;
        text += heading("Where the " + logs.which + " logs part");
        text += "  good (" + line_of(logs.good_place) + "):\n";
        for (const std::string& line : logs.difference.good)
            text += "    | " + line_of(line) + "\n";
        text += "  bad (" + line_of(logs.bad_place) + "):\n";
        for (const std::string& line : logs.difference.bad) text += "    | " + line_of(line) + "\n";
    }
    return text;
}

std::string build_commands(const BuildSpec& build) {
    if (build.kind != BuildKind::kernel) return "  " + line_of(build.command, 1000) + "\n";
    std::string make = "  make";
    if (!build.arch.empty()) make += " ARCH=" + shell_word(build.arch);
    if (!build.cross_compile.empty()) make += " CROSS_COMPILE=" + shell_word(build.cross_compile);
    std::string text;
    const bool from_file = build.base_config.starts_with("file:");
    if (from_file)
        text += "  cp " + shell_word(build.base_config.substr(5)) + " .config\n";
    else
        text += make + " " + shell_word(build.base_config) + "\n";
    if (!build.fragments.empty()) {
        text += "  scripts/kconfig/merge_config.sh -m .config";
        for (const std::string& fragment : build.fragments) text += " " + shell_word(fragment);
        text += "\n";
    }
    text += make + " olddefconfig\n" + make;
    for (const std::string& target : build.targets) text += " " + shell_word(target);
    return text + "\n";
}

std::string repeat_part(const ReportFacts& facts) {
    const ReportedResult& result = facts.result;
    std::string text = heading("To repeat it");
    text += "  git checkout " + result.commits.front().brief() + "     # bad\n";
    text += build_commands(facts.recipe.build);
    if (!facts.recipe.patches.empty())
        text += "  # some commits of the range need patches: see the recipe\n";
    if (const Symptom* symptom = reported_symptom(facts))
        text += "  # on the board, with the files of the recipe:\n  " +
                line_of(symptom->command, 1000) + "\n";
    if (!facts.state.requested || !facts.state.range) return text;
    const StartRequest& request = facts.state.requested->request;
    text += "\n  bisectctl start --repo .";
    for (const CommitId& good : facts.state.range->good) text += " --good " + good.brief();
    text += " --bad " + facts.state.range->bad.brief() + " --recipe " + shell_word(request.recipe);
    for (const std::string& board : request.boards()) text += " --board " + shell_word(board);
    if (request.first_parent) text += " --first-parent";
    if (!request.paths.empty()) text += " --";
    for (const std::string& path : request.paths) text += " " + shell_word(path);
    return text + "\n";
}

std::string log_part_of(const ReportFacts& facts) {
    std::string text = heading("git bisect log");
    std::string_view rest = facts.git_log;
    for (std::size_t lines = 0; !rest.empty(); ++lines) {
        if (lines == most_log_lines) return text + "  ... (\"bisectctl log\" prints all of it)\n";
        text += "  " + line_of(rest) + "\n";
        const std::size_t end = rest.find('\n');
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    return text;
}

}  // namespace

std::string report_title(const ReportFacts& facts) {
    const bool named = facts.state.requested && !facts.state.requested->request.title.empty();
    std::string title = line_of(named                        ? facts.state.requested->request.title
                                : facts.recipe.title.empty() ? facts.recipe.name
                                                             : facts.recipe.title,
                                longest_title_bytes);
    if (facts.recipe.symptoms.size() > 1) title += " (" + line_of(facts.result.symptom) + ")";
    return title;
}

std::string culprit_subject(const ReportFacts& facts) {
    return line_of(facts.message, longest_title_bytes);
}

std::string report_body(const ReportFacts& facts) {
    return opening(facts) + culprit_part(facts) + symptom_part(facts) + range_part(facts) +
           proof_part(facts) + logs_part(facts) + boards_part(facts) + repeat_part(facts) +
           log_part_of(facts);
}

}  // namespace bisectd
