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
        const ErrorKind kind = result.error().kind;
        troubled_ = troubled_ || kind != ErrorKind::cancelled;
        // A board's file that was edited wrongly, for one: only a person mends that.
        if (kind == ErrorKind::request && state().activity == Activity::running)
            pause(result.error());
    }
    if (!going_ && crew_.empty()) chronicle_.open();
}

const AttemptState& Bisection::attempt_at(Place place) const {
    return state().steps[place.first - 1].attempts[place.second - 1];
}

void Bisection::climb_in_crew(Place place, std::function<Task<Result<void>>(const Attempt&)> what) {
    busy_[place] =
        crew_.add(on_board(place, std::move(what)),
                  [this, place](const std::exception_ptr& thrown, const Result<void>& result) {
                      climb_ended(place, thrown, result);
                  });
}

void Bisection::climb_ended(Place place, const std::exception_ptr& thrown,
                            const Result<void>& result) {
    busy_.erase(place);
    const AttemptState& attempt = attempt_at(place);
    const bool stopped = attempt.ended && attempt.ended->stopped;
    // How an attempt that was stopped took it is nobody's fault and no news.
    task_ended("step " + std::to_string(place.first) + ", attempt " + std::to_string(place.second),
               thrown, stopped ? Result<void>() : result);
    if (!stopped) return;
    chronicle_.unhush(attempt.board);
    progress_.erase(attempt.board);
    if (!chronicle_.closed()) leave_in_crew(place);
}

Result<void> Bisection::stop_attempt(const AttemptEnded& ended) {
    auto recorded = chronicle_.record(ended);
    if (!recorded) return recorded;
    const Place place{ended.step, ended.attempt};
    const auto busy = busy_.find(place);
    if (busy == busy_.end()) {
        leave_in_crew(place);
        return {};
    }
    chronicle_.hush(attempt_at(place).board);
    crew_.interrupt(busy->second);
    return {};
}

void Bisection::leave_in_crew(Place place) {
    const std::string board = attempt_at(place).board;
    if (!leases_.contains(board)) return;  // it still queued
    busy_[place] = crew_.add(leave(place), [this, place, board](const std::exception_ptr& thrown,
                                                                const Result<void>& result) {
        busy_.erase(place);
        left(board);
        task_ended("board " + board, thrown, result);
    });
}

Task<Result<void>> Bisection::leave(Place place) {
    auto station = stations_.get(attempt_at(place).board);
    if (!station) co_return std::unexpected(station.error());
    const Attempt attempt{lab_,       chronicle_,  (*station)->on_lease(), recipe_,
                          preparing_, place.first, place.second,           [](const Progress&) {}};
    co_return co_await leave_board(attempt);
}

void Bisection::left(const std::string& board) {
    if (Station* station = stations_.find(board)) station->holder = 0;
    leases_.erase(board);
}

bool Bisection::is_idle(const std::string& board) const {
    const auto is_on = [&](const Place& place) { return attempt_at(place).board == board; };
    for (const auto& [place, number] : busy_)
        if (is_on(place)) return false;
    return state().step_on(board) == nullptr && leases_.contains(board);
}

void Bisection::release_idle() {
    std::vector<std::string> idle;
    for (const auto& [board, lease] : leases_)
        if (is_idle(board)) idle.push_back(board);
    for (const std::string& board : idle) left(board);
}

void Bisection::estimate_in_crew(std::string when) {
    estimating_ = true;
    crew_.add(estimate(std::move(when)),
              [this](const std::exception_ptr& thrown, const Result<void>& result) {
                  estimating_ = false;
                  task_ended("estimate", thrown, result);
              });
}

Task<Result<void>> Bisection::on_board(Place place,
                                       std::function<Task<Result<void>>(const Attempt&)> what) {
    const std::string board = state().steps[place.first - 1].attempts[place.second - 1].board;
    auto station = stations_.get(board);
    if (!station) co_return std::unexpected(station.error());
    if (!leases_.contains(board)) {
        progress_[board] = Progress{"lease", 0, 0, "waiting for board " + board};
        const int priority = state().requested->request.priority;
        Gate::Pass lease = co_await (*station)->gate.enter(chronicle_.id(), priority);
        leases_.emplace(board, std::move(lease));
        progress_.erase(board);
        if (state().activity != Activity::running) co_return Result<void>();  // paused meanwhile
    }
    if (const AttemptState& begun = attempt_at(place); !begun.deployed && begun.batches.empty())
        if (auto refreshed = stations_.refresh(**station); !refreshed)
            co_return std::unexpected(refreshed.error());
    (*station)->holder = chronicle_.id();
    const ProgressSink sink = [this, board](const Progress& now) { progress_[board] = now; };
    const Attempt attempt{lab_,       chronicle_,  (*station)->on_lease(), recipe_,
                          preparing_, place.first, place.second,           sink};
    auto done = co_await what(attempt);
    progress_.erase(board);
    const auto& end = attempt.state().ended;
    const bool stopped = end && end->stopped;  // the board is still to be left
    // Who comes again stands behind equals that wait, and before those of less priority.
    const bool others_turn = (*station)->gate.is_wanted(state().requested->request.priority);
    // An attempt that stays open (the journal failed) stands on its board, and keeps it.
    if (end && !stopped && (!done || others_turn)) left(board);
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
    busy_builds_[build] = crew_.add(
        build_ahead(build), [this, build](const std::exception_ptr& thrown, Result<void> result) {
            busy_builds_.erase(build);
            // How a build that was stopped took it is no news.
            if (state().builds_ahead[build - 1].ended) result = {};
            progress_.erase("");
            task_ended("build " + std::to_string(build), thrown, result);
        });
}

Result<void> Bisection::stop_build(const BuildAheadEnded& ended) {
    auto recorded = chronicle_.record(ended);
    if (!recorded) return recorded;
    const auto busy = busy_builds_.find(ended.build);
    if (busy != busy_builds_.end()) crew_.interrupt(busy->second);
    return {};
}

Task<Result<void>> Bisection::build_ahead(std::uint64_t build) {
    const CommitId commit = state().builds_ahead[build - 1].commit;
    Building building{
        .lab = lab_,
        .bisection = chronicle_.id(),
        .repository = state().requested->request.repository,
        .priority = state().requested->request.priority,
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
    if (state().builds_ahead[build - 1].ended) co_return Result<void>();  // stopped meanwhile
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
