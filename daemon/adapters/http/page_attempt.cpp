#include <fmt/format.h>

#include <algorithm>

#include "adapters/http/ansi.hpp"
#include "adapters/http/page.hpp"
#include "adapters/http/target.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

std::string code(const std::string& text, std::size_t length) {
    return text.empty() ? "" : "<code>" + escaped(text.substr(0, length)) + "</code>";
}

std::string list(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + escaped(text);
    return out;
}

std::string tree_evidence(const TreePrepared& tree) {
    std::string html = "clean tree " + code(tree.tree, 12);
    if (!tree.patches.empty()) html += "; patches: " + list(tree.patches);
    return html;
}

std::string build_evidence(const Built& built) {
    std::string html = built.from_store ? "from the store" : duration_text(built.seconds);
    if (!built.release.empty()) html += ", " + code(built.release, 100);
    if (!built.build_id.empty()) html += ", build-id " + code(built.build_id, 16);
    if (!built.image_sha256.empty()) html += ", SHA-256 " + code(built.image_sha256, 16);
    if (!built.compiler.empty()) html += ", " + escaped(built.compiler);
    if (!built.rebuild.empty())
        html += ", rebuilt: " + badge(built.rebuild) + " to the one in the store";
    if (!built.drift.empty()) html += "; config drift: " + list(built.drift);
    return html;
}

std::string deploy_evidence(const Deployed& deployed) {
    std::string html = size_text(deployed.bytes) + " in " + duration_text(deployed.seconds) + ", " +
                       code(deployed.path, 200);
    if (!deployed.removed.empty()) html += "; removed " + list(deployed.removed);
    return html;
}

std::string prove_evidence(const KernelProven& proven, const AttemptState& attempt) {
    std::string html = duration_text(proven.boot_seconds) + ", " + code(proven.release, 100) +
                       ", build-id " + code(proven.build_id, 16) + ", boot id ";
    if (attempt.boot_started) html += code(attempt.boot_started->boot_id_before, 8) + " to ";
    return html + code(proven.boot_id, 8);
}

std::string run_evidence(const AttemptState& attempt) {
    std::string html = escaped(looks_text(attempt.looks));
    const BatchState& batch = attempt.batches.back();
    if (!batch.ended && batch.planned > batch.last_run)
        html += fmt::format(" of {} planned",
                            count_text(attempt.runs() + batch.planned - batch.last_run));
    if (!batch.symptom.empty()) html += ", symptom " + escaped(batch.symptom);
    return html;
}

/// The highest rung that left evidence.
Rung highest(const AttemptState& attempt) {
    return !attempt.batches.empty() ? Rung::run
           : attempt.proven         ? Rung::prove
           : attempt.boot_started   ? Rung::boot
           : attempt.deployed       ? Rung::deploy
           : attempt.built          ? Rung::build
                                    : Rung::check_out;
}

/// A rung of the ladder: reached, standing on it, fallen from it, left out (a kernel out of the
/// store, a recipe that boots nothing), or not reached.
std::string rung_row(const AttemptState& attempt, Rung rung, const std::string& evidence,
                     std::int64_t from_ms, std::int64_t to_ms) {
    const bool fell = attempt.ended && attempt.ended->rung == rung &&
                      attempt.ended->outcome != Outcome::good_looking &&
                      attempt.ended->outcome != Outcome::bad_looking;
    const bool reached = !evidence.empty();
    const std::string_view mark = fell ? "fell" : reached ? "reached" : "ahead";
    std::string html = evidence;
    if (fell) html += (html.empty() ? "" : "; ") + escaped(attempt.ended->cause);
    return fmt::format(
        "<li class=\"{0}\"><b>{1}</b> <span class=\"time\">{2} {3}</span> <span>{4}</span></li>\n",
        mark, rung_text(rung), html.empty() ? "" : html_clock(from_ms),
        html.empty() ? "" : html_duration(from_ms, to_ms),
        !html.empty()             ? html
        : rung < highest(attempt) ? "not needed"
                                  : "not reached");
}

/// When each kind of event came; the first of a kind.
struct Times {
    std::int64_t started = 0, tree = 0, build = 0, built = 0, deployed = 0, boot = 0, proven = 0,
                 runs = 0, ended = 0;

    void operator()(const EventRecord& record) {
        const auto note = [&record](std::int64_t& out) {
            if (out == 0) out = record.at_ms_utc;
        };
        const std::string_view what = kind(record.event);
        if (what == AttemptStarted::kind) note(started);
        if (what == TreePrepared::kind) note(tree);
        if (what == BuildStarted::kind) note(build);
        if (what == Built::kind) note(built);
        if (what == Deployed::kind) note(deployed);
        if (what == BootStarted::kind) note(boot);
        if (what == KernelProven::kind) note(proven);
        if (what == RunsStarted::kind) note(runs);
        if (what == AttemptEnded::kind) note(ended);
    }
};

