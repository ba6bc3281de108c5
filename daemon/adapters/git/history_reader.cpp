#include "adapters/git/history_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/thread_pool.hpp>
#include <unordered_map>
#include <unordered_set>

#include "adapters/git/commit_graph.hpp"
#include "adapters/git/handle.hpp"
#include "adapters/git/mirror.hpp"
#include "ports/offload.hpp"

namespace bisectd::git {
namespace {

/// Takes the first line off `text`.
std::string_view next_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

std::unordered_set<CommitId> parse_ids(std::string_view listing) {
    std::unordered_set<CommitId> ids;
    while (!listing.empty())
        if (const auto id = CommitId::parse(next_line(listing))) ids.insert(*id);
    return ids;
}

std::optional<CommitGraph> open_graph(const std::string& mirror) {
    const std::string file = usable_graph(mirror);
    return file.empty() ? std::nullopt : CommitGraph::open(file);
}

/// Whether a line has two parents or more, in the range or not.
bool lists_merge(std::string_view listing) {
    while (!listing.empty()) {
        const std::string_view line = next_line(listing);
        if (std::count(line.begin(), line.end(), ' ') > 1) return true;
    }
    return false;
}

/// The bad end, when it touches none of the paths: it does not count, but it is the end.
void append_uncounted_end(std::vector<History::Commit>& commits, const CommitId& bad) {
    std::vector<bool> has_child(commits.size(), false);
    for (const History::Commit& commit : commits)
        for (CommitIndex parent : commit.parents) has_child[parent] = true;
    History::Commit end{bad, {}, false};
    for (CommitIndex i = 0; i < commits.size(); ++i)
        if (!has_child[i]) end.parents.push_back(i);
    commits.push_back(std::move(end));
}

}  // namespace

Result<std::vector<History::Commit>> parse_listing(std::string_view listing) {
    const auto garbled = [] {
        return infrastructure("git rev-list", "unexpected output; is the mirror damaged?");
    };
    struct Line {
        CommitId id;
        std::string_view parents;
    };
    std::vector<Line> lines;
    while (!listing.empty()) {
        const std::string_view line = next_line(listing);
        const std::size_t space = std::min(line.find(' '), line.size());
        const auto id = CommitId::parse(line.substr(0, space));
        if (!id) return garbled();
        lines.push_back({*id, line.substr(std::min(space + 1, line.size()))});
    }
    std::reverse(lines.begin(), lines.end());
    std::unordered_map<CommitId, CommitIndex> index;
    index.reserve(lines.size());
    for (CommitIndex i = 0; i < lines.size(); ++i)
        if (!index.emplace(lines[i].id, i).second) return garbled();
    std::vector<History::Commit> commits;
    commits.reserve(lines.size());
    for (const Line& line : lines) {
        History::Commit commit{line.id, {}, true};
        std::string_view rest = line.parents;
        while (!rest.empty()) {
            const std::size_t space = std::min(rest.find(' '), rest.size());
            const auto parent = CommitId::parse(rest.substr(0, space));
            if (!parent) return garbled();
            rest.remove_prefix(std::min(space + 1, rest.size()));
            const auto found = index.find(*parent);
            if (found == index.end()) continue;
            if (found->second >= commits.size()) return garbled();
            if (std::find(commit.parents.begin(), commit.parents.end(), found->second) ==
                commit.parents.end())
                commit.parents.push_back(found->second);
        }
        commits.push_back(std::move(commit));
    }
    return commits;
}

Task<Result<std::string>> HistoryReader::list(Ends ends, RangeLimits limits,
                                              bool with_parents) const {
    std::vector<std::string> arguments{"rev-list", "--topo-order"};
    if (with_parents) arguments.emplace_back("--parents");
    if (limits.first_parent) arguments.emplace_back("--first-parent");
    arguments.push_back(ends.bad.hex());
    for (const CommitId& id : ends.good) arguments.push_back("^" + id.hex());
    arguments.emplace_back("--");
    arguments.insert(arguments.end(), limits.paths.begin(), limits.paths.end());
    ProcessSpec spec = program_.command(mirror_, std::move(arguments), listing_deadline);
    Result<Captured> done = co_await program_.run(std::move(spec), listing_limit_bytes);
    if (!done) co_return std::unexpected(done.error());
    if (done->end.ok()) co_return std::move(done->output);
    const std::string said = last_words(*done);
    const bool about_path = said.find("pathspec") != std::string::npos ||
                            said.find("outside repository") != std::string::npos;
    if (!limits.paths.empty() && about_path)
        co_return wrong_request("paths", fmt::format("git does not take them: {}", said));
    co_return infrastructure("git rev-list in " + shown(mirror_), said);
}

Task<Result<std::vector<History::Commit>>> HistoryReader::limited(Ends ends,
                                                                  RangeLimits limits) const {
    for (const std::string& path : limits.paths)
        if (path.empty() || path.find('\0') != std::string::npos)
            co_return wrong_request("paths", "a path is empty; write '.' for the whole tree");
    Result<std::string> listing = co_await list(ends, limits, true);
    if (!listing) co_return std::unexpected(listing.error());
    Result<std::vector<History::Commit>> commits = parse_listing(*listing);
    if (!commits) co_return std::unexpected(commits.error());
    if (limits.paths.empty()) co_return std::move(*commits);
    if (commits->empty())
        co_return wrong_request(
            fmt::format("paths {}", shown(limits.paths.front())),
            "no commit between good and bad touches them: mend the paths or leave them out");
    if (lists_merge(*listing)) {
        // Asked for parents, git also lists merges that change nothing but join others.
        Result<std::string> counted = co_await list(ends, limits, false);
        if (!counted) co_return std::unexpected(counted.error());
        const std::unordered_set<CommitId> ids = parse_ids(*counted);
        for (History::Commit& commit : *commits) commit.counted = ids.contains(commit.id);
    }
    if (commits->back().id != ends.bad) append_uncounted_end(*commits, ends.bad);
    co_return std::move(*commits);
}

Task<Result<std::vector<History::Commit>>> HistoryReader::range(Ends ends,
                                                                RangeLimits limits) const {
    if (limits.paths.empty()) {
        auto work = [mirror = mirror_, ends, first_parent = limits.first_parent] {
            const std::optional<CommitGraph> graph = open_graph(mirror);
            return graph ? range_of(*graph, ends.bad, ends.good, first_parent) : std::nullopt;
        };
        auto commits = co_await offload(pool_, std::move(work));
        if (commits) co_return std::move(*commits);
    }
    Result<std::vector<History::Commit>> commits = co_await limited(ends, limits);
    if (!commits) co_return std::unexpected(commits.error());
    if (commits->empty() || commits->back().id != ends.bad)
        co_return infrastructure("history", "the bad end is not the last commit of its own range");
    co_return std::move(*commits);
}

Task<Result<bool>> HistoryReader::reaches_any(CommitId tip, std::vector<CommitId> wanted) const {
    if (wanted.empty()) co_return false;
    auto work = [mirror = mirror_, tip, wanted]() -> std::optional<bool> {
        const std::optional<CommitGraph> graph = open_graph(mirror);
        return graph ? git::reaches_any(*graph, tip, wanted) : std::nullopt;
    };
    const std::optional<bool> answer = co_await offload(pool_, std::move(work));
    if (answer) co_return *answer;
    Result<std::string> listing = co_await list({tip, {}}, {}, false);
    if (!listing) co_return std::unexpected(listing.error());
    const std::unordered_set<CommitId> ancestors = parse_ids(*listing);
    co_return std::any_of(wanted.begin(), wanted.end(),
                          [&ancestors](const CommitId& id) { return ancestors.contains(id); });
}

Task<Result<std::vector<CommitId>>> HistoryReader::merge_bases(Ends ends) const {
    if (ends.good.empty()) co_return std::vector<CommitId>();
    std::vector<std::string> arguments{"merge-base", "--all", ends.bad.hex()};
    for (const CommitId& id : ends.good) arguments.push_back(id.hex());
    ProcessSpec spec = program_.command(mirror_, std::move(arguments), listing_deadline);
    Result<Captured> done = co_await program_.run(std::move(spec), listing_limit_bytes);
    if (!done) co_return std::unexpected(done.error());
    // Exit 1 without a word: they have no ancestor in common.
    if (!done->end.ok() && (done->end.exit != 1 || !done->errors.empty()))
        co_return infrastructure("git merge-base in " + shown(mirror_), last_words(*done));
    std::vector<CommitId> bases;
    std::string_view rest = done->output;
    while (!rest.empty()) {
        const auto id = CommitId::parse(next_line(rest));
        if (!id) co_return infrastructure("git merge-base", "unexpected output");
        if (std::find(ends.good.begin(), ends.good.end(), *id) == ends.good.end())
            bases.push_back(*id);
    }
    co_return bases;
}

}  // namespace bisectd::git
