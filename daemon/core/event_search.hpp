#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/commit_id.hpp"
#include "core/outcome.hpp"
#include "core/request.hpp"

namespace bisectd {

// What is asked, found out, judged and concluded: the bisection itself.

/// One bisection was asked for. `recipe_digest` pins the frozen copy of the recipe.
/// Everything it rests on is frozen: later edits of the recipe change nothing.
struct BisectionRequested {
    static constexpr std::string_view kind = "bisection_requested";
    StartRequest request;
    std::string recipe_folder;  ///< the frozen copy
    std::string recipe_digest;
    std::uint64_t seed = 0;
    static void fields(auto&& visit, auto& self) {
        visit("request", self.request);
        visit("recipe_folder", self.recipe_folder);
        visit("recipe_digest", self.recipe_digest);
        visit("seed", self.seed);
    }
};

/// The names of the request were resolved to commits.
struct RangeResolved {
    static constexpr std::string_view kind = "range_resolved";
    CommitId bad;
    std::vector<CommitId> good;
    std::vector<CommitId> merge_bases;  ///< of good ends that are no ancestors of bad
    std::uint64_t suspects = 0;
    static void fields(auto&& visit, auto& self) {
        visit("bad", self.bad);
        visit("good", self.good);
        visit("merge_bases", self.merge_bases);
        visit("suspects", self.suspects);
    }
};

struct StepStarted {
    static constexpr std::string_view kind = "step_started";
    std::uint64_t step = 0;
    CommitId commit;
    std::string subject;
    Purpose purpose = Purpose::search;
    std::uint64_t suspects = 0;  ///< left at this moment
    CommitId reverted;           ///< the change that is taken back on it; null: none
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("commit", self.commit);
        visit("subject", self.subject);
        visit("purpose", self.purpose);
        visit("suspects", self.suspects);
        visit("reverted", self.reverted);
    }
};

struct VerdictGiven {
    static constexpr std::string_view kind = "verdict_given";
    std::uint64_t step = 0;
    CommitId commit;
    std::string symptom;
    Verdict verdict = Verdict::uncertain;
    std::string cause;
    double bad_probability = -1;  ///< as it was seen then; -1: not said
    bool closes = true;           ///< the step ends with it; others of its symptoms came before
    static void fields(auto&& visit, auto& self) {
        visit("step", self.step);
        visit("commit", self.commit);
        visit("symptom", self.symptom);
        visit("verdict", self.verdict);
        visit("cause", self.cause);
        visit("bad_probability", self.bad_probability);
        visit("closes", self.closes);
    }
};

/// A person gave, corrected or withdrew (`withdrawn`) a verdict; the latest one counts. What the
/// boards showed at this commit counts no more while it stands.
struct CommitJudged {
    static constexpr std::string_view kind = "commit_judged";
    CommitId commit;
    std::string symptom;  ///< empty: every symptom
    Verdict verdict = Verdict::uncertain;
    bool withdrawn = false;
    std::string why;  ///< hostile text
    static void fields(auto&& visit, auto& self) {
        visit("commit", self.commit);
        visit("symptom", self.symptom);
        visit("verdict", self.verdict);
        visit("withdrawn", self.withdrawn);
        visit("why", self.why);
    }
};

/// Two findings that cannot both be true; both are tested again.
struct ContradictionFound {
    static constexpr std::string_view kind = "contradiction_found";
    CommitId bad;   ///< was found bad
    CommitId good;  ///< was found good, and has `bad` among its ancestors
    std::string symptom;
    std::string cause;
    static void fields(auto&& visit, auto& self) {
        visit("bad", self.bad);
        visit("good", self.good);
        visit("symptom", self.symptom);
        visit("cause", self.cause);
    }
};

/// Which suspects touch no file that the bad end is built from was found out. They are listed, a
/// full id a line, in `file`, frozen like the recipe.
struct PriorWeighed {
    static constexpr std::string_view kind = "prior_weighed";
    std::string file;
    std::string sha256;
    std::uint64_t suspects = 0;
    std::uint64_t unlikely = 0;  ///< lines of `file`
    static void fields(auto&& visit, auto& self) {
        visit("file", self.file);
        visit("sha256", self.sha256);
        visit("suspects", self.suspects);
        visit("unlikely", self.unlikely);
    }
};

/// What the bisection was expected to take, said at this moment.
struct Estimated {
    static constexpr std::string_view kind = "estimated";
    std::string when;              ///< "start", "calibrated", "renewed"
    double seconds = 0;            ///< still to go
    double steps = 0;              ///< commits still to boot
    double runs = 0;               ///< runs still to go
    double failure_rate = 0;       ///< of one run on a bad commit, as believed
    double good_verdict_runs = 0;  ///< runs that a good verdict takes
    double took_s = 0;             ///< finding this out; 0: next to nothing, or not said
    static void fields(auto&& visit, auto& self) {
        visit("when", self.when);
        visit("seconds", self.seconds);
        visit("steps", self.steps);
        visit("runs", self.runs);
        visit("failure_rate", self.failure_rate);
        visit("good_verdict_runs", self.good_verdict_runs);
        visit("took_s", self.took_s);
    }
};

/// The search for one symptom came to its end; others may go on.
struct SymptomEnded {
    static constexpr std::string_view kind = "symptom_ended";
    std::string symptom;
    Ending ending = Ending::failed;
    std::vector<CommitId> commits;
    double confidence = 0;
    std::string cause;
    static void fields(auto&& visit, auto& self) {
        visit("symptom", self.symptom);
        visit("ending", self.ending);
        visit("commits", self.commits);
        visit("confidence", self.confidence);
        visit("cause", self.cause);
    }
};

/// One suspect is left (or weighs enough): it is named, and proven before it is called the culprit.
struct SuspectNamed {
    static constexpr std::string_view kind = "suspect_named";
    CommitId commit;
    std::string subject;  ///< hostile text
    std::string author;   ///< hostile text
    std::vector<CommitId> parents;
    std::string symptom;             ///< empty: the recipe's only one
    double confidence = 0;           ///< that it is the culprit, before its proof
    std::vector<std::string> flags;  ///< what makes it suspicious as a culprit, a sentence each
    static void fields(auto&& visit, auto& self) {
        visit("commit", self.commit);
        visit("subject", self.subject);
        visit("author", self.author);
        visit("parents", self.parents);
        visit("symptom", self.symptom);
        visit("confidence", self.confidence);
        visit("flags", self.flags);
    }
};

/// Why a bisection is paused when a person paused it: nobody has to be told of that, and only a
/// person lets it go on.
constexpr std::string_view paused_by_person = "a person asked for it";

struct BisectionPaused {
    static constexpr std::string_view kind = "bisection_paused";
    std::string why;
    static void fields(auto&& visit, auto& self) { visit("why", self.why); }
};

struct BisectionResumed {
    static constexpr std::string_view kind = "bisection_resumed";
    static void fields(auto&&, auto&) {}
};

struct BisectionEnded {
    static constexpr std::string_view kind = "bisection_ended";
    Ending ending = Ending::failed;
    std::vector<CommitId> commits;  ///< the culprit, or the suspects that are left
    std::string cause;              ///< in plain words, with the proof
    static void fields(auto&& visit, auto& self) {
        visit("ending", self.ending);
        visit("commits", self.commits);
        visit("cause", self.cause);
    }
};

/// Something a person should know that changes nothing.
struct Noted {
    static constexpr std::string_view kind = "noted";
    std::string text;
    static void fields(auto&& visit, auto& self) { visit("text", self.text); }
};

}  // namespace bisectd