std::string ladder(const AttemptState& attempt, const Times& t) {
    std::string out = "<h2>The ladder</h2>\n<ol class=\"ladder\">\n";
    out += rung_row(attempt, Rung::check_out, attempt.tree ? tree_evidence(*attempt.tree) : "",
                    t.started, t.tree);
    const bool building = !attempt.build_log.empty() && !attempt.built && !attempt.ended;
    out += rung_row(attempt, Rung::build,
                    attempt.built ? build_evidence(*attempt.built)
                    : building    ? "going on"
                                  : "",
                    t.build != 0 ? t.build : t.tree, t.built);
    out +=
        rung_row(attempt, Rung::deploy, attempt.deployed ? deploy_evidence(*attempt.deployed) : "",
                 t.built, t.deployed);
    const bool booting = attempt.boot_started && !attempt.proven && !attempt.ended;
    out += rung_row(attempt, Rung::boot,
                    attempt.proven ? "answered"
                    : booting      ? "going on"
                                   : "",
                    t.boot, t.proven);
    out += rung_row(attempt, Rung::prove,
                    attempt.proven ? prove_evidence(*attempt.proven, attempt) : "", t.proven, 0);
    out += rung_row(attempt, Rung::run, attempt.batches.empty() ? "" : run_evidence(attempt),
                    t.runs, t.ended);
    return out + "</ol>\n";
}

std::string runs_part(const AttemptPage& page) {
    if (page.runs.empty()) return "";
    std::string dots, rows;
    constexpr std::size_t most_runs_in_table = 50;
    for (const RunView& run : page.runs)
        dots += fmt::format("<i class=\"{0}\" title=\"run {1}: {0}, {2} ms\"></i>", word(run.look),
                            run.number, count_text(run.ms));
    for (std::size_t i = 0; i < std::min(page.runs.size(), most_runs_in_table); ++i) {
        const RunView& run = page.runs[i];
        rows += fmt::format(
            "<tr><td class=\"number\">{}</td><td>{}</td><td class=\"number\">{}</td>"
            "<td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
            run.number, badge(word(run.look)), run.exit, run.signal,
            duration_text(static_cast<double>(run.ms) / 1000));
    }
    const std::string path = fmt::format("/api/v1/bisections/{}/steps/{}/attempts/{}/runs",
                                         page.state.id, page.step.number, page.attempt.number);
    return fmt::format(
        "<h2>Runs</h2>\n<p class=\"dots\" role=\"img\" aria-label=\"{0}\">{1}</p>\n"
        "<p class=\"hint\">{2} of {3} shown; <a href=\"{4}\">all as JSON</a></p>\n"
        "<details><summary>The first ones as a table</summary><table class=\"plain\"><thead><tr>"
        "<th class=\"number\">Run</th><th>Look</th><th class=\"number\">Exit</th>"
        "<th class=\"number\">Signal</th><th class=\"number\">Time</th></tr></thead><tbody>\n{5}"
        "</tbody></table></details>\n",
        escaped(looks_text(page.attempt.looks)), dots, count_text(page.runs.size()),
        count_text(page.all_runs), path, rows);
}

std::string logs_part(const AttemptPage& page) {
    if (page.logs.empty())
        return "<h2>Logs</h2>\n<p class=\"empty\">Nothing was written yet.</p>\n";
    std::string out = "<h2>Logs</h2>\n";
    for (const AttemptPage::Log& log : page.logs) {
        std::string tail;
        for (const std::string& line : log.tail) tail += ansi_html(line) + "\n";
        const std::string path =
            fmt::format("/bisections/{}/steps/{}/attempts/{}/logs/{}", page.state.id,
                        page.step.number, page.attempt.number, log.name);
        out += fmt::format(
            "<section class=\"log-card\"><h3><a href=\"{0}\">{1} log</a> <small>{2}, {3}</small>"
            "</h3>\n<pre class=\"log\" tabindex=\"0\" aria-label=\"end of the {1} log\">{4}</pre>"
            "</section>\n",
            path, log.name, count_of(log.lines, "line"), size_text(log.size_bytes), tail);
    }
    return out;
}

}  // namespace

std::string attempt_page(const AttemptPage& page) {
    const AttemptState& attempt = page.attempt;
    Times times;
    if (page.moments)
        for (const EventRecord& record : *page.moments) times(record);
    const std::string title = fmt::format("Step {}, attempt {}", page.step.number, attempt.number);
    std::string main = fmt::format(
        "<p class=\"crumbs\"><a href=\"/\">Bisections</a> / <a href=\"/bisections/{0}\">{0}</a> / "
        "<a href=\"/bisections/{0}#step-{1}\">step {1}</a> / attempt {2}</p>\n<h1>{3} {4}</h1>\n"
        "<p class=\"summary\">{5} {6}</p>\n",
        page.state.id, page.step.number, attempt.number, title,
        badge(attempt.ended ? word(attempt.ended->outcome) : std::string_view("going on")),
        page.hosting.link(page.step.commit), escaped(page.step.subject));
    if (attempt.withdrawn)
        main += "<p class=\"notice\">What it showed was withdrawn and counts no more.</p>\n";
    main += "<dl class=\"facts\">\n" +
            fact("Board", fmt::format("<a href=\"/boards/{}\">{}</a>",
                                      percent_encoded(attempt.board), escaped(attempt.board))) +
            fact("Why", std::string(purpose_text(page.step.purpose))) +
            fact("Begun (UTC)", html_time(attempt.started_ms_utc)) +
            fact("Took", html_duration(attempt.started_ms_utc, attempt.ended_ms_utc)) +
            fact("Ended", attempt.ended ? escaped(attempt.ended->cause) : "") + "</dl>\n";
    main += ladder(attempt, times) + runs_part(page) + logs_part(page);
    return html_page(title, "/", main);
}

}  // namespace bisectd::http
