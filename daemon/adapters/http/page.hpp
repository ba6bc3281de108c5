#pragma once
#include <string>
#include <vector>

#include "core/asides.hpp"
#include "core/error.hpp"
#include "core/event.hpp"
#include "core/state.hpp"
#include "ports/control.hpp"

namespace bisectd::http {

// The pages: plain HTML that says everything without a script. Every text from outside is escaped.

/// What the page of one bisection shows.
struct BisectionPage {
    const BisectionState& state;
    Progress progress;
    std::vector<EventRecord> incidents;
    Asides asides;
};

/// "/": all bisections, newest first, and the boards.
std::string list_page(const std::vector<const BisectionState*>& bisections,
                      const Result<std::vector<BoardStatus>>& boards);
/// "/bisections/ID".
std::string bisection_page(const BisectionPage& page);
std::string not_found_page();

// Parts of the page of one bisection; HTML.

/// The attempts of a step, each with the facts of its rungs and the links to its logs.
std::string attempts_part(BisectionId id, const StepState& step);
/// How the range got narrower: one bar a step, as SVG; empty with less than two steps.
std::string narrowing_part(const BisectionState& state);
/// What is expected, built ahead, in doubt, and said by people; empty when there is nothing.
std::string asides_part(const BisectionState& state, const Asides& asides);
/// Culprit with its proof, or why there is none; empty before the end.
std::string ending_part(const BisectionState& state);

}  // namespace bisectd::http
