#include "orchestration/bisection.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <exception>

#include "orchestration/attempt.hpp"

namespace bisectd {
namespace {

using namespace std::chrono_literals;

/// After a fault of the controller itself (journal, mirror, disk) before it is tried again.
constexpr std::chrono::milliseconds controller_pause = 10s;

/// Shows who has the board while an attempt is climbed.
class Holding {
  public:
    Holding(Station& station, BisectionId id) : station_(station) { station_.holder = id; }
    Holding(const Holding&) = delete;
    Holding& operator=(const Holding&) = delete;
    ~Holding() { station_.holder = 0; }

  private:
    Station& station_;
};

}  // namespace

Bisection::Bisection(Lab& lab, Stations& stations, Listeners& listeners, BisectionId id, Log log)
    : lab_(lab),
      stations_(stations),
      chronicle_(lab.journal, lab.clock, listeners, id),
      log_(std::move(log)) {}

void Bisection::go(boost::asio::any_io_executor executor) {
    if (going_) return;
    going_ = true;
    boost::asio::co_spawn(executor, run(),
                          boost::asio::bind_cancellation_slot(
                              cancel_.slot(), [this](const std::exception_ptr& thrown) {
                                  going_ = false;
                                  kept_.reset();
                                  chronicle_.open();
                                  progress_ = {};
                                  if (!thrown) return;
                                  try {
                                      std::rethrow_exception(thrown);
                                  } catch (const std::exception& error) {
                                      log_("info", std::string("interrupted: ") + error.what());
                                  }
                              }));
}

void Bisection::interrupt() {
    if (!going_) return;
    chronicle_.close();
    cancel_.emit(boost::asio::cancellation_type::all);
}

Task<void> Bisection::settled(Clock& clock) {
    while (going_) co_await clock.sleep_for(settling_poll);
}

Task<void> Bisection::run() {
    while (true) {
        auto acted = co_await act_once();
        if (chronicle_.closed()) co_return;
        if (!acted) {
            log_("error", describe(acted.error()));
            kept_.reset();
            if (acted.error().kind == ErrorKind::cancelled || state().ended) co_return;
            if (acted.error().kind != ErrorKind::infrastructure) {
                auto paused = chronicle_.record(BisectionPaused{describe(acted.error())});
                if (paused) co_return;
            }
            if (state().activity != Activity::running && loaded_) co_return;
            co_await lab_.clock.sleep_for(controller_pause);
            loaded_ = false;
        } else if (!*acted) {
            co_return;
        }
    }
}

Task<Result<bool>> Bisection::act_once() {
    if (!loaded_) {
        auto loaded = co_await load();
        if (!loaded) co_return std::unexpected(loaded.error());
        loaded_ = true;
    }
    static const History nothing;
    Decision decision = decide(state(), history_ ? *history_ : nothing, recipe_);
    co_return co_await act(std::move(decision));
}

Task<Result<void>> Bisection::load() {
    auto reloaded = chronicle_.reload();
    if (!reloaded) co_return reloaded;
    if (!state().requested || state().ended) co_return Result<void>();
    auto recipe = lab_.catalogue.recipe_in(state().requested->recipe_folder);
    if (!recipe) co_return std::unexpected(recipe.error());
    if (recipe->digest != state().requested->recipe_digest)
        co_return wrong_request(recipe->folder,
                                "the frozen recipe was changed since the bisection was started; "
                                "cancel it and start anew");
    recipe_ = std::move(*recipe);
    if (!state().range || history_) co_return Result<void>();
    auto range = co_await lab_.repository.load(state().requested->request, state().range->bad,
                                               state().range->good);
    if (!range) co_return std::unexpected(range.error());
    history_ = range->history;
    co_return Result<void>();
}

/// False: there is nothing to do until a person acts.
Task<Result<bool>> Bisection::act(Decision decision) {
    Result<void> done;
    if (std::holds_alternative<Rest>(decision)) co_return false;
    if (std::holds_alternative<ResolveRange>(decision)) {
        done = co_await resolve_range();
    } else if (const auto* test = std::get_if<TestCommit>(&decision)) {
        done = co_await start_step(*test);
    } else if (const auto* again = std::get_if<TryAgain>(&decision)) {
        done = co_await start_attempt(again->step);
    } else if (const auto* on = std::get_if<ClimbOn>(&decision)) {
        done = co_await climb_on(*on);
    } else if (const auto* suspect = std::get_if<NameSuspect>(&decision)) {
        done = co_await name_suspect(suspect->commit);
    } else if (const auto* conclusion = std::get_if<Conclude>(&decision)) {
        const Event event = std::visit([](const auto& e) { return Event(e); }, conclusion->event);
        done = chronicle_.record(event);
    }
    if (!done) co_return std::unexpected(done.error());
    co_return true;
}

Task<Result<void>> Bisection::resolve_range() {
    auto range = co_await lab_.repository.resolve(state().requested->request);
    if (!range) co_return std::unexpected(range.error());
    history_ = range->history;
    co_return chronicle_.record(
        RangeResolved{range->bad, range->good, range->merge_bases, range->history->size()});
}

Task<Result<void>> Bisection::start_step(TestCommit test) {
    auto info = co_await lab_.repository.commit(state().requested->request.repository, test.commit);
    if (!info) co_return std::unexpected(info.error());
    co_return chronicle_.record(StepStarted{state().steps.size() + 1, test.commit, info->subject,
                                            test.purpose, test.suspects});
}

Task<Result<void>> Bisection::start_attempt(std::uint64_t step) {
    const std::uint64_t number = state().steps[step - 1].attempts.size() + 1;
    co_return chronicle_.record(AttemptStarted{step, number, state().requested->request.board});
}

Task<Gate::Pass> Bisection::lease_of(Station& station) {
    if (!kept_) co_return co_await station.gate.enter();
    Gate::Pass kept = std::move(*kept_);
    kept_.reset();
    co_return kept;
}

Task<Result<void>> Bisection::climb_on(ClimbOn on) {
    auto station = stations_.get(state().requested->request.board);
    if (!station) co_return std::unexpected(station.error());
    progress_ = Progress{"lease", 0, 0, "waiting for board " + (*station)->spec.name};
    const Gate::Pass lease = co_await lease_of(**station);
    if (state().activity != Activity::running) co_return Result<void>();  // paused while it waited
    if (auto refreshed = stations_.refresh(**station); !refreshed)
        co_return std::unexpected(refreshed.error());
    const Holding holding(**station, chronicle_.id());
    progress_ = {};
    const ProgressSink sink = [this](const Progress& progress) { progress_ = progress; };
    const Attempt attempt{lab_,       chronicle_, (*station)->on_lease(), recipe_, on.step,
                          on.attempt, sink};
    auto climbed = co_await climb(attempt);
    progress_ = {};
    co_return climbed;
}

Task<Result<void>> Bisection::name_suspect(CommitId commit) {
    auto info = co_await lab_.repository.commit(state().requested->request.repository, commit);
    if (!info) co_return std::unexpected(info.error());
    co_return chronicle_.record(SuspectNamed{commit, info->subject, info->author, info->parents});
}

}  // namespace bisectd
