#include "orchestration/supervisor.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <set>

#include "core/state_log.hpp"
#include "orchestration/doctor.hpp"
#include "orchestration/evidence.hpp"
#include "orchestration/recovery.hpp"
#include "orchestration/reporting.hpp"
#include "orchestration/surveying.hpp"

namespace bisectd {
Result<void> check_recipe_on_board(const Recipe& recipe, const BoardSpec& board) {
    const std::string where = "recipe " + recipe.name + " on board " + board.name;
    if (recipe.build.kind != BuildKind::kernel) return {};
    if (board.transport == Transport::local)
        return wrong_request(where,
                             "a kernel cannot be booted on the controller itself; name a "
                             "board that is reached over SSH");
    if (board.deploy.image.empty() || board.deploy.arm.empty())
        return wrong_request(where,
                             "the board's [deploy] says not where a kernel goes (image) or "
                             "how it is booted once (arm)");
    return {};
}

Supervisor::Supervisor(Lab& lab, const boost::asio::any_io_executor& executor, Bisection::Log log)
    : lab_(lab),
      executor_(executor),
      log_(std::move(log)),
      stations_(lab.catalogue, lab.drivers, executor),
      notifier_(
          lab.clock, lab.herald, executor,
          [this](BisectionId id, const Event& event) {
              return bisections_.at(id)->chronicle().record(event);
          },
          log_) {
    notifying_ = listeners_.add([this](const EventRecord& record) {
        if (lab_.log_keeper != nullptr) lab_.log_keeper->hear(record);
        const auto found = bisections_.find(record.bisection);
        if (found == bisections_.end()) return;
        notifier_.hear(found->second->state(), record);
        look_for_parked(record);
    });
}

Bisection& Supervisor::add(BisectionId id) {
    const Bisection::Log log = [this, id](const std::string& level, const std::string& text) {
        log_(level, "bisection " + std::to_string(id) + ": " + text);
    };
    auto& place = bisections_[id];
    place = std::make_unique<Bisection>(lab_, stations_, listeners_, id, executor_, log);
    return *place;
}

Result<void> Supervisor::go_on() {
    auto ids = lab_.journal.bisections();
    if (!ids) return std::unexpected(ids.error());
    std::vector<Bisection*> going;
    for (BisectionId id : *ids) {
        if (id == 0) continue;
        Bisection& bisection = add(id);
        auto read = bisection.chronicle().reload();
        if (!read) return read;
        if (auto told = notify_late(bisection); !told) return told;
        if (bisection.state().ended) continue;
        // One that rests goes on as well until its boards are given back in the journal.
        const bool stands = keep_boards(bisection);
        if (stands || bisection.state().activity == Activity::running) going.push_back(&bisection);
    }
    settle_left_boards();
    for (Bisection* bisection : going) {
        if (lacks_replay(*bisection))
            catch_up(bisection->state().id);
        else
            bisection->go();
    }
    look_after_disks();
    return {};
}

Result<void> Supervisor::notify_late(const Bisection& bisection) {
    if (lab_.herald == nullptr) return {};
    auto records = lab_.journal.read(bisection.state().id);
    if (!records) return std::unexpected(records.error());
    notifier_.catch_up(bisection.state(), *records);
    return {};
}

bool Supervisor::keep_boards(Bisection& bisection) {
    bool stands = false;
    for (const StepState* step : bisection.state().open_steps()) {
        if (step->attempts.empty()) continue;
        const AttemptState& attempt = step->attempts.back();
        if (!stands_on_board(attempt)) continue;
        stands = true;
        auto station = stations_.get(attempt.board);
        if (!station) continue;  // said when the attempt goes on
        auto lease = (*station)->gate.try_enter();
        if (lease) bisection.keep_board(attempt.board, std::move(*lease));
    }
    return stands;
}

Task<void> Supervisor::stop() {
    stopping_ = true;
    for (auto& signal : background_) signal.emit(boost::asio::cancellation_type::all);
    for (auto& [id, bisection] : bisections_) bisection->interrupt();
    notifier_.interrupt();
    while (!background_.empty() || !notifier_.idle()) co_await lab_.clock.sleep_for(settling_poll);
    for (auto& [id, bisection] : bisections_) {
        bisection->interrupt();  // what ended just now may have let it go on
        co_await bisection->settled(lab_.clock);
    }
}

Task<Result<BisectionId>> Supervisor::start(StartRequest request) {
    auto recipe = lab_.catalogue.recipe(request.recipe);
    if (!recipe) co_return std::unexpected(recipe.error());
    auto fits = check_boards(*recipe, request);
    if (!fits) co_return std::unexpected(fits.error());
    if (lab_.space != nullptr && !lab_.space->has_room())
        co_return infrastructure("start",
                                 "there is too little free space on the controller's "
                                 "disks (keep_free); make room, then start it again");
    auto resolved = co_await resolve_start(lab_.repository, std::move(request));
    if (!resolved) co_return std::unexpected(resolved.error());
    auto id = lab_.journal.next_bisection();
    if (!id) co_return std::unexpected(id.error());
    auto frozen = lab_.workshop.freeze_recipe(*id, *recipe);
    if (!frozen) co_return std::unexpected(frozen.error());

    Bisection& bisection = add(*id);
    // The seed only has to differ between bisections and to be known afterwards.
    const BisectionRequested requested{resolved->request, *frozen, recipe->digest, *id};
    auto recorded = bisection.chronicle().record(requested);
    if (!recorded) co_return std::unexpected(recorded.error());
    // From here on it is in the journal: whatever fails now is tried again, as after a kill.
    recorded = record_range(bisection, *resolved);
    if (!recorded && lacks_replay(bisection))
        catch_up(*id);
    else
        bisection.go();
    co_return *id;
}

Result<Bisection*> Supervisor::get(BisectionId id) {
    const auto found = bisections_.find(id);
    if (found == bisections_.end() || !found->second->state().requested)
        return wrong_request("bisection " + std::to_string(id),
                             "there is none with this number; bisectctl list shows them");
    return found->second.get();
}

Result<void> Supervisor::pause(BisectionId id) {
    auto bisection = get(id);
    if (!bisection) return std::unexpected(bisection.error());
    const Activity activity = (*bisection)->state().activity;
    if (activity != Activity::running)
        return wrong_request("bisection " + std::to_string(id),
                             "it is " + std::string(word(activity)) + ", not running");
    return (*bisection)->chronicle().record(BisectionPaused{std::string(paused_by_person)});
}

Result<void> Supervisor::resume(BisectionId id) {
    auto bisection = get(id);
    if (!bisection) return std::unexpected(bisection.error());
    const Activity activity = (*bisection)->state().activity;
    if (activity != Activity::paused && activity != Activity::parked)
        return wrong_request("bisection " + std::to_string(id),
                             "it is " + std::string(word(activity)) + ", not paused");
    auto recorded = (*bisection)->chronicle().record(BisectionResumed{});
    if (!recorded) return recorded;
    if (lacks_replay(**bisection))
        catch_up(id);
    else
        (*bisection)->go();
    return {};
}

Result<void> Supervisor::cancel(BisectionId id) {
    auto bisection = get(id);
    if (!bisection) return std::unexpected(bisection.error());
    if ((*bisection)->state().ended)
        return wrong_request("bisection " + std::to_string(id), "it has ended already");
    auto recorded = (*bisection)
                        ->chronicle()
                        .record(BisectionEnded{Ending::cancelled, {}, "a person cancelled it"});
    if (!recorded) return recorded;
    settle_boards_of(id);  // first: an interrupted one gives its boards to whoever waits
    (*bisection)->interrupt();
    return {};
}

void Supervisor::in_background(Task<void> task, std::string what) {
    const auto signal = background_.emplace(background_.end());
    boost::asio::co_spawn(
        executor_, std::move(task),
        boost::asio::bind_cancellation_slot(signal->slot(), [this, signal, said = std::move(what)](
                                                                const std::exception_ptr& thrown) {
            background_.erase(signal);
            if (thrown) log_(stopping_ ? "info" : "error", said + ": " + what_was(thrown));
        }));
}

std::vector<const BisectionState*> Supervisor::bisections() {
    std::vector<const BisectionState*> states;
    for (const auto& [id, bisection] : bisections_)
        if (bisection->state().requested) states.push_back(&bisection->state());
    return states;
}

const BisectionState* Supervisor::bisection(BisectionId id) {
    auto found = get(id);
    return found ? &(*found)->state() : nullptr;
}

Progress Supervisor::progress(BisectionId id) {
    const std::vector<Progress> all = all_progress(id);
    return all.empty() ? Progress{} : all.front();
}

std::vector<Progress> Supervisor::all_progress(BisectionId id) {
    auto found = get(id);
    return found ? (*found)->progress() : std::vector<Progress>{};
}

Result<std::string> Supervisor::log_file(BisectionId id, std::uint64_t step, std::uint64_t attempt,
                                         const std::string& which) {
    const std::string where = "bisection " + std::to_string(id) + ", step " + std::to_string(step) +
                              ", attempt " + std::to_string(attempt);
    if (which != "build" && which != "console" && which != "runs")
        return wrong_request(where, "there is no log '" + which + "'; build, console or runs");
    auto found = get(id);
    if (!found) return std::unexpected(found.error());
    const auto& steps = (*found)->state().steps;
    if (step == 0 || step > steps.size() || attempt == 0 ||
        attempt > steps[step - 1].attempts.size())
        return wrong_request(where, "there is no such attempt");
    if ((*found)->state().logs_evicted)
        return wrong_request(where,
                             "its logs were removed to keep the disk from filling ([storage] "
                             "in the configuration says when)");
    std::string path = evidence_file(lab_.workshop, id, step, attempt, which);
    if (lab_.logs.open(path) == nullptr) return wrong_request(where, "it has no " + which + " log");
    return path;
}

std::shared_ptr<LogText> Supervisor::open_log(const std::string& file) {
    return lab_.logs.open(file);
}

Task<Result<std::string>> Supervisor::git_log(BisectionId id, std::string symptom) {
    auto found = get(id);
    if (!found) co_return std::unexpected(found.error());
    if (!symptom.empty()) {
        auto recipe = lab_.catalogue.recipe_in((*found)->state().requested->recipe_folder);
        if (!recipe) co_return std::unexpected(recipe.error());
        if (auto known = check_symptom(*recipe, symptom); !known)
            co_return std::unexpected(known.error());
    }
    auto records = lab_.journal.read(id);
    if (!records) co_return std::unexpected(records.error());
    co_return git_bisect_log(log_of((*found)->state(), *records, symptom));
}

Task<Result<ReportMail>> Supervisor::report(BisectionId id, std::string symptom) {
    auto found = get(id);
    if (!found) co_return std::unexpected(found.error());
    auto log = co_await git_log(id, symptom);
    if (!log) co_return std::unexpected(log.error());
    co_return co_await write_report(lab_, (*found)->state(), std::move(symptom), std::move(*log));
}

Result<std::vector<EventRecord>> Supervisor::events_after(std::uint64_t seq, std::size_t limit,
                                                          std::optional<BisectionId> of) {
    return lab_.journal.read_after(seq, limit, of);
}

Result<std::vector<EventRecord>> Supervisor::find_events(EventFilter filter) {
    return lab_.journal.find(std::move(filter));
}

Result<std::uint64_t> Supervisor::last_seq() {
    return lab_.journal.last_seq();
}

std::shared_ptr<void> Supervisor::listen(std::function<void(const EventRecord&)> listener) {
    return listeners_.add(std::move(listener));
}

std::vector<std::string> Supervisor::recipes() {
    return lab_.catalogue.recipes();
}

Result<Recipe> Supervisor::recipe(const std::string& name) {
    return lab_.catalogue.recipe(name);
}

Task<Result<Survey>> Supervisor::survey(BisectionId id) {
    auto found = get(id);
    if (!found) co_return std::unexpected(found.error());
    Task<Result<Survey>> drawing = draw_survey(lab_, (*found)->state(), (*found)->knowledge());
    co_return co_await std::move(drawing);
}

Task<Result<std::string>> Supervisor::diff(BisectionId id, CommitId commit) {
    auto found = get(id);
    if (!found) co_return std::unexpected(found.error());
    co_return co_await lab_.repository.diff((*found)->state().requested->request.repository,
                                            std::move(commit));
}

Task<Result<Stock>> Supervisor::stock() {
    return lab_.workshop.stock();
}

Task<std::vector<Finding>> Supervisor::doctor(StartRequest request) {
    co_return co_await examine(lab_, stations_, std::move(request));
}

}  // namespace bisectd
