#include <fmt/format.h>

#include "adapters/http/html.hpp"
#include "adapters/http/page.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

std::string rung(std::string_view name, const std::string& html) {
    return fmt::format("<li><b>{}</b> {}</li>\n", name, html);
}

std::string code(const std::string& text, std::size_t length) {
    return text.empty() ? "" : "<code>" + escaped(text.substr(0, length)) + "</code>";
}

std::string list(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + escaped(text);
    return out;
}

std::string tree_rung(const TreePrepared& tree) {
    std::string html = "clean tree " + code(tree.tree, 12);
    if (!tree.patches.empty()) html += "; patches: " + list(tree.patches);
    return rung("check out", html);
}

std::string build_rung(const Built& built) {
    std::string html = built.from_store ? "from the store" : duration_text(built.seconds);
    if (!built.build_id.empty()) html += ", build-id " + code(built.build_id, 16);
    if (!built.image_sha256.empty()) html += ", SHA-256 " + code(built.image_sha256, 16);
    if (!built.rebuild.empty())
        html += ", rebuilt: " + badge(built.rebuild) + " to the one in the store";
    if (!built.drift.empty()) html += "; config drift: " + list(built.drift);
    return rung("build", html);
}

std::string deploy_rung(const Deployed& deployed) {
    std::string html = size_text(deployed.bytes) + " in " + duration_text(deployed.seconds) + ", " +
                       code(deployed.path, 200);
    if (!deployed.removed.empty()) html += "; removed " + list(deployed.removed);
    return rung("deploy", html);
}

std::string prove_rung(const KernelProven& proven, const AttemptState& attempt) {
    std::string html = duration_text(proven.boot_seconds) + ", " + code(proven.release, 100) +
                       ", build-id " + code(proven.build_id, 16) + ", boot id ";
    if (attempt.boot_started) html += code(attempt.boot_started->boot_id_before, 8) + " to ";
    return rung("boot, prove", html + code(proven.boot_id, 8));
}

std::string run_rung(const AttemptState& attempt) {
    std::string html = escaped(looks_text(attempt.looks));
    const BatchState& batch = attempt.batches.back();
    if (!batch.ended && batch.planned > batch.last_run)
        html += fmt::format(" of {} planned",
                            count_text(attempt.runs() + batch.planned - batch.last_run));
    if (!batch.symptom.empty()) html += ", symptom " + escaped(batch.symptom);
    return rung("run", html);
}

std::string rungs(const AttemptState& attempt) {
    std::string out;
    if (attempt.tree) out += tree_rung(*attempt.tree);
    if (attempt.built)
        out += build_rung(*attempt.built);
    else if (!attempt.build_log.empty() && !attempt.ended)
        out += rung("build", "going on");
    if (attempt.deployed) out += deploy_rung(*attempt.deployed);
    if (attempt.proven)
        out += prove_rung(*attempt.proven, attempt);
    else if (attempt.boot_started && !attempt.ended)
        out += rung("boot", "going on");
    if (!attempt.batches.empty()) out += run_rung(attempt);
    if (attempt.ended)
        out += fmt::format("<li><b>ended at {}</b> {}</li>\n", rung_text(attempt.ended->rung),
                           escaped(attempt.ended->cause));
    return out;
}

std::string log_links(BisectionId id, const StepState& step, const AttemptState& attempt) {
    std::string out = "<p class=\"links\">Logs:";
    for (const char* which : {"build", "console", "runs"})
        out += fmt::format(" <a href=\"/api/v1/bisections/{}/steps/{}/attempts/{}/logs/{}\">{}</a>",
                           id, step.number, attempt.number, which, which);
    return out + "</p>\n";
}

}  // namespace

std::string attempts_part(BisectionId id, const StepState& step) {
    std::string out;
    for (const AttemptState& attempt : step.attempts) {
        const bool latest = &attempt == &step.attempts.back();
        const std::string_view outcome =
            attempt.ended ? word(attempt.ended->outcome) : std::string_view("going on");
        out += fmt::format(
            "<details id=\"attempt-{0}-{1}\"{2}><summary>Attempt {1} on {3}: {4}</summary>\n"
            "<ul class=\"rungs\">\n{5}</ul>\n{6}</details>\n",
            step.number, attempt.number, latest && !attempt.ended ? " open" : "",
            escaped(attempt.board), escaped(outcome), rungs(attempt), log_links(id, step, attempt));
    }
    return out;
}

}  // namespace bisectd::http
