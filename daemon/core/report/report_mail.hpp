#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/culprit_flags.hpp"
#include "core/error.hpp"
#include "core/recipe.hpp"
#include "core/report/log_difference.hpp"
#include "core/report/mailbox.hpp"
#include "core/state.hpp"

namespace bisectd {

/// The list that follows up kernel regressions; regzbot reads it.
/// Source: the kernel's Documentation/admin-guide/reporting-regressions.rst.
constexpr const char* regressions_list = "regressions@lists.linux.dev";

/// How the search for one symptom ended.
struct ReportedResult {
    std::string symptom;
    Ending ending = Ending::failed;  ///< culprit or inconclusive
    std::vector<CommitId> commits;   ///< the culprit, or the suspects that are left
    double confidence = 0;           ///< before the proof; 0: not said
    std::string cause;
};

/// What is to be reported. `symptom` empty: the recipe's first one with a culprit, else the first
/// that ended inconclusive.
/// Errors: request, when it goes on, ended otherwise, or has no such symptom.
Result<ReportedResult> reported_result(const BisectionState& state, const Recipe& recipe,
                                       const std::string& symptom);

/// What the boards said, good and bad, where it parts.
struct ReportedLogs {
    std::string which;       ///< "console" or "runs"
    std::string good_place;  ///< "step 9, 5b4a293c3a6a"
    std::string bad_place;
    LogDifference difference;
};

/// Everything that the mail is made of. Texts of repositories and boards are hostile.
struct ReportFacts {
    ReportFacts(const BisectionState& of, const Recipe& with, ReportedResult ended)
        : state(of), recipe(with), result(std::move(ended)) {}
    const BisectionState& state;
    const Recipe& recipe;
    ReportedResult result;
    std::string message;  ///< of the culprit
    std::string author;   ///< "Name <mail>"
    std::int64_t author_time_s_utc = 0;
    CommitChange change;
    std::optional<std::string> maintainers;  ///< the text of MAINTAINERS at the bad end
    std::vector<ReportedLogs> logs;
    std::string git_log;  ///< in the format of `git bisect log`
    std::string version;  ///< of bisectd
};

/// A mail, ready to be read by a person and sent by nobody else.
struct ReportMail {
    std::vector<Mailbox> to, cc;
    std::string subject;             ///< one printable line
    std::string text;                ///< the whole mail: headers, an empty line, the body
    std::vector<std::string> notes;  ///< what the person should know before sending it
};

/// Whatever the commit, the logs and the recipe say stands indented in the body, and on one line in
/// a header: it can forge neither a header nor a line for regzbot.
ReportMail report_mail(const ReportFacts& facts);

}  // namespace bisectd
