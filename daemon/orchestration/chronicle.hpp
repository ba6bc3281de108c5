#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/state.hpp"
#include "ports/clock.hpp"
#include "ports/journal.hpp"

namespace bisectd {

/// Those who want to hear of each event; held weakly.
class Listeners {
  public:
    using Listener = std::function<void(const EventRecord&)>;
    /// Calls `listener` until the returned handle is gone.
    std::shared_ptr<void> add(Listener listener);
    void tell(const EventRecord& record);

  private:
    std::vector<std::weak_ptr<Listener>> listeners_;
};

/// The journal of one bisection and the state folded from it, always in step.
class Chronicle {
  public:
    Chronicle(Journal& journal, Clock& clock, Listeners& listeners, BisectionId id);

    /// Reads the whole journal of the bisection anew.
    Result<void> reload();
    /// Durable, folded and told to listeners when it returns.
    /// Errors: cancelled when it is closed or the bisection has ended; the journal's.
    Result<void> record(const Event& event);

    /// While closed nothing is written: what an interrupted rung says of its end is no fact.
    void close() { closed_ = true; }
    void open() { closed_ = false; }
    bool closed() const { return closed_; }
    /// The same for what is said of one board, while the rung that stands on it is interrupted.
    void hush(const std::string& board) { hushed_.insert(board); }
    void unhush(const std::string& board) { hushed_.erase(board); }

    const BisectionState& state() const { return state_; }
    BisectionId id() const { return id_; }

  private:
    Journal& journal_;
    Clock& clock_;
    Listeners& listeners_;
    BisectionId id_;
    BisectionState state_;
    bool closed_ = false;
    std::set<std::string> hushed_;
};

}  // namespace bisectd
