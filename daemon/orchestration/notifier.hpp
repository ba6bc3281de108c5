#pragma once
#include <functional>
#include <string>

#include "orchestration/crew.hpp"
#include "ports/clock.hpp"
#include "ports/herald.hpp"

namespace bisectd {

/// Sees to it that people are told, beside everything else: no bisection waits for it, and what
/// goes wrong with it is journalled and logged, and changes nothing.
/// Each event is told once each way: the intent is journalled first, and an intent without an end
/// is not tried again after a restart, as nobody knows whether it arrived.
/// Thread: the orchestration thread.
class Notifier {
  public:
    /// Journals an event of a bisection.
    using Record = std::function<Result<void>(BisectionId, const Event&)>;
    using Log = std::function<void(const std::string& level, const std::string& text)>;

    /// `herald` null: nobody is ever told.
    Notifier(Clock& clock, Herald* herald, const boost::asio::any_io_executor& executor,
             Record record, Log log);

    /// Hears of an event that has just been journalled. `state`: with it.
    void hear(const BisectionState& state, const EventRecord& record);

    /// After a restart: what nobody was told of before the daemon died. Only the last event of a
    /// bisection that is worth telling, and only if it is less than a day old: a configuration that
    /// is new to an old journal tells no old stories.
    void catch_up(const BisectionState& state, const std::vector<EventRecord>& records);

    void interrupt() { crew_.interrupt(); }
    bool idle() const { return crew_.empty(); }

  private:
    void tell(const Notice& notice, const std::string& way);
    Task<Result<void>> tell_in_crew(Notice notice, std::string way);

    Clock& clock_;
    Herald* herald_;
    boost::asio::any_io_executor executor_;
    Record record_;
    Log log_;
    Crew crew_;
};

}  // namespace bisectd
