#include <fmt/format.h>

#include "adapters/http/html.hpp"
#include "adapters/http/page.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/state_json.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

std::string seconds_between(std::int64_t from_ms, std::int64_t to_ms) {
    return to_ms > from_ms ? duration_text(static_cast<double>(to_ms - from_ms) / 1000) : "";
}

std::string fact(std::string_view name, const std::string& html) {
    return html.empty() ? "" : fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, html);
}

std::string commits(const std::vector<CommitId>& ids) {
    std::string out;
    for (const CommitId& id : ids)
        out += fmt::format("{}<code>{}</code>", out.empty() ? "" : ", ", escaped(id.brief()));
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
    for (const std::string& text : texts)
        brief.push_back(CommitId::parse(text) ? text.substr(0, 12) : text);
    return joined(brief);
}

std::string asked_part(const BisectionState& state) {
    if (!state.requested) return "";
    const StartRequest& request = state.requested->request;
    std::string good, bad = escaped(request.bad);
    for (std::size_t i = 0; i < request.good.size(); ++i) {
        good += (i == 0 ? "" : ", ") + escaped(request.good[i]);
        if (state.range && i < state.range->good.size())
            good += " " + commits({state.range->good[i]});
    }
    if (state.range) bad += " " + commits({state.range->bad});
    std::string range = state.range ? count_of(state.range->suspects, "suspect") : "";
    if (state.range && !state.range->merge_bases.empty())
        range += ", merge bases first: " + commits(state.range->merge_bases);
    if (request.first_parent) range += ", first parents only";
    std::string out = "<dl class=\"facts\">\n";
    out += fact("Good", good) + fact("Bad", bad) + fact("Range", range);
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
    if (state.ended)
        out += fact("Took", seconds_between(state.requested_ms_utc, state.last_ms_utc));
    return out + "</dl>\n";
}

std::string progress_part(const BisectionPage& page) {
    const Progress& now = page.progress;
    if (page.state.ended || now.what.empty()) return "";
    std::string bar = now.total == 0 ? "<progress></progress>"
                                     : fmt::format("<progress value=\"{}\" max=\"{}\"></progress>",
                                                   now.done, now.total);
    std::string count = now.total == 0 ? "" : fmt::format("{} of {}", now.done, now.total);
    if (now.what == "upload" && now.total != 0)
        count = size_text(now.done) + " of " + size_text(now.total);
    return fmt::format("<p class=\"now\"><b>{}</b> {} <span>{}</span> <small>{}</small></p>\n",
                       escaped(now.what), bar, count,
                       escaped(std::string_view(now.text).substr(0, 200)));
}

std::string notices(const BisectionState& state) {
    if (state.activity == Activity::parked)
        return fmt::format(
            "<p class=\"notice\"><b>A person is needed.</b> {} Then: <code>bisectctl boards "
            "resume {}</code></p>\n",
            escaped(state.parked_ask),
            state.requested ? escaped(state.requested->request.board) : "BOARD");
    if (state.activity == Activity::paused)
        return fmt::format(
            "<p class=\"notice\"><b>Paused.</b> {} To go on: <code>bisectctl resume "
            "{}</code></p>\n",
            escaped(state.paused_why), state.id);
    return "";
}

std::string share(const VerdictGiven& given) {
    const std::string text = probability_text(word(given.verdict), given.bad_probability);
    return text.empty() ? "" : " <small>" + escaped(text) + "</small>";
}

std::string step_rows(BisectionId id, const StepState& step) {
    const std::string verdict =
        step.verdict ? badge(word(step.verdict->verdict)) + share(*step.verdict) : badge("testing");
    const std::string cause = step.verdict ? escaped(step.verdict->cause) : "";
    std::string out = fmt::format(
        "<tr id=\"step-{0}\"><td data-label=\"Step\" class=\"number\">{0}</td>"
        "<td data-label=\"Commit\" class=\"wide\"><code>{1}</code> {2}</td>"
        "<td data-label=\"Why\" class=\"short\">{3}</td><td data-label=\"Suspects\" "
        "class=\"number\">{4}</td>"
        "<td data-label=\"Verdict\">{5}</td><td data-label=\"Cause\">{6}</td>"
        "<td data-label=\"Time\" class=\"number\">{7}</td></tr>\n",
        step.number, escaped(step.commit.brief()), escaped(step.subject),
        purpose_text(step.purpose), count_text(step.suspects), verdict, cause,
        seconds_between(step.started_ms_utc, step.ended_ms_utc));
    if (!step.attempts.empty())
        out += "<tr class=\"more\"><td></td><td colspan=\"6\">" + attempts_part(id, step) +
               "</td></tr>\n";
    return out;
}

std::string steps_part(const BisectionState& state) {
    if (state.steps.empty()) return "";
    std::string out =
        "<h2>Steps</h2>\n<table class=\"rows steps\"><thead><tr><th class=\"number\">#</th>"
        "<th>Commit</th><th>Why</th><th class=\"number\">Suspects</th><th>Verdict</th>"
        "<th>Cause</th><th class=\"number\">Time</th></tr></thead>\n<tbody>\n";
    for (const StepState& step : state.steps) out += step_rows(state.id, step);
    return out + "</tbody></table>\n";
}

std::string incidents_part(const std::vector<EventRecord>& incidents) {
    if (incidents.empty()) return "";
    std::string out = "<h2>On the way</h2>\n<ul class=\"events\">\n";
    for (const EventRecord& record : incidents)
        out += fmt::format("<li>{} {}</li>\n", html_time(record.at_ms_utc),
                           escaped(sentence(record.event)));
    return out + "</ul>\n";
}

}  // namespace

std::string bisection_page(const BisectionPage& page) {
    const BisectionState& state = page.state;
    const StartRequest request = state.requested ? state.requested->request : StartRequest{};
    const std::string title = request.title.empty() ? request.recipe : request.title;
    std::string main = fmt::format(
        "<h1>{} {}</h1>\n<p class=\"summary\">Bisection {}: {} left after {}</p>\n", escaped(title),
        badge(state.ended ? word(state.ended->ending) : word(state.activity)), state.id,
        count_of(suspects_left(state), "suspect"), count_of(steps_done(state), "step"));
    main += notices(state) + progress_part(page) + ending_part(state);
    main += asides_part(state, page.asides) + asked_part(state);
    main += narrowing_part(state) + steps_part(state) + incidents_part(page.incidents);
    main += fmt::format(
        "<p class=\"links\"><a href=\"/api/v1/bisections/{0}/git-log\">git bisect log</a> "
        "<a href=\"/api/v1/bisections/{0}\">JSON</a></p>\n",
        state.id);
    return html_page(title, main);
}

}  // namespace bisectd::http
