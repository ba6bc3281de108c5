#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/json/views.hpp"
#include "ports/control.hpp"

// The answers and bodies of the API that are not a bisection's state: said once, as in views.hpp.

namespace bisectd::http {

/// A page of a list. `next`: the address of the next one; empty: this is the last.
struct BisectionListView {
    std::vector<SummaryView> bisections;
    std::uint64_t total = 0;  ///< that fit the question, on all pages
    std::string next;
    static void fields(auto&& visit, auto& self) {
        visit("bisections", self.bisections);
        visit("total", self.total);
        visit("next", self.next);
    }
};

struct StepListView {
    std::vector<StepView> steps;
    std::uint64_t total = 0;
    std::string next;
    static void fields(auto&& visit, auto& self) {
        visit("steps", self.steps);
        visit("total", self.total);
        visit("next", self.next);
    }
};

/// An event of an attempt with its time.
struct MomentView {
    std::uint64_t seq = 0;
    std::int64_t at_ms_utc = 0;
    std::string kind;
    std::string text;  ///< a sentence
    static void fields(auto&& visit, auto& self) {
        visit("seq", self.seq);
        visit("at_ms_utc", self.at_ms_utc);
        visit("kind", self.kind);
        visit("text", self.text);
    }
};

struct AttemptDetailView {
    AttemptView attempt;
    std::vector<MomentView> moments;
    std::vector<std::string> logs;  ///< those that are there
    static void fields(auto&& visit, auto& self) {
        visit("attempt", self.attempt);
        visit("moments", self.moments);
        visit("logs", self.logs);
    }
};

struct RunView {
    std::uint64_t number = 0;  ///< among all of the attempt, from 1
    std::string batch;
    std::uint64_t run = 0;
    Look look = Look::void_run;
    int exit = 0, signal = 0;
    std::uint64_t ms = 0;
    std::int64_t recorded_ms_utc = 0;
    static void fields(auto&& visit, auto& self) {
        visit("number", self.number);
        visit("batch", self.batch);
        visit("run", self.run);
        visit("look", self.look);
        visit("exit", self.exit);
        visit("signal", self.signal);
        visit("ms", self.ms);
        visit("recorded_ms_utc", self.recorded_ms_utc);
    }
};

struct RunListView {
    std::vector<RunView> runs;
    std::uint64_t total = 0;
    std::string next;
    static void fields(auto&& visit, auto& self) {
        visit("runs", self.runs);
        visit("total", self.total);
        visit("next", self.next);
    }
};

struct LinesView {
    std::uint64_t from = 1;  ///< number of the first line, from 1
    std::uint64_t total = 0;
    std::uint64_t size_bytes = 0;
    std::vector<std::string> lines;
    static void fields(auto&& visit, auto& self) {
        visit("from", self.from);
        visit("total", self.total);
        visit("size_bytes", self.size_bytes);
        visit("lines", self.lines);
    }
};

struct HitView {
    std::uint64_t line = 0;
    std::string text;
    static void fields(auto&& visit, auto& self) {
        visit("line", self.line);
        visit("text", self.text);
    }
};

struct HitsView {
    std::vector<HitView> hits;
    std::uint64_t next_line = 0;  ///< where to go on; 0: that was all
    static void fields(auto&& visit, auto& self) {
        visit("hits", self.hits);
        visit("next_line", self.next_line);
    }
};

struct StartedView {
    BisectionId id = 0;
    static void fields(auto&& visit, auto& self) { visit("id", self.id); }
};

struct ChangedView {
    BisectionId id = 0;
    Activity activity = Activity::unknown;
    static void fields(auto&& visit, auto& self) {
        visit("id", self.id);
        visit("activity", self.activity);
    }
};

struct JudgedView {
    BisectionId id = 0;
    CommitId commit;
    static void fields(auto&& visit, auto& self) {
        visit("id", self.id);
        visit("commit", self.commit);
    }
};

struct BoardListView {
    std::vector<BoardView> boards;
    static void fields(auto&& visit, auto& self) { visit("boards", self.boards); }
};

struct BoardDetailView {
    BoardView board;
    std::vector<MomentView> happened;  ///< the latest, oldest first
    static void fields(auto&& visit, auto& self) {
        visit("board", self.board);
        visit("happened", self.happened);
    }
};

struct ReturnedView {
    std::string board;
    static void fields(auto&& visit, auto& self) { visit("board", self.board); }
};

struct RecipeView {
    std::string name, title, error;  ///< `error`: what is wrong with it; empty: nothing
    std::vector<std::string> symptoms, patches;
    static void fields(auto&& visit, auto& self) {
        visit("name", self.name);
        visit("title", self.title);
        visit("error", self.error);
        visit("symptoms", self.symptoms);
        visit("patches", self.patches);
    }
};

struct RecipeListView {
    std::vector<RecipeView> recipes;
    static void fields(auto&& visit, auto& self) { visit("recipes", self.recipes); }
};

/// How an artefact was used, by all bisections.
struct ArtefactsView {
    Stock stock;
    std::uint64_t builds = 0;  ///< made by an attempt or ahead of one
    std::uint64_t reuses = 0;  ///< taken from the store instead
    double build_seconds = 0;  ///< of all that were made
    static void fields(auto&& visit, auto& self) {
        visit("stock", self.stock);
        visit("builds", self.builds);
        visit("reuses", self.reuses);
        visit("build_seconds", self.build_seconds);
    }
};

struct FindingView {
    std::string subject;
    bool good = false;
    std::string what;
    static void fields(auto&& visit, auto& self) {
        visit("subject", self.subject);
        visit("good", self.good);
        visit("what", self.what);
    }
};

struct FindingsView {
    bool good = false;
    std::vector<FindingView> findings;
    static void fields(auto&& visit, auto& self) {
        visit("good", self.good);
        visit("findings", self.findings);
    }
};

/// A judgement's body as it is sent.
struct JudgeBody {
    std::string commit, verdict, symptom, why;
    static void fields(auto&& visit, auto& self) {
        visit("commit", self.commit);
        visit("verdict", self.verdict);
        visit("symptom", self.symptom);
        visit("why", self.why);
    }
};

/// An error, as application/problem+json.
struct ProblemView {
    std::string type = "about:blank", title;
    unsigned status = 0;
    std::string detail, where, kind;
    static void fields(auto&& visit, auto& self) {
        visit("type", self.type);
        visit("title", self.title);
        visit("status", self.status);
        visit("detail", self.detail);
        visit("where", self.where);
        visit("kind", self.kind);
    }
};

}  // namespace bisectd::http
