#include "orchestration/bisection.hpp"

#include <algorithm>

#include "core/engine/engine.hpp"
#include "orchestration/prior.hpp"
#include "orchestration/recovery.hpp"
#include "ports/offload.hpp"

namespace bisectd {
Bisection::Bisection(Lab& lab, Stations& stations, Listeners& listeners, BisectionId id,
                     const boost::asio::any_io_executor& executor, Log log)
    : lab_(lab),
      stations_(stations),
      executor_(executor),
      chronicle_(lab.journal, lab.clock, listeners, id),
      log_(std::move(log)),
      preparing_(executor),
      crew_(executor) {}

void Bisection::go() {
    if (going_) return crew_.wake();
    going_ = true;
    boost::asio::co_spawn(
        executor_, run(),
        boost::asio::bind_cancellation_slot(
            cancel_.slot(), [this](const std::exception_ptr& thrown) { ended(thrown); }));
}

void Bisection::ended(const std::exception_ptr& thrown) {
    going_ = false;
    for (const auto& [board, lease] : leases_)
        if (Station* station = stations_.find(board)) station->holder = 0;
    leases_.clear();
    progress_.clear();
    if (crew_.empty()) chronicle_.open();
    // The history and its ancestry are the most of it, and no question is asked any more.
    if (state().ended && crew_.empty()) knowledge_ = Knowledge{};
    if (thrown) log_("info", "interrupted: " + what_was(thrown));
}

void Bisection::keep_board(const std::string& board, Gate::Pass lease) {
    leases_.emplace(board, std::move(lease));
}

std::optional<Gate::Pass> Bisection::give_away(const std::string& board) {
    const auto found = leases_.find(board);
    if (found == leases_.end()) return std::nullopt;
    Gate::Pass lease = std::move(found->second);
    leases_.erase(found);
    return lease;
}

void Bisection::interrupt() {
    if (!going()) return;
    chronicle_.close();
    crew_.interrupt();
    cancel_.emit(boost::asio::cancellation_type::all);
}

Task<void> Bisection::settled(Clock& clock) {
    while (going()) co_await clock.sleep_for(settling_poll);
}

std::vector<Progress> Bisection::progress() const {
    std::vector<Progress> all;
    const auto add = [this, &all](const std::string& place) {
        const auto found = progress_.find(place);
        if (found == progress_.end() || found->second.what.empty()) return;
        all.push_back(found->second);
        all.back().board = place;
    };
    if (!state().requested) return all;
    for (const std::string& board : state().requested->request.boards()) add(board);
    add("");
    return all;
}

Task<void> Bisection::run() {
    bool over = false;
    while (!chronicle_.closed()) {
        Result<void> done;
        bool changed = false, rests = false;
        if (!loaded_) done = co_await load();
        if (done) {
            loaded_ = true;
            const Hands now = hands();
            held_ = now.no_space;
            std::vector<Decision> decisions = decide(state(), knowledge_, recipe_, now);
            rests = decisions.empty() && state().activity != Activity::running;
            for (Decision& decision : decisions) {
                auto acted = co_await act(std::move(decision));
                if (!acted) {
                    done = std::unexpected(acted.error());
                    break;
                }
                changed = changed || *acted;
            }
        }
        if (chronicle_.closed()) co_return;
        if (!done) {
            log_("error", describe(done.error()));
            changed = false;
            const ErrorKind kind = done.error().kind;
            if (kind == ErrorKind::infrastructure)
                troubled_ = true;
            else if (kind != ErrorKind::cancelled && state().activity == Activity::running)
                pause(done.error());
        }
        // Also where the bisection rests: its boards are still to be given back in the journal.
        if (std::exchange(troubled_, false) && !rests) {
            co_await lab_.clock.sleep_for(controller_pause);
            loaded_ = loaded_ && !crew_.empty();  // anew, where nobody stands in the state
            continue;
        }
        if (changed) continue;
        // What is interrupted at the end leaves its board where it stood: that one goes home below.
        if (!over) release_idle();
        over = state().ended.has_value();
        if (over) crew_.interrupt();
        if (held_ && crew_.empty() && !over) lab_.space->waits(chronicle_.id());
        if (!crew_.empty())
            co_await crew_.woken();
        else if (state().ended)
            co_return co_await boards_go_home();
        else
            co_return;
    }
}

/// The answer was there before every board had done its part.
Task<void> Bisection::boards_go_home() {
    for (const auto& [board, lease] : leases_) {
        auto home = co_await bring_home(board);
        if (!home) log_("warning", describe(home.error()));
    }
}

Task<Result<void>> Bisection::bring_home(std::string board) {
    auto station = stations_.get(board);
    if (!station) co_return std::unexpected(station.error());
    const StepState* const step = state().step_on(board);
    const AttemptState* const attempt = step == nullptr ? nullptr : &step->attempts.back();
    const bool stood = attempt != nullptr && stands_on_board(*attempt);
    // What runs without a boot is ended by no reboot.
    if (stood && !attempt->batches.empty() && !attempt->proven) {
        if (!loaded_)
            if (auto read = load_recipe(); !read) co_return read;
        co_return co_await leave({step->number, attempt->number});
    }
    if ((*station)->spec.transport == Transport::local) co_return Result<void>();
    auto home = co_await bisectd::bring_home(lab_, chronicle_, (*station)->on_lease());
    if (!home) co_return std::unexpected(home.error());
    if (!stood || state().brought_home.contains(board)) co_return Result<void>();
    co_return chronicle_.record(BoardRecovered{board, home->boot_id});
}

Task<Result<void>> Bisection::load() {
    auto reloaded = chronicle_.reload();
    if (!reloaded) co_return reloaded;
    if (!state().requested || state().ended) co_return Result<void>();
    auto read = load_recipe();
    if (!read) co_return read;
    co_return co_await load_range();
}

Result<void> Bisection::load_recipe() {
    auto recipe = lab_.catalogue.recipe_in(state().requested->recipe_folder);
    if (!recipe) return std::unexpected(recipe.error());
    if (recipe->digest != state().requested->recipe_digest)
        return wrong_request(recipe->folder,
                             "the frozen recipe was changed since the bisection was started; "
                             "cancel it and start anew");
    recipe_ = std::move(*recipe);
    return {};
}

Task<Result<void>> Bisection::load_range() {
    if (!state().range) co_return Result<void>();
    if (!knowledge_.history) {
        auto range = co_await lab_.repository.load(state().requested->request, state().range->bad,
                                                   state().range->good);
        if (!range) co_return std::unexpected(range.error());
        knowledge_.history = range->history;
        knowledge_.ancestry = std::make_shared<const engine::Ancestry>(knowledge_.history);
    }
    if (!state().prior) co_return Result<void>();
    auto unlikely = read_prior(lab_, *state().prior, *knowledge_.history);
    if (!unlikely) co_return std::unexpected(unlikely.error());
    knowledge_.unlikely = std::move(*unlikely);
    co_return Result<void>();
}

Hands Bisection::hands() {
    Hands hands;
    for (const auto& [place, number] : busy_) hands.busy.insert(place);
    hands.estimating = estimating_;
    for (const auto& [build, number] : busy_builds_) hands.busy_builds.insert(build);
    hands.no_space = lab_.space != nullptr && !lab_.space->has_room();
    hands.builders = hands.no_space ? 0 : lab_.builders_apart;
    if (!state().requested || hands.no_space) return hands;  // as if every board were in use
    std::optional<std::string> shortest;                     // queue
    std::size_t waiting = 0;
    bool mine = false;
    for (const std::string& board : state().requested->request.boards()) {
        if (is_idle(board)) {
            if (!state().parked.contains(board) && !state().quarantined.contains(board))
                hands.free_boards.push_back(board);
            continue;
        }
        const bool in_use = leases_.contains(board) || state().step_on(board) != nullptr;
        mine = mine || in_use;
        if (in_use || state().parked.contains(board) || state().quarantined.contains(board))
            continue;
        auto station = stations_.get(board);
        if (!station || (*station)->gate.try_enter()) {
            hands.free_boards.push_back(board);
            continue;
        }
        hands.lent_boards.push_back(board);
        const std::size_t before_us = (*station)->gate.waiting().size();
        if (!shortest || before_us < waiting) {
            shortest = board;
            waiting = before_us;
        }
    }
    // All are with others: queue for one of them.
    if (hands.free_boards.empty() && !mine && shortest) hands.free_boards.push_back(*shortest);
    return hands;
}

Task<Result<bool>> Bisection::act(Decision decision) {
    Result<void> done;
    bool changes = true;
    if (std::holds_alternative<ResolveRange>(decision)) {
        done = co_await resolve_range();
    } else if (std::holds_alternative<WeighPrior>(decision)) {
        done = co_await weigh_prior();
    } else if (const auto* when = std::get_if<Estimate>(&decision)) {
        changes = when->when != "renewed";  // before anything else is done
        if (changes)
            done = co_await estimate(when->when);
        else
            estimate_in_crew(when->when);
    } else if (const auto* test = std::get_if<TestCommit>(&decision)) {
        done = co_await start_step(*test);
    } else if (const auto* again = std::get_if<TryAgain>(&decision)) {
        done = start_attempt(*again);
    } else if (const auto* suspect = std::get_if<NameSuspect>(&decision)) {
        done = co_await name_suspect(*suspect);
    } else if (const auto* conclusion = std::get_if<Conclude>(&decision)) {
        done = chronicle_.record(conclusion->event);
    } else if (const auto* ahead = std::get_if<BuildAhead>(&decision)) {
        done = co_await start_build(*ahead);
    } else if (const auto* stop = std::get_if<StopAttempt>(&decision)) {
        done = stop_attempt(stop->event);
    } else if (const auto* unneeded = std::get_if<StopBuild>(&decision)) {
        done = stop_build(unneeded->event);
    } else {
        changes = false;
        if (const auto* on = std::get_if<ClimbOn>(&decision))
            climb_in_crew({on->step, on->attempt}, [](const Attempt& a) { return climb(a); });
        else if (const auto* run = std::get_if<RunOn>(&decision))
            climb_in_crew({run->step, run->attempt},
                          [order = *run](const Attempt& a) { return run_on(a, order); });
        else if (const auto* end = std::get_if<EndAttempt>(&decision))
            climb_in_crew({end->event.step, end->event.attempt},
                          [ended = end->event](const Attempt& a) { return end_attempt(a, ended); });
        else if (const auto* building = std::get_if<GoOnBuilding>(&decision))
            build_in_crew(building->build);
    }
    if (!done) co_return std::unexpected(done.error());
    co_return changes;
}

Task<Result<void>> Bisection::resolve_range() {
    auto range = co_await lab_.repository.resolve(state().requested->request);
    if (!range) co_return std::unexpected(range.error());
    auto recorded = chronicle_.record(
        RangeResolved{range->bad, range->good, range->merge_bases, range->history->size()});
    if (!recorded) co_return recorded;
    co_return co_await load_range();
}

Task<Result<void>> Bisection::weigh_prior() {
    auto weighed = co_await bisectd::weigh_prior(lab_, state(), knowledge_.history);
    if (!weighed) co_return std::unexpected(weighed.error());
    auto recorded = chronicle_.record(*weighed);
    if (!recorded) co_return recorded;
    co_return co_await load_range();
}

Task<Result<void>> Bisection::estimate(std::string when) {
    const auto begun = lab_.clock.steady();
    const AskedQuestion asked = question_of(state(), knowledge_, recipe_, hands());
    const auto play = [ancestry = knowledge_.ancestry, question = asked.question,
                       games = lab_.estimate_games]() -> Result<engine::Outlook> {
        return engine::outlook(*ancestry, question, games);
    };
    auto played = lab_.pool == nullptr ? play() : co_await offload(*lab_.pool, play);
    if (!played) co_return std::unexpected(played.error());
    const engine::Outlook& outlook = *played;
    const engine::Advice advice = engine::advise(*knowledge_.ancestry, asked.question);
    Estimated estimated;
    estimated.when = when;
    estimated.seconds = outlook.seconds;
    estimated.steps = outlook.commits;
    estimated.runs = outlook.runs;
    estimated.failure_rate = advice.standings.front().rate_median;
    estimated.good_verdict_runs = outlook.good_verdict_runs;
    estimated.took_s = std::chrono::duration<double>(lab_.clock.steady() - begun).count();
    co_return chronicle_.record(estimated);
}

Task<Result<void>> Bisection::start_step(TestCommit test) {
    auto info = co_await lab_.repository.commit(state().requested->request.repository, test.commit);
    if (!info) co_return std::unexpected(info.error());
    StepStarted started;
    started.step = state().steps.size() + 1;
    started.commit = test.commit;
    started.subject = info->subject;
    started.purpose = test.purpose;
    started.suspects = test.suspects;
    started.reverted = test.reverted;
    auto recorded = chronicle_.record(started);
    if (!recorded) co_return recorded;
    co_return start_attempt(TryAgain{started.step, test.board});
}

void Bisection::pause(const Error& why) {
    const auto recorded = chronicle_.record(BisectionPaused{describe(why)});
    if (recorded) return;
    log_("error", describe(recorded.error()));
    troubled_ = true;
}

Result<void> Bisection::start_attempt(const TryAgain& again) {
    const std::uint64_t number = state().steps[again.step - 1].attempts.size() + 1;
    return chronicle_.record(AttemptStarted{again.step, number, again.board});
}

Task<Result<void>> Bisection::name_suspect(NameSuspect named) {
    auto info =
        co_await lab_.repository.commit(state().requested->request.repository, named.commit);
    if (!info) co_return std::unexpected(info.error());
    SuspectNamed event;
    event.commit = named.commit;
    event.subject = info->subject;
    event.author = info->author;
    event.parents = info->parents;
    event.symptom = named.symptom;
    event.confidence = named.confidence;
    event.flags = co_await flags_of(lab_, state(), recipe_, named.commit);
    co_return chronicle_.record(event);
}

}  // namespace bisectd
