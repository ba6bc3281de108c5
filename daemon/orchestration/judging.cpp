#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>

#include "orchestration/start_range.hpp"
#include "orchestration/supervisor.hpp"

// What people say of commits: judgements one by one, and those that a replayed log brings.

namespace bisectd {
namespace {

std::string place(BisectionId id) {
    return "bisection " + std::to_string(id);
}

/// Why nothing can be judged in this state; empty when it can.
std::string obstacle(const BisectionState& state) {
    if (state.ended) return "it has ended; what is judged now would change nothing";
    return state.range ? "" : "its range is not resolved yet; try again in a moment";
}

bool judged_so(const std::vector<EventRecord>& records, const CommitJudged& wanted) {
    return std::ranges::any_of(records, [&wanted](const EventRecord& record) {
        const auto* judged = std::get_if<CommitJudged>(&record.event);
        return judged != nullptr && judged->commit == wanted.commit;
    });
}

/// The kernel's names and those of boards differ for some.
std::string_view machine_of(std::string_view arch) {
    return arch == "x86" || arch == "i386" ? "x86_64" : arch;
}

Result<void> check_machine(const Recipe& recipe, const BoardSpec& board) {
    const std::string& has = board.virtual_board.arch;
    if (recipe.build.kind != BuildKind::kernel || has.empty()) return {};
    if (machine_of(recipe.build.arch) == has) return {};
    return wrong_request("recipe " + recipe.name + " on board " + board.name,
                         "the recipe builds for " + recipe.build.arch + ", the board is " + has);
}

}  // namespace

Result<void> check_symptom(const Recipe& recipe, const std::string& symptom) {
    if (symptom.empty()) return {};
    std::string known;
    for (const Symptom& one : recipe.symptoms) {
        if (one.name == symptom) return {};
        known += (known.empty() ? "" : ", ") + one.name;
    }
    return wrong_request("symptom '" + symptom + "'",
                         "the recipe has none of this name; it has " + known);
}

Result<void> Supervisor::check_boards(const Recipe& recipe, const StartRequest& request) {
    std::optional<BoardSpec> first;
    std::vector<std::string> seen;
    for (const std::string& name : request.boards()) {
        if (std::ranges::find(seen, name) != seen.end())
            return wrong_request("board " + name, "it is named twice");
        seen.push_back(name);
        auto station = stations_.get(name);
        if (!station) return std::unexpected(station.error());
        // The station is as its last lease found it; the file may have been mended since.
        auto spec = lab_.catalogue.board(name);
        if (!spec) return std::unexpected(spec.error());
        if (auto fits = check_recipe_on_board(recipe, *spec); !fits) return fits;
        if (auto fits = check_machine(recipe, *spec); !fits) return fits;
        if (first && spec->transport != first->transport)
            return wrong_request("boards " + first->name + " and " + name,
                                 "one is the controller itself, the other is not: what is built "
                                 "for one does not run on the other");
        if (first && spec->kind != first->kind)
            return wrong_request("boards " + first->name + " and " + name,
                                 "are of different kinds (" + first->kind + ", " + spec->kind +
                                     "): what is bad on one may be good on the other; start one "
                                     "bisection for each kind, they share the builds");
        if (!first) first = std::move(*spec);
    }
    return {};
}

Task<Result<CommitId>> Supervisor::judge(BisectionId id, Judgement judgement) {
    auto bisection = get(id);
    if (!bisection) co_return std::unexpected(bisection.error());
    const BisectionState& state = (*bisection)->state();
    if (const std::string why = obstacle(state); !why.empty())
        co_return wrong_request(place(id), why);
    const StartRequest request = state.requested->request;
    auto recipe = lab_.catalogue.recipe_in(state.requested->recipe_folder);
    if (!recipe) co_return std::unexpected(recipe.error());
    if (auto known = check_symptom(*recipe, judgement.symptom); !known)
        co_return std::unexpected(known.error());
    auto range = co_await lab_.repository.load(request, state.range->bad, state.range->good);
    if (!range) co_return std::unexpected(range.error());
    // A full id of the range needs no clone, which may be gone by now.
    const auto full = CommitId::parse(judgement.commit);
    Result<CommitId> commit = full.value_or(CommitId());
    if (!full || !is_in_range(*range, *full))
        commit = co_await lab_.repository.resolve_name(request.repository, judgement.commit);
    if (!commit) co_return std::unexpected(commit.error());
    if (!is_in_range(*range, *commit))
        co_return wrong_request("commit " + commit->brief(),
                                "it is neither in the range of " + place(id) +
                                    " nor one of its ends: a verdict of it would say nothing");
    // It may have ended while git was asked.
    if (const std::string why = obstacle(state); !why.empty())
        co_return wrong_request(place(id), why);
    const CommitJudged judged{*commit, judgement.symptom, judgement.verdict, judgement.withdrawn,
                              judgement.why};
    auto recorded = (*bisection)->chronicle().record(judged);
    if (!recorded) co_return std::unexpected(recorded.error());
    if (state.activity == Activity::running) (*bisection)->go();
    co_return *commit;
}

bool Supervisor::lacks_replay(const Bisection& bisection) {
    const BisectionState& state = bisection.state();
    return !state.ended && state.steps.empty() && !state.requested->request.replay.empty();
}

void Supervisor::catch_up(BisectionId id) {
    in_background(replay_again(id), place(id) + ": interrupted while its log was replayed");
}

/// A kill, or a full disk, between the request and the last verdict of its log: what is missing is
/// journalled.
Task<void> Supervisor::replay_again(BisectionId id) {
    Bisection& bisection = *bisections_.at(id);
    auto start = co_await resolve_start(lab_.repository, bisection.state().requested->request);
    while (true) {
        const Result<void> recorded =
            start ? record_range(bisection, *start)
                  : bisection.chronicle().record(BisectionPaused{describe(start.error())});
        if (recorded) break;
        log_("warning", place(id) + ": " + describe(recorded.error()));
        if (recorded.error().kind != ErrorKind::infrastructure) co_return;
        co_await lab_.clock.sleep_for(controller_pause);
    }
    if (start) bisection.go();
}

Result<void> Supervisor::record_range(Bisection& bisection, const StartRange& start) {
    const Range& range = start.range;
    if (!bisection.state().range) {
        auto recorded = bisection.chronicle().record(
            RangeResolved{range.bad, range.good, range.merge_bases, range.history->size()});
        if (!recorded) return recorded;
    }
    auto records = lab_.journal.read(bisection.state().id);
    if (!records) return std::unexpected(records.error());
    for (const CommitJudged& judged : start.judged) {
        if (judged_so(*records, judged)) continue;
        if (auto recorded = bisection.chronicle().record(judged); !recorded) return recorded;
    }
    return {};
}

}  // namespace bisectd
