#include <fmt/format.h>

#include <algorithm>

#include "adapters/http/html.hpp"
#include "adapters/http/page.hpp"
#include "adapters/json/sentences.hpp"
#include "adapters/json/text.hpp"

namespace bisectd::http {
namespace {

constexpr std::size_t most_rows = 100;  // a page stays readable; the API has all of them

std::string judged_part(const BisectionState& state, const Asides& asides) {
    if (asides.judged.empty()) return "";
    std::string out = "<h2>Said by people</h2>\n<ul class=\"judged\">\n";
    for (std::size_t i = 0; i < std::min(asides.judged.size(), most_rows); ++i) {
        const CommitJudged& one = asides.judged[i];
        out += fmt::format("<li><code>{}</code> {} {}{}{}</li>\n", escaped(one.commit.brief()),
                           badge(one.withdrawn ? "withdrawn" : word(one.verdict)),
                           state.subject_of(one.commit),
                           one.symptom.empty() ? "" : " (" + escaped(one.symptom) + ")",
                           one.why.empty() ? "" : ": " + escaped(one.why));
    }
    if (asides.judged.size() > most_rows)
        out += fmt::format("<li>and {} more</li>\n", asides.judged.size() - most_rows);
    return out + "</ul>\n";
}

}  // namespace

std::string asides_part(const BisectionState& state, const Asides& asides) {
    std::string now;
    if (!state.ended && asides.estimate)
        now += "<li>Expected: " + escaped(expected_text(*asides.estimate)) + "</li>\n";
    for (const BuildAheadStarted& build : asides.building_ahead)
        now += fmt::format("<li>Being built ahead: <code>{}</code> {}</li>\n",
                           escaped(build.commit.brief()), escaped(build.subject));
    if (asides.built_ahead > 0)
        now += fmt::format("<li>{} built ahead</li>\n", count_of(asides.built_ahead, "commit"));
    for (const BoardQuarantined& board : asides.quarantined)
        now += "<li>" + escaped(sentence(board)) + "</li>\n";
    for (const ContradictionFound& found : asides.contradictions)
        now += "<li>" + escaped(sentence(found)) + "</li>\n";
    if (!now.empty()) now = "<ul class=\"asides\">\n" + now + "</ul>\n";
    return now + judged_part(state, asides);
}

}  // namespace bisectd::http
