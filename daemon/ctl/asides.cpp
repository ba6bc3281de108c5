#include "ctl/asides.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::ctl {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t most_judged = 50;

bool is_true(const Json& object, std::string_view name) {
    const auto* part = object.if_contains(name);
    return part != nullptr && part->is_bool() && part->get_bool();
}

void add_asked(const Json& request, Lines& lines) {
    if (list_size(request, "more_boards") > 0)
        lines.emplace_back("shared by", texts_of(request, "more_boards"));
    if (list_size(request, "hints") > 0) lines.emplace_back("hints", texts_of(request, "hints"));
    if (number_of(request, "seen_runs") > 0)
        lines.emplace_back(
            "seen",
            fmt::format("{} in {}", count_of(number_of(request, "seen_failures"), "failure"),
                        count_of(number_of(request, "seen_runs"), "run")));
    if (is_true(request, "trust_ends")) lines.emplace_back("ends", "trusted, not tested");
    if (const double confidence = seconds_of(request, "confidence"); confidence > 0)
        lines.emplace_back("confidence", fmt::format("{:.6g} %", confidence * 100));
    if (const double priority = seconds_of(request, "priority"); priority != 0)
        lines.emplace_back("priority", fmt::format("{:.0f}", priority));
}

/// "3 h 20 min, 11 commits, 2,400 runs (said 12 min ago)".
std::string expected_of(const Json& state) {
    const Json& estimate = part_of(state, "estimate");
    Estimated estimated;
    estimated.seconds = seconds_of(estimate, "seconds");
    estimated.steps = seconds_of(estimate, "steps");
    estimated.runs = seconds_of(estimate, "runs");
    std::string text = expected_text(estimated);
    const std::uint64_t said = number_of(state, "estimated_ms_utc");
    const std::uint64_t now = number_of(state, "last_ms_utc");
    constexpr std::uint64_t old_ms = 60'000;
    if (said > 0 && now >= said + old_ms)
        text += " (said " + duration_text(static_cast<double>(now - said) / 1000) + " ago)";
    return text;
}

}  // namespace

Lines asides_of(const Json& state, bool now) {
    Lines lines;
    if (!now) add_asked(part_of(part_of(state, "requested"), "request"), lines);
    if (!part_of(state, "estimate").empty() && part_of(state, "ended").empty())
        lines.emplace_back("expected", expected_of(state));
    std::string ahead;
    for (const Json* build : list_of(state, "building_ahead"))
        ahead += (ahead.empty() ? "" : ", ") + brief_of(*build, "commit");
    if (!ahead.empty()) lines.emplace_back("ahead", "building " + ahead);
    if (const std::uint64_t built = number_of(state, "built_ahead"); built > 0 && !now)
        lines.emplace_back("ahead",
                           count_of(built, "commit") + " built before a board needed them");
    for (const Json* board : list_of(state, "quarantined"))
        lines.emplace_back("not used", text_of(*board, "board") + ": " + text_of(*board, "why"));
    for (const Json* found : list_of(state, "contradictions"))
        lines.emplace_back("doubt", fmt::format("{} was bad and its descendant {} good: {}",
                                                brief_of(*found, "bad"), brief_of(*found, "good"),
                                                text_of(*found, "cause")));
    return lines;
}

std::vector<std::string> judged_lines(const Json& state) {
    std::vector<std::string> lines;
    const std::vector<const Json*> judged = list_of(state, "judged");
    for (const Json* one : judged) {
        if (lines.size() == most_judged) {
            lines.push_back(fmt::format("and {} more", judged.size() - most_judged));
            break;
        }
        const std::string symptom = text_of(*one, "symptom"), why = text_of(*one, "why");
        lines.push_back(fmt::format(
            "{} {}{}{}", brief_of(*one, "commit"),
            is_true(*one, "withdrawn") ? "withdrawn" : text_of(*one, "verdict"),
            symptom.empty() ? "" : " (" + symptom + ")", why.empty() ? "" : ": " + why));
    }
    return lines;
}

std::string verdict_of(const Json& verdict) {
    const std::string word = text_of(verdict, "verdict");
    const bool said = verdict.contains("bad_probability");
    const std::string sure =
        said ? probability_text(word, seconds_of(verdict, "bad_probability")) : "";
    return sure.empty() ? word : word + ", " + sure;
}

}  // namespace bisectd::ctl
