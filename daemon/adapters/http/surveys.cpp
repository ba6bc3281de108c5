#include "adapters/http/surveys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace bisectd::http {
namespace {

// A viewer or two of each of a farm's bisections.
constexpr std::size_t most_kept = 64;
// Runs come all the time, and each moves the picture by a hair.
constexpr std::chrono::seconds fresh_enough{10};

/// Changes whenever the search has moved: by a step, or, behind the last blank, by a run.
std::string stamp_of(const BisectionState& state) {
    std::size_t ended = 0;
    for (const StepState& step : state.steps)
        for (const AttemptState& attempt : step.attempts) ended += attempt.ended ? 1 : 0;
    return fmt::format("{} {} {} {} {}", state.steps.size(), ended, state.judged.size(),
                       word(state.activity), state.ended ? 0 : state.last_ms_utc);
}

bool only_runs_came(const std::string& one, const std::string& other) {
    return one.substr(0, one.rfind(' ')) == other.substr(0, other.rfind(' '));
}

}  // namespace

bool Surveys::is_current(const Kept& kept, const std::string& stamp) const {
    if (!kept.answer) return false;
    const auto age = std::chrono::steady_clock::now() - kept.made;
    return kept.stamp == stamp || (only_runs_came(kept.stamp, stamp) && age < fresh_enough);
}

void Surveys::want(BisectionId id) {
    if (std::ranges::find(wanted_, id) != wanted_.end()) return;
    wanted_.push_back(id);
    if (artist_) artist_->cancel();
}

Task<Surveys::Answer> Surveys::within(BisectionId id, std::chrono::milliseconds limit) {
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const BisectionState* state = control_.bisection(id);
        if (state == nullptr) co_return wrong_request("bisection", "there is no such bisection");
        const auto kept = kept_.find(id);
        if (kept != kept_.end() && is_current(kept->second, stamp_of(*state)))
            co_return *kept->second.answer;
        want(id);
        if (std::chrono::steady_clock::now() >= until) {
            if (kept != kept_.end() && kept->second.answer) co_return *kept->second.answer;
            co_return std::unexpected(Error{ErrorKind::cancelled, "survey", "it is being drawn"});
        }
        const auto timer = waiting_.emplace(waiting_.end(), executor, until);
        // A page that is given up takes its timer along.
        struct Leaving {
            std::list<boost::asio::steady_timer>& waiting;
            std::list<boost::asio::steady_timer>::iterator timer;
            ~Leaving() { waiting.erase(timer); }
        } const leaving{waiting_, timer};
        co_await timer->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
}

Task<void> Surveys::draw() {
    artist_ =
        std::make_shared<boost::asio::steady_timer>(co_await boost::asio::this_coro::executor);
    for (;;) {
        if (wanted_.empty()) {
            artist_->expires_at(std::chrono::steady_clock::time_point::max());
            co_await artist_->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
            continue;
        }
        const BisectionId id = wanted_.front();
        if (const BisectionState* state = control_.bisection(id); state != nullptr) {
            const std::string stamp = stamp_of(*state);
            Result<Survey> drawn = co_await control_.survey(id);
            if (kept_.size() >= most_kept && !kept_.contains(id)) kept_.clear();
            Kept& kept = kept_[id];
            kept.stamp = stamp;
            kept.made = std::chrono::steady_clock::now();
            if (drawn)
                kept.answer = Answer(std::make_shared<const Survey>(std::move(*drawn)));
            else if (!kept.answer || !*kept.answer)
                kept.answer = Answer(std::unexpected(drawn.error()));
        }
        wanted_.pop_front();
        for (boost::asio::steady_timer& timer : waiting_) timer.cancel();
    }
}

}  // namespace bisectd::http
