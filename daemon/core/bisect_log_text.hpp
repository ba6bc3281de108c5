#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bisect_log.hpp"
#include "core/error.hpp"

namespace bisectd {

/// A commit as somebody's log names it; nothing of it was looked up yet.
struct NamedCommit {
    std::string name;            ///< as written: an id, a short id, a tag; hostile text
    std::optional<CommitId> id;  ///< where a comment of the log tells the full id of `name`
    std::size_t line = 0;        ///< of the text, from 1
};

struct NamedVerdict {
    Verdict verdict = Verdict::skip;  ///< good, bad or skip
    NamedCommit commit;
    std::string since;  ///< `skip since..commit`: all that is in commit and not in since
};

/// What a text in the format of `git bisect log` says.
struct BisectLogText {
    std::string bad_word = "bad";    ///< the log's own words: new, broken, ...
    std::string good_word = "good";  ///< old, fixed, ...
    bool first_parent = false;
    std::vector<std::string> paths;      ///< hostile text
    NamedCommit bad;                     ///< the first commit that was called bad
    std::vector<NamedCommit> good;       ///< named good until both ends were known; at least one
    std::vector<NamedVerdict> verdicts;  ///< all others, in their order
    std::optional<NamedCommit> culprit;  ///< "first bad commit", when the log says so
};

/// Unit: bytes. Source: `git bisect log` writes 130 bytes a commit; 1,500 of them.
constexpr std::size_t bisect_log_limit_bytes = 200UL * 1024;

/// Reads what `git bisect log` printed, whatever happened to it on its way: quoted or wrapped by
/// mail, with other line ends, with text around it. As for git the commands count; comments tell
/// the ids behind names, and count themselves only where no command is left.
/// Errors: request, with the line: too long, an unclosed quote, a word that is no term of this
/// bisection, a name that cannot be one, no bad or no good commit at all.
/// Source: git-bisect(1), builtin/bisect.c (bisect_start, bisect_write, process_replay_line).
Result<BisectLogText> parse_bisect_log(std::string_view text);

}  // namespace bisectd
