#include <fmt/format.h>

#include "adapters/http/page.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

std::string commits(const std::vector<CommitId>& ids, const Hosting& hosting) {
    std::string out;
    for (const CommitId& id : ids) out += (out.empty() ? "" : ", ") + hosting.link(id);
    return out;
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
    return escaped(out);
}

/// Hints are full ids once they are pinned.
std::string brief_ids(const std::vector<std::string>& texts) {
    std::vector<std::string> brief;
    brief.reserve(texts.size());
    for (const std::string& text : texts)
        brief.push_back(CommitId::parse(text) ? text.substr(0, 12) : text);
    return joined(brief);
}

std::string range_fact(const BisectionState& state, const Hosting& hosting) {
    const StartRequest& request = state.requested->request;
    std::string range = state.range ? count_of(state.range->suspects, "suspect") : "";
    if (state.range && !state.range->merge_bases.empty())
        range += ", merge bases first: " + commits(state.range->merge_bases, hosting);
    if (request.first_parent) range += ", first parents only";
    return range;
}

std::string share(const VerdictGiven& given) {
    const std::string text = probability_text(word(given.verdict), given.bad_probability);
    return text.empty() ? "" : " <small>" + escaped(text) + "</small>";
}

std::string attempt_links(BisectionId id, const StepState& step) {
    std::string out;
    for (const AttemptState& attempt : step.attempts) {
        const std::string_view outcome =
            attempt.ended ? word(attempt.ended->outcome) : std::string_view("going on");
        out += fmt::format(
            "<a class=\"attempt\" href=\"/bisections/{0}/steps/{1}/attempts/{2}\">Attempt {2} on "
            "{3}: {4}{5}</a>\n",
            id, step.number, attempt.number, escaped(attempt.board), escaped(outcome),
            attempt.looks.empty() ? "" : ", " + escaped(looks_text(attempt.looks)));
    }
    return out;
}

std::string step_row(BisectionId id, const StepState& step, const Hosting& hosting) {
    const std::string verdict =
        badge(mark_of(step)) + (step.verdict ? share(*step.verdict) : std::string());
    return fmt::format(
        "<tr id=\"step-{0}\"><td data-label=\"Step\" class=\"number\">{0}</td>"
        "<td class=\"wide\">{1} {2}<br><small>{3}</small></td>"
        "<td data-label=\"Left\" class=\"number\">{4}</td>"
        "<td data-label=\"Verdict\">{5}</td><td data-label=\"Cause\">{6}</td>"
        "<td data-label=\"Attempts\">{7}</td>"
        "<td data-label=\"Begun\">{8}</td><td data-label=\"Time\" class=\"number\">{9}</td></tr>\n",
        step.number, hosting.link(step.commit), escaped(step.subject), purpose_text(step.purpose),
        count_text(step.suspects), verdict, escaped(step.verdict ? step.verdict->cause : ""),
        attempt_links(id, step), html_clock(step.started_ms_utc),
        html_duration(step.started_ms_utc, step.ended_ms_utc));
}

}  // namespace

std::string asked_part(const BisectionState& state, const Hosting& hosting) {
    if (!state.requested) return "";
    const StartRequest& request = state.requested->request;
    std::string good, bad = escaped(request.bad);
    for (std::size_t i = 0; i < request.good.size(); ++i) {
        good += (i == 0 ? "" : ", ") + escaped(request.good[i]);
        if (state.range && i < state.range->good.size())
            good += " " + hosting.link(state.range->good[i]);
    }
    if (state.range) bad += " " + hosting.link(state.range->bad);
    std::string out = "<h2>What was asked</h2>\n<dl class=\"facts\">\n";
    out += fact("Good", good) + fact("Bad", bad) + fact("Range", range_fact(state, hosting));
    out += fact("Paths", joined(request.paths)) + fact("Recipe", escaped(request.recipe));
    out += fact(request.more_boards.empty() ? "Board" : "Boards", joined(request.boards()));
    out += fact("Hints", brief_ids(request.hints));
    out += fact("Seen before",
                request.seen_runs == 0
                    ? ""
                    : fmt::format("{} in {}", count_of(request.seen_failures, "failure"),
                                  count_of(request.seen_runs, "run")));
    out += fact("Confidence", fmt::format("{:.6g} %{}", request.confidence * 100,
                                          request.trust_ends ? ", ends trusted" : ""));
    out += fact("Repository", "<code>" + escaped(request.repository) + "</code>");
    out += fact("Begun (UTC)", html_time(state.requested_ms_utc));
    if (state.ended) out += fact("Took", html_duration(state.requested_ms_utc, state.last_ms_utc));
    return out + "</dl>\n";
}

std::string steps_part(const BisectionState& state, const Hosting& hosting) {
    if (state.steps.empty()) return "";
    std::string out =
        "<h2>Steps</h2>\n<table class=\"rows steps\"><thead><tr><th class=\"number\">#</th>"
        "<th>Commit</th><th class=\"number\">Left</th><th>Verdict</th>"
        "<th>Cause</th><th>Attempts</th><th>Begun</th><th class=\"number\">Time</th></tr></thead>\n"
        "<tbody>\n";
    for (const StepState& step : state.steps) out += step_row(state.id, step, hosting);
    return out + "</tbody></table>\n";
}

}  // namespace bisectd::http
