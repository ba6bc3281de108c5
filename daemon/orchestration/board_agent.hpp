#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/agent_protocol.hpp"
#include "orchestration/lab.hpp"

namespace bisectd {

/// A board that was well a moment ago is met within this.
/// Source: three times what an emulated board needed at a load of 14.
constexpr std::chrono::milliseconds meeting_limit{30'000};

/// What the running board said of itself.
struct BoardFacts {
    std::string boot_id;
    std::string release;
    std::string build_id;  ///< GNU build-id of the running kernel in hex; empty: not told
    std::string taint;
    std::string uptime_s;
    std::uint64_t free_kib = 0;  ///< of the folder asked for; 0 when none was
};

/// One conversation with the agent on a board, over one connection.
/// Errors: infrastructure when the connection, the agent or its answer fails.
class BoardAgent {
  public:
    /// Connects, makes the work folder and pushes the agent if it is not there.
    static Task<Result<BoardAgent>> meet(Lab& lab, BoardSpec board,
                                         std::chrono::milliseconds limit);

    /// `folder`: whose free space is told; may be empty.
    Task<Result<BoardFacts>> facts(std::string folder);
    /// Removes own old kernels beside `keep_path`; returns what was removed.
    Task<Result<std::vector<std::string>>> clean(std::string keep_path);
    /// Asks for a reboot, after which the connection is of no more use.
    Task<Result<void>> reboot();
    Task<Result<void>> sysrq(char key);
    /// Runs a configured command of the board with IMAGE set; must exit 0.
    Task<Result<void>> command(std::string what, std::string text, std::string image);

    /// Makes the folder of a job that was never begun and returns its path on the board. Whatever
    /// stands there under its name is of another journal, and is stopped and removed like all else.
    Task<Result<std::string>> make_job_folder(std::string batch);
    /// The folder of a job that may have been begun: it is left as it is, all others are removed.
    Task<Result<std::string>> job_folder(std::string batch);
    Task<Result<void>> push(std::string local, std::string remote, unsigned mode,
                            ProgressSink progress);
    Task<Result<void>> start_job(AgentJob job, std::string folder, std::string scratch_file);
    /// Tells each message of the job from run `from` on; ends when the agent said that it is done.
    /// A job that the board does not know (any more) has died there.
    Task<Result<AgentDone>> follow(std::string folder, std::uint64_t from,
                                   std::function<void(const AgentMessage&)> listener);
    Task<Result<void>> stop_job(std::string folder);
    /// The kept output of a run, or the kernel messages of the job (`run` 0); for people.
    Task<Result<std::string>> evidence(std::string folder, std::uint64_t run);

    const BoardSpec& board() const { return board_; }

  private:
    BoardAgent(Lab& lab, BoardSpec board, std::unique_ptr<BoardShell> shell);
    /// Leaves one folder of jobs alone; "": none. `before`, `after`: what the board does as well.
    Task<Result<void>> remove_jobs_but(std::string batch, std::string before, std::string after);
    Task<Result<void>> upload(std::string local, std::string remote, unsigned mode,
                              ProgressSink progress);
    std::string call(const std::string& verb_and_arguments) const;
    std::string where(const std::string& verb) const;
    /// Runs a verb; gives each message to `listener`, and how the agent ended it.
    Task<Result<AgentEnd>> hear_out(std::string verb,
                                    std::function<void(const AgentMessage&)> listener,
                                    std::chrono::milliseconds silence_limit);
    /// The same; the agent has to end it well.
    Task<Result<void>> ask(std::string verb, std::function<void(const AgentMessage&)> listener,
                           std::chrono::milliseconds silence_limit);

    Lab* lab_;
    BoardSpec board_;
    std::unique_ptr<BoardShell> shell_;
};

}  // namespace bisectd
