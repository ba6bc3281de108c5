#pragma once
#include <vector>

#include "core/agent_protocol.hpp"
#include "orchestration/attempt.hpp"

namespace bisectd {

/// Judges the runs that the agent tells and journals them in small batches: each batch is one
/// durable write, and a run is lost from it only while the board still has it.
class RunLog {
  public:
    explicit RunLog(const Attempt& attempt) : attempt_(attempt) {}

    void hear(const AgentMessage& message);
    /// Journals what is left. Errors: the journal's, also of earlier batches.
    Climbed<> flush() {
        write();
        return written_;
    }
    /// The last run that was heard of and showed the symptom; 0: none.
    std::uint64_t last_hit() const { return last_hit_; }

  private:
    void write();
    /// A run that is told again is not heard.
    std::uint64_t last_heard() const;
    void show_progress(std::uint64_t last);
    const Symptom& symptom() const;

    const Attempt& attempt_;
    std::vector<Run> pending_;
    std::chrono::milliseconds pending_since_{0};
    Climbed<> written_;
    std::uint64_t last_hit_ = 0;
};

}  // namespace bisectd
