#pragma once
#include <functional>
#include <memory>
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
    Result<void> record(const Event& event);

    const BisectionState& state() const { return state_; }
    BisectionId id() const { return id_; }

  private:
    Journal& journal_;
    Clock& clock_;
    Listeners& listeners_;
    BisectionId id_;
    BisectionState state_;
};

}  // namespace bisectd
