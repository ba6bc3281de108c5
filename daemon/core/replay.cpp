#include "core/replay.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "core/bisect_log_lines.hpp"

namespace bisectd {
namespace {

constexpr std::size_t most_judgements = 10'000;
// Each is a walk over the whole range.
constexpr std::ptrdiff_t most_skipped_ranges = 64;

std::string line_text(std::size_t line) {
    return "line " + std::to_string(line);
}

std::unexpected<Error> contradiction(const ResolvedVerdict& bad, const ResolvedVerdict& good) {
    const std::string what =
        bad.commit == good.commit
            ? bad.commit.brief() + " is called bad, and good in " + line_text(good.line)
            : bad.commit.brief() + " is called bad, but its descendant " + good.commit.brief() +
                  " good in " + line_text(good.line);
    return wrong_request(bisect_log_place(bad.line),
                         what + "; one of them is wrong: correct the log");
}

/// For each commit, a good verdict of itself or of a descendant; null: none.
std::vector<const ResolvedVerdict*> called_good(const std::vector<ResolvedVerdict>& verdicts,
                                                const History& history) {
    std::vector<const ResolvedVerdict*> by(history.size(), nullptr);
    for (const ResolvedVerdict& verdict : verdicts)
        if (const auto at = history.find(verdict.commit); at && verdict.verdict == Verdict::good)
            by[*at] = &verdict;
    for (CommitIndex child = history.size(); child-- > 0;)
        if (by[child] != nullptr)
            for (const CommitIndex parent : history.parents(child))
                if (by[parent] == nullptr) by[parent] = by[child];
    return by;
}

/// The commits that a skip is about, oldest first.
std::vector<CommitId> skipped(const ResolvedVerdict& skip, const History& history) {
    const auto last = history.find(skip.commit);
    if (!last) return {};
    if (skip.since.empty()) return {skip.commit};
    std::vector<bool> wanted = history.ancestors_of(*last);
    // A start outside the range is older than all of it.
    if (const auto since = history.find(skip.since)) {
        const std::vector<bool> before = history.ancestors_of(*since);
        for (CommitIndex commit = 0; commit < history.size(); ++commit)
            if (before[commit]) wanted[commit] = false;
    }
    std::vector<CommitId> commits;
    for (CommitIndex commit = 0; commit < history.size(); ++commit)
        if (wanted[commit]) commits.push_back(history.id(commit));
    return commits;
}

Result<void> check_bad(const std::vector<ResolvedVerdict>& verdicts, const History& history,
                       const std::vector<CommitId>& merge_bases) {
    const std::vector<const ResolvedVerdict*> good = called_good(verdicts, history);
    std::unordered_map<CommitId, const ResolvedVerdict*> same;
    for (const ResolvedVerdict& verdict : verdicts)
        if (verdict.verdict == Verdict::good) same.emplace(verdict.commit, &verdict);
    for (const ResolvedVerdict& verdict : verdicts) {
        if (verdict.verdict != Verdict::bad) continue;
        if (const auto found = same.find(verdict.commit); found != same.end())
            return contradiction(verdict, *found->second);
        const auto at = history.find(verdict.commit);
        if (!at && std::ranges::find(merge_bases, verdict.commit) == merge_bases.end())
            return wrong_request(bisect_log_place(verdict.line),
                                 verdict.commit.brief() +
                                     " is called bad, but does not lie between the ends of the "
                                     "log");
        if (at && good[*at] != nullptr) return contradiction(verdict, *good[*at]);
    }
    return {};
}

}  // namespace

Result<std::vector<CommitJudged>> judgements_of(const std::vector<ResolvedVerdict>& verdicts,
                                                const History& history,
                                                const std::vector<CommitId>& merge_bases) {
    const auto is_range = [](const ResolvedVerdict& v) { return !v.since.empty(); };
    if (std::ranges::count_if(verdicts, is_range) > most_skipped_ranges)
        return wrong_request("git bisect log", "it skips more than 64 ranges");
    if (auto checked = check_bad(verdicts, history, merge_bases); !checked)
        return std::unexpected(checked.error());
    std::unordered_set<CommitId> known;
    for (const ResolvedVerdict& verdict : verdicts)
        if (verdict.verdict != Verdict::skip) known.insert(verdict.commit);
    std::unordered_set<CommitId> done;
    std::vector<CommitJudged> judged;
    for (const ResolvedVerdict& verdict : verdicts) {
        const bool skip = verdict.verdict == Verdict::skip;
        for (const CommitId& commit :
             skip ? skipped(verdict, history) : std::vector<CommitId>{verdict.commit}) {
            if ((skip && known.contains(commit)) || !done.insert(commit).second) continue;
            if (judged.size() == most_judgements)
                return wrong_request(bisect_log_place(verdict.line),
                                     "more than 10,000 commits are judged");
            judged.push_back({commit, "", verdict.verdict, false, std::string(replay_why)});
        }
    }
    return judged;
}

}  // namespace bisectd
