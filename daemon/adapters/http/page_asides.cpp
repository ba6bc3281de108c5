#include <fmt/format.h>

#include <algorithm>

#include "adapters/http/page.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

constexpr std::size_t most_judgements = 100;  // a page stays readable; the API has all of them

std::string judged_part(const BisectionState& state, const Asides& asides, const Hosting& hosting) {
    if (asides.judged.empty()) return "";
    std::string out = "<h2>Said by people</h2>\n<ul class=\"judged\">\n";
    for (std::size_t i = 0; i < std::min(asides.judged.size(), most_judgements); ++i) {
        const CommitJudged& one = asides.judged[i];
        out += fmt::format("<li>{} {} {}{}{}</li>\n", hosting.link(one.commit),
                           badge(one.withdrawn ? "withdrawn" : word(one.verdict)),
                           escaped(state.subject_of(one.commit)),
                           one.symptom.empty() ? "" : " (" + escaped(one.symptom) + ")",
                           one.why.empty() ? "" : ": " + escaped(one.why));
    }
    if (asides.judged.size() > most_judgements)
        out += fmt::format("<li>and {} more</li>\n", asides.judged.size() - most_judgements);
    return out + "</ul>\n";
}

}  // namespace

std::string asides_part(const BisectionState& state, const Hosting& hosting) {
    const Asides asides = asides_of(state);
    std::string now;
    if (!state.ended && asides.estimate)
        now += "<li>Expected: " + escaped(expected_text(*asides.estimate)) + "</li>\n";
    for (const BuildAheadStarted& build : asides.building_ahead)
        now += fmt::format("<li>Being built ahead: {} {}</li>\n", hosting.link(build.commit),
                           escaped(build.subject));
    if (asides.built_ahead > 0)
        now += fmt::format("<li>{} built ahead</li>\n", count_of(asides.built_ahead, "commit"));
    for (const BoardQuarantined& board : asides.quarantined)
        now += "<li>" + escaped(sentence(board)) + "</li>\n";
    for (const ContradictionFound& found : asides.contradictions)
        now += "<li>" + escaped(sentence(found)) + "</li>\n";
    if (!now.empty()) now = "<ul class=\"asides\">\n" + now + "</ul>\n";
    return now + judged_part(state, asides, hosting);
}

}  // namespace bisectd::http
