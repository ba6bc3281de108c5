#include "orchestration/start_range.hpp"

#include <algorithm>

#include "core/bisect_log_lines.hpp"
#include "core/bisect_log_text.hpp"
#include "core/replay.hpp"

namespace bisectd {
namespace {

/// Errors: as of `resolve_name`, with the line of the log.
Task<Result<CommitId>> look_up(Repository& repository, std::string clone, NamedCommit commit) {
    const std::string name = commit.id ? commit.id->hex() : commit.name;
    auto id = co_await repository.resolve_name(std::move(clone), name);
    if (!id && id.error().kind == ErrorKind::request)
        co_return wrong_request(bisect_log_place(commit.line), describe(id.error()));
    co_return id;
}

/// An end is named in the journal as in the log, unless the name means another commit by now.
Task<Result<std::string>> end_of(Repository& repository, std::string clone, NamedCommit commit) {
    auto id = co_await look_up(repository, clone, commit);
    if (!id) co_return std::unexpected(id.error());
    auto by_name = co_await repository.resolve_name(std::move(clone), commit.name);
    co_return by_name && *by_name == *id ? commit.name : id->hex();
}

Task<Result<StartRequest>> with_ends(Repository& repository, StartRequest request,
                                     BisectLogText log) {
    auto bad = co_await end_of(repository, request.repository, log.bad);
    if (!bad) co_return std::unexpected(bad.error());
    request.bad = std::move(*bad);
    request.good.clear();
    for (const NamedCommit& commit : log.good) {
        auto good = co_await end_of(repository, request.repository, commit);
        if (!good) co_return std::unexpected(good.error());
        request.good.push_back(std::move(*good));
    }
    if (log.first_parent) request.first_parent = true;
    if (!log.paths.empty()) request.paths = log.paths;
    co_return request;
}

/// A full id inside the range needs no look into the clone.
Task<Result<std::vector<ResolvedVerdict>>> look_up_all(Repository& repository, std::string clone,
                                                       std::vector<NamedVerdict> named,
                                                       const Range& range) {
    std::vector<ResolvedVerdict> resolved;
    for (const NamedVerdict& verdict : named) {
        ResolvedVerdict one{verdict.verdict, {}, {}, verdict.commit.line};
        if (verdict.commit.id && is_in_range(range, *verdict.commit.id)) {
            one.commit = *verdict.commit.id;
        } else {
            auto id = co_await look_up(repository, clone, verdict.commit);
            if (!id) co_return std::unexpected(id.error());
            one.commit = *id;
        }
        if (!verdict.since.empty()) {
            auto since = co_await look_up(repository, clone,
                                          {verdict.since, std::nullopt, verdict.commit.line});
            if (!since) co_return std::unexpected(since.error());
            one.since = *since;
        }
        resolved.push_back(std::move(one));
    }
    co_return resolved;
}

/// What is good outside the range is an end as well: of another branch, or of older history.
Task<Result<void>> take_outer_ends(Repository& repository, StartRange& start,
                                   std::vector<ResolvedVerdict>& verdicts) {
    const auto outer = [&start](const ResolvedVerdict& verdict) {
        return verdict.verdict == Verdict::good && !is_in_range(start.range, verdict.commit);
    };
    const std::size_t ends_before = start.request.good.size();
    for (const ResolvedVerdict& verdict : verdicts)
        if (outer(verdict)) start.request.good.push_back(verdict.commit.hex());
    if (start.request.good.size() == ends_before) co_return Result<void>();
    std::erase_if(verdicts, outer);
    auto range = co_await repository.resolve(start.request);
    if (!range) co_return std::unexpected(range.error());
    start.range = std::move(*range);
    co_return Result<void>();
}

Task<Result<void>> resolve_hints(Repository& repository, StartRange& start) {
    for (std::string& hint : start.request.hints) {
        auto id = co_await repository.resolve_name(start.request.repository, hint);
        if (!id && id.error().kind == ErrorKind::request)
            co_return wrong_request("hint " + id.error().where, id.error().what);
        if (!id) co_return std::unexpected(id.error());
        if (!start.range.history->find(*id))
            co_return wrong_request("hint '" + hint + "'",
                                    id->brief() +
                                        " does not lie between the good and the bad end: leave it "
                                        "out, or widen the range");
        hint = id->hex();
    }
    co_return Result<void>();
}

}  // namespace

bool is_in_range(const Range& range, const CommitId& commit) {
    const auto has = [&commit](const std::vector<CommitId>& ids) {
        return std::ranges::find(ids, commit) != ids.end();
    };
    return range.history->find(commit) || commit == range.bad || has(range.good) ||
           has(range.merge_bases);
}

Task<Result<StartRange>> resolve_start(Repository& repository, StartRequest request) {
    StartRange start;
    BisectLogText log;
    if (!request.replay.empty()) {
        auto read = parse_bisect_log(request.replay);
        if (!read) co_return std::unexpected(read.error());
        log = std::move(*read);
        auto named = co_await with_ends(repository, std::move(request), log);
        if (!named) co_return std::unexpected(named.error());
        request = std::move(*named);
    }
    start.request = std::move(request);
    auto range = co_await repository.resolve(start.request);
    if (!range) co_return std::unexpected(range.error());
    start.range = std::move(*range);
    auto verdicts =
        co_await look_up_all(repository, start.request.repository, log.verdicts, start.range);
    if (!verdicts) co_return std::unexpected(verdicts.error());
    auto taken = co_await take_outer_ends(repository, start, *verdicts);
    if (!taken) co_return std::unexpected(taken.error());
    auto judged = judgements_of(*verdicts, *start.range.history, start.range.merge_bases);
    if (!judged) co_return std::unexpected(judged.error());
    start.judged = std::move(*judged);
    auto hinted = co_await resolve_hints(repository, start);
    if (!hinted) co_return std::unexpected(hinted.error());
    co_return start;
}

}  // namespace bisectd
