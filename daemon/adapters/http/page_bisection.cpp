#include <fmt/format.h>

#include "adapters/http/page.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

/// What goes on at one place; the script finds the line by its board.
std::string progress_line(const Progress& now) {
    const bool idle = now.what.empty();
    const std::string bar =
        idle || now.total == 0 ? "<progress data-bar aria-label=\"how far it is\"></progress>"
                               : fmt::format(
                                     "<progress data-bar aria-label=\"how far it is\" value=\"{}\" "
                                     "max=\"{}\"></progress>",
                                     now.done, now.total);
    std::string count = now.total == 0 ? "" : fmt::format("{} of {}", now.done, now.total);
    if (now.what == "upload" && now.total != 0)
        count = size_text(now.done) + " of " + size_text(now.total);
    return fmt::format(
        "<p class=\"now{}\" data-board=\"{}\"><span><b data-what>{}</b>{}</span> {} "
        "<span data-count>{}</span> <small data-text>{}</small></p>\n",
        idle ? " idle" : "", escaped(now.board), escaped(idle ? "nothing this moment" : now.what),
        now.board.empty() ? "" : " on " + escaped(now.board), bar, count,
        escaped(std::string_view(now.text).substr(0, 200)));
}

std::string progress_part(const BisectionPage& page) {
    if (page.state.ended) return "";
    std::string out = "<div id=\"now\">\n";
    for (const Progress& now : page.going_on) out += progress_line(now);
    if (page.going_on.empty()) out += progress_line({});
    return out + "</div>\n";
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
    if (!state.awaits_space.empty())
        return fmt::format("<p class=\"notice\"><b>Waits for disk space.</b> {}</p>\n",
                           escaped(state.awaits_space));
    return "";
}

std::string button(BisectionId id, std::string_view what, std::string_view name) {
    return fmt::format(
        "<button type=\"button\" data-post=\"/api/v1/bisections/{}/{}\">{}</button>\n", id, what,
        name);
}

/// What people can do; each asks for the token once.
std::string buttons(const BisectionState& state) {
    if (state.ended) return "";
    std::string out = "<div class=\"buttons\" role=\"group\" aria-label=\"Change it\">\n";
    out += state.activity == Activity::running ? button(state.id, "pause", "Pause")
                                               : button(state.id, "resume", "Resume");
    out += fmt::format(
        "<button type=\"button\" data-judge=\"/api/v1/bisections/{}/judge\">Judge a commit"
        "</button>\n",
        state.id);
    out += fmt::format(
        "<button type=\"button\" class=\"danger\" data-post=\"/api/v1/bisections/{}/cancel\" "
        "data-sure=\"Cancel bisection {}? What was found stays; it cannot be resumed.\">Cancel"
        "</button>\n",
        state.id, state.id);
    return out +
           "</div>\n<noscript><p class=\"hint\">To change something without JavaScript: "
           "<code>bisectctl pause</code>, <code>judge</code>, <code>cancel</code>.</p>"
           "</noscript>\n";
}

std::string incidents_part(const Result<std::vector<EventRecord>>& incidents) {
    if (!incidents)
        return "<h2>On the way</h2>\n<p class=\"notice\">" + escaped(describe(incidents.error())) +
               "</p>\n";
    if (incidents->empty()) return "";
    std::string out = "<h2>On the way</h2>\n<ul class=\"events\">\n";
    for (const EventRecord& record : *incidents)
        out += fmt::format("<li>{} {}</li>\n", html_time(record.at_ms_utc),
                           escaped(sentence(record.event)));
    return out + "</ul>\n";
}

std::string report_part(const BisectionState& state) {
    if (!state.ended) return "";
    return fmt::format(
        "<h2 id=\"report\">Report</h2>\n<p>The mail that a maintainer wants, never sent by "
        "itself: <code>bisectctl report {0}</code>, or <a "
        "href=\"/api/v1/bisections/{0}/report\">as text</a>.</p>\n"
        "<details id=\"report-text\" data-fetch=\"/api/v1/bisections/{0}/report\"><summary>Show "
        "it</summary><pre class=\"copy\" tabindex=\"0\" data-keep></pre></details>\n",
        state.id);
}

std::string pictures(const BisectionPage& page) {
    if (!page.survey)
        return (page.survey.error().kind == ErrorKind::cancelled ? "<span data-again></span>\n"
                                                                 : "") +
               narrowing_part(page.state);
    return range_part(page.state, **page.survey) +
           graph_part(page.state, **page.survey, page.hosting);
}

}  // namespace

std::string_view mark_of(const StepState& step) {
    return step.verdict ? word(step.verdict->verdict) : std::string_view("testing");
}

std::string bisection_page(const BisectionPage& page) {
    const BisectionState& state = page.state;
    const SummaryView& view = page.view;
    const std::string title = view.title.empty() ? view.recipe : view.title;
    std::string main = fmt::format(
        "<p class=\"crumbs\"><a href=\"/\">Bisections</a> / {}</p>\n<div class=\"head\"><div>"
        "<h1>{} {}</h1>\n<p class=\"summary\">{} left after {}{}{}</p></div>\n{}</div>\n",
        state.id, escaped(title),
        badge(state.ended ? word(state.ended->ending) : word(state.activity)),
        count_of(view.suspects, "suspect"), count_of(view.steps_done, "step"),
        view.confidence > 0 ? ", " + percent_text(view.confidence) + " sure" : "",
        view.expected_end_ms_utc != 0
            ? ", end expected " + html_time(view.expected_end_ms_utc) + " UTC"
            : "",
        buttons(state));
    main += notices(state) + progress_part(page) + ending_part(state, page.hosting);
    main += pictures(page);
    main += asides_part(state, page.hosting) + asked_part(state, page.hosting);
    main += steps_part(state, page.hosting);
    if (page.work) main += timeline_part(state, *page.work);
    main += incidents_part(page.incidents) + report_part(state);
    main += fmt::format(
        "<p class=\"links\"><a href=\"/api/v1/bisections/{0}/git-log\">git bisect log</a> "
        "<a href=\"/api/v1/bisections/{0}\">JSON</a></p>\n",
        state.id);
    return html_page(title, "/", main);
}

}  // namespace bisectd::http
