#include <fmt/format.h>

#include <algorithm>

#include "adapters/http/page.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

constexpr std::size_t most_commits = 50;

std::string_view proof_words(Purpose purpose) {
    if (purpose == Purpose::proof_culprit) return "The culprit, again";
    if (purpose == Purpose::proof_parent) return "Its parent, again";
    return "The bad end without it";
}

std::string proof_list(const BisectionState& state, const Hosting& hosting) {
    std::string out;
    for (const StepState* step : proof_steps(state)) {
        std::string rebuild;
        for (const AttemptState& attempt : step->attempts)
            if (attempt.built && !attempt.built->rebuild.empty())
                rebuild = "rebuilt from clean: " + attempt.built->rebuild;
        out += fmt::format(
            "<li><span class=\"what\">{}</span> {} {} <a href=\"#step-{}\">step {}</a> "
            "<small>{}{}{}</small></li>\n",
            proof_words(step->purpose),
            badge(step->verdict ? word(step->verdict->verdict) : std::string_view("testing")),
            hosting.link(step->commit), step->number, step->number,
            escaped(step->verdict ? step->verdict->cause : ""), rebuild.empty() ? "" : "; ",
            escaped(rebuild));
    }
    return out.empty() ? "" : "<ul class=\"proof\">\n" + out + "</ul>\n";
}

std::string culprit_card(const BisectionState& state, const Hosting& hosting) {
    const BisectionEnded& ended = *state.ended;
    std::string out;
    for (std::size_t i = 0; i < std::min(ended.commits.size(), most_commits); ++i) {
        const CommitId& commit = ended.commits[i];
        const std::string address = hosting.address(commit);
        out += fmt::format(
            "<p class=\"culprit-line\"><strong>{}</strong><br><code>{}</code> "
            "<a href=\"/bisections/{}/commits/{}\">its diff</a>{}</p>\n",
            escaped(state.subject_of(commit)), escaped(commit.hex()), state.id, commit.hex(),
            address.empty() ? ""
                            : fmt::format(" <a rel=\"noreferrer\" href=\"{}\">at its hosting</a>",
                                          escaped(address)));
    }
    if (ended.commits.size() > most_commits)
        out += fmt::format("<p>and {} more</p>\n", ended.commits.size() - most_commits);
    if (state.suspect && ended.ending == Ending::culprit) {
        out += "<p>Author: " + escaped(state.suspect->author) + "</p>\n";
        for (const std::string& flag : state.suspect->flags)
            out += "<p class=\"flag\">Mind: " + escaped(flag) + "</p>\n";
    }
    return out;
}

}  // namespace

std::string ending_part(const BisectionState& state, const Hosting& hosting) {
    const std::string proof = proof_list(state, hosting);
    if (!state.ended) {
        if (proof.empty()) return "";
        std::string named;
        if (state.suspect)
            named = fmt::format(
                "<p>One suspect is left: {} {}, {}</p>\n", hosting.link(state.suspect->commit),
                escaped(state.suspect->subject), percent_text(state.suspect->confidence));
        return "<section class=\"ending\"><h2>Proof, so far</h2>\n" + named + proof +
               "</section>\n";
    }
    const BisectionEnded& ended = *state.ended;
    std::string out = fmt::format("<section class=\"ending {}\">\n<h2>{}</h2>\n",
                                  word(ended.ending), ending_text(ended.ending));
    out += culprit_card(state, hosting);
    if (!ended.cause.empty()) out += "<p>" + escaped(ended.cause) + "</p>\n";
    if (!proof.empty()) out += "<h3>Proof</h3>\n" + proof;
    return out + "</section>\n";
}

}  // namespace bisectd::http
