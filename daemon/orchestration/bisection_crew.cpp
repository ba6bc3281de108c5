#include "orchestration/bisection.hpp"
#include "orchestration/building.hpp"

// What a bisection's crew does side by side: attempts on boards, and builds ahead of them.

namespace bisectd {

void Bisection::task_ended(const std::string& what, const std::exception_ptr& thrown,
                           const Result<void>& result) {
    if (thrown)
        log_("info", what + " interrupted: " + what_was(thrown));
    else if (!result && !chronicle_.closed()) {
        log_("error", what + ": " + describe(result.error()));
        troubled_ = troubled_ || result.error().kind == ErrorKind::infrastructure;
    }
    if (!going_ && crew_.empty()) chronicle_.open();
}

void Bisection::climb_in_crew(Place place, std::function<Task<Result<void>>(const Attempt&)> what) {
    busy_.insert(place);
    crew_.add(on_board(place, std::move(what)),
              [this, place](const std::exception_ptr& thrown, const Result<void>& result) {
                  busy_.erase(place);
                  task_ended("step " + std::to_string(place.first) + ", attempt " +
                                 std::to_string(place.second),
                             thrown, result);
              });
}

Task<Result<void>> Bisection::on_board(Place place,
                                       std::function<Task<Result<void>>(const Attempt&)> what) {
    const std::string board = state().steps[place.first - 1].attempts[place.second - 1].board;
    auto station = stations_.get(board);
    if (!station) co_return std::unexpected(station.error());
    if (!leases_.contains(board)) {
        progress_[board] = Progress{"lease", 0, 0, "waiting for board " + board};
        Gate::Pass lease = co_await (*station)->gate.enter();
        leases_.emplace(board, std::move(lease));
        progress_.erase(board);
        if (state().activity != Activity::running) co_return Result<void>();  // paused meanwhile
        if (auto refreshed = stations_.refresh(**station); !refreshed)
            co_return std::unexpected(refreshed.error());
    }
    (*station)->holder = chronicle_.id();
    const ProgressSink sink = [this, board](const Progress& now) { progress_[board] = now; };
    const Attempt attempt{lab_,         chronicle_, (*station)->on_lease(), recipe_, place.first,
                          place.second, sink};
    auto done = co_await what(attempt);
    progress_.erase(board);
    if (attempt.state().ended || !done) {
        (*station)->holder = 0;
        leases_.erase(board);
    }
    co_return done;
}

Task<Result<void>> Bisection::start_build(BuildAhead ahead) {
    auto info =
        co_await lab_.repository.commit(state().requested->request.repository, ahead.commit);
    if (!info) co_return std::unexpected(info.error());
    co_return chronicle_.record(
        BuildAheadStarted{state().builds_ahead.size() + 1, ahead.commit, info->subject});
}

void Bisection::build_in_crew(std::uint64_t build) {
    busy_builds_.insert(build);
    crew_.add(build_ahead(build),
              [this, build](const std::exception_ptr& thrown, const Result<void>& result) {
                  busy_builds_.erase(build);
                  task_ended("build " + std::to_string(build), thrown, result);
              });
}

Task<Result<void>> Bisection::build_ahead(std::uint64_t build) {
    const CommitId commit = state().builds_ahead[build - 1].commit;
    Building building{
        .lab = lab_,
        .bisection = chronicle_.id(),
        .repository = state().requested->request.repository,
        .recipe = recipe_,
        .commit = commit,
        .reverted = {},
        .log = lab_.workshop.log_path(chronicle_.id(), 0, build),
        .progress = [this](const Progress& now) { progress_[""] = now; },
        .prepared = [](Rung, const PreparedTree&, const std::string&) { return Climbed<>(); },
        .started = [](const std::string&) { return Climbed<>(); },
        .note = [this](const std::string& text) -> Climbed<> {
            auto recorded = chronicle_.record(Noted{text});
            if (!recorded) return std::unexpected(blame(Rung::build, recorded.error()));
            return {};
        }};
    Climbed<Finished> finished = co_await bisectd::build(std::move(building));
    progress_.erase("");
    if (!finished && finished.error().left_open)
        co_return infrastructure("build", finished.error().cause);
    BuildAheadEnded ended;
    ended.build = build;
    ended.commit = commit;
    if (finished) {
        ended.outcome = Outcome::good_looking;
        ended.key = finished->artefact.key;
        ended.from_store = finished->from_store;
        ended.seconds = finished->from_store ? 0 : finished->artefact.seconds;
    } else {
        ended.outcome = finished.error().outcome;
        ended.cause = finished.error().cause;
    }
    co_return chronicle_.record(ended);
}

}  // namespace bisectd
