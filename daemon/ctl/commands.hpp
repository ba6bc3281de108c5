#pragma once
#include <string>

#include "core/error.hpp"
#include "core/request.hpp"
#include "ctl/client.hpp"
#include "ctl/terminal.hpp"
#include "ctl/view.hpp"

namespace bisectd::ctl {

/// Fetches a JSON object.
/// Errors: infrastructure when the daemon cannot be reached; request when it says no, in its
/// words.
Result<Json> fetch(const Client& client, const std::string& target);

/// Which bisections are listed.
struct ListWish {
    std::uint64_t limit = 0;  ///< the newest ones; 0: all
    std::string state;        ///< an activity or an ending; "open": none that has ended
    std::string text;         ///< found in title, ends, recipe, boards, repository or culprit
};
/// All that fit, over as many pages as the daemon makes of them, oldest first: {"bisections":
/// [...], "total": N}. Errors: those of `fetch`.
Result<Json> fetch_bisections(const Client& client, const ListWish& wish);

/// The bisection that is meant when none is named: the newest that goes on, else the newest.
/// Errors: request when there is none yet; those of `fetch`.
Result<BisectionId> newest(const Client& client);

/// Prints the error for a person and returns the exit code for it.
int report(const Error& error, const Terminal& terminal);

// Each command prints to the terminal and returns the exit code. `json`: the answer as it came.

/// `id`: the new bisection, for whoever goes on watching.
/// Boards of different kinds get a bisection each: what is bad on one kind may be good on another.
/// Their builds are shared through the store.
Result<std::vector<StartRequest>> one_for_each_kind(const Client& client,
                                                    const StartRequest& request);
int start(const Client& client, const StartRequest& request, bool json, const Terminal& terminal,
          BisectionId& id);
int list(const Client& client, const ListWish& wish, bool json, const Terminal& terminal);
/// `id`: 0 means all that go on.
int status(const Client& client, BisectionId id, bool json, const Terminal& terminal);
int show(const Client& client, BisectionId id, bool json, const Terminal& terminal);
/// `symptom`: of several; empty: the culprit's, else the first one's.
int log(const Client& client, BisectionId id, const std::string& symptom, bool json,
        const Terminal& terminal);
/// Prints the mail for a maintainer; what to mind before sending it goes to the error stream.
/// `symptom` empty: the first with a result.
int report_mail(const Client& client, BisectionId id, const std::string& symptom, bool json,
                const Terminal& terminal);
/// What a person says of a commit, in the words of the API.
struct Judging {
    std::string commit, verdict, symptom, why;
};
int judge(const Client& client, BisectionId id, const Judging& judging, bool json,
          const Terminal& terminal);
/// `what`: "pause", "resume" or "cancel".
int change(const Client& client, BisectionId id, const std::string& what, bool json,
           const Terminal& terminal);
int boards(const Client& client, bool json, const Terminal& terminal);
int return_board(const Client& client, const std::string& board, bool json,
                 const Terminal& terminal);
/// `of`: "boards", "recipes" or "bisections"; only names that a shell takes for nothing else.
int names(const Client& client, const std::string& of, bool json, const Terminal& terminal);
int recipes(const Client& client, bool json, const Terminal& terminal);
int artefacts(const Client& client, bool json, const Terminal& terminal);
int doctor(const Client& client, const StartRequest& request, bool json, const Terminal& terminal);

}  // namespace bisectd::ctl
