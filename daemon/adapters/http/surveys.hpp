#pragma once
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "ports/control.hpp"
#include "ports/task.hpp"

namespace bisectd::http {

/// Pictures of searches, drawn one at a time by a task of their own and kept while nothing
/// changed: a picture may take seconds on a busy machine, and no page waits for that long.
/// Thread: the orchestration thread.
class Surveys {
  public:
    using Answer = Result<std::shared_ptr<const Survey>>;

    explicit Surveys(Control& control) : control_(control) {}

    /// The picture of now; when it takes longer than `limit`, the one before.
    /// Errors: as of `Control::survey`; cancelled when the first one is still being drawn.
    Task<Answer> within(BisectionId id, std::chrono::milliseconds limit);

    /// Draws what is asked for, until it is cancelled.
    Task<void> draw();

  private:
    struct Kept {
        std::string stamp;  ///< what it rests on
        std::optional<Answer> answer;
        std::chrono::steady_clock::time_point made;
    };
    bool is_current(const Kept& kept, const std::string& stamp) const;
    void want(BisectionId id);

    Control& control_;
    std::map<BisectionId, Kept> kept_;
    std::deque<BisectionId> wanted_;                     ///< the first one is being drawn
    std::shared_ptr<boost::asio::steady_timer> artist_;  ///< asleep while nothing is wanted
    std::list<boost::asio::steady_timer> waiting_;       ///< pages
};

}  // namespace bisectd::http
