#pragma once
#include <memory>
#include <string>
#include <vector>

#include "adapters/http/api_views.hpp"
#include "adapters/http/html.hpp"
#include "adapters/http/listing.hpp"
#include "core/asides.hpp"
#include "core/error.hpp"
#include "core/event.hpp"
#include "core/state.hpp"
#include "ports/control.hpp"

namespace bisectd::http {

// The pages: plain HTML that says everything without a script. Every text from outside is escaped.

/// "/": one page of the bisections that fit; `rows`: those of the page. `boards`, `recipes`: names
/// to choose from.
std::string list_page(const Listed& found, const std::vector<SummaryView>& rows,
                      const Listing& listing, const std::vector<std::string>& boards,
                      const std::vector<std::string>& recipes, std::size_t all);

/// What the page of one bisection shows.
struct BisectionPage {
    const BisectionState& state;
    SummaryView view;
    std::vector<Progress> going_on;
    Result<std::vector<EventRecord>> incidents;
    Result<std::vector<EventRecord>> work;  ///< builds, boots and batches of runs, with their times
    Result<std::shared_ptr<const Survey>> survey;
    Hosting hosting;
};
/// "/bisections/ID".
std::string bisection_page(const BisectionPage& page);

/// "/bisections/ID/steps/N/attempts/M".
struct AttemptPage {
    const BisectionState& state;
    const StepState& step;
    const AttemptState& attempt;
    Result<std::vector<EventRecord>> moments;
    std::vector<RunView> runs;  ///< the first ones
    std::uint64_t all_runs = 0;
    struct Log {
        std::string name;
        std::vector<std::string> tail;
        std::uint64_t lines = 0, size_bytes = 0;
    };
    std::vector<Log> logs;  ///< those that are there
    Hosting hosting;
};
std::string attempt_page(const AttemptPage& page);

/// A window of a log that is one of two on a page.
struct LogPane {
    std::string heading;  ///< HTML
    std::string address;  ///< of the pane alone, with its query begun: "...?"
    std::string raw;      ///< address of the whole text
    std::uint64_t from = 1, lines = 0, size_bytes = 0;
    std::vector<std::string> window;
    std::string found;  ///< what was searched for
    std::vector<HitView> hits;
    bool more_hits = false;
    bool follows = false;  ///< it is being written: shows its end
};
/// The pane itself: what a page holds, and what the viewer fetches when it is scrolled.
std::string log_pane(const LogPane& pane, const std::string& id);
struct LogPage {
    std::string title;           ///< plain text
    std::string crumbs;          ///< HTML: the way back
    std::string tabs;            ///< HTML: the other logs
    std::string search;          ///< what was searched for
    std::string place;           ///< of the bar
    std::vector<LogPane> panes;  ///< one, or two side by side
};
std::string log_page(const LogPage& page);

/// "/boards", "/boards/NAME".
std::string boards_page(const Result<std::vector<BoardView>>& boards);
std::string board_page(const BoardView& board, const Result<std::vector<EventRecord>>& happened,
                       const LogPane* console);

/// "/artefacts", "/recipes", "/start".
std::string artefacts_page(const Result<ArtefactsView>& artefacts);
std::string recipes_page(const std::vector<RecipeView>& recipes);
std::string start_page(const std::vector<RecipeView>& recipes,
                       const std::vector<std::string>& boards);
/// "/bisections/ID/commits/COMMIT".
std::string diff_page(const BisectionState& state, const CommitId& commit,
                      const Result<std::string>& diff, const Hosting& hosting);
std::string not_found_page();

// Parts of the page of one bisection; HTML.

/// What was asked.
std::string asked_part(const BisectionState& state, const Hosting& hosting);
/// Each step as a row of a table.
std::string steps_part(const BisectionState& state, const Hosting& hosting);
/// How the range got narrower, and how likely the culprit is where; as SVG.
std::string range_part(const BisectionState& state, const Survey& survey);
/// The same from the numbers alone, while there is no survey; empty with less than two steps.
std::string narrowing_part(const BisectionState& state);
/// The likeliest commit and its neighbours, as a graph.
std::string graph_part(const BisectionState& state, const Survey& survey, const Hosting& hosting);
/// Who did what when: a line for each board and for the builder, as SVG.
std::string timeline_part(const BisectionState& state, const std::vector<EventRecord>& work);
/// What is expected, built ahead, in doubt, and said by people; empty when there is nothing.
std::string asides_part(const BisectionState& state, const Hosting& hosting);
/// Culprit with its proof, or why there is none; empty before the end.
std::string ending_part(const BisectionState& state, const Hosting& hosting);
/// "bad", "testing" and the like: a step's verdict as a word.
std::string_view mark_of(const StepState& step);

}  // namespace bisectd::http
