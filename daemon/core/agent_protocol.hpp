#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/words.hpp"

namespace bisectd {

// What the agent on the board says, version 1, and the job it is given.
// Source: agents/PROTOCOL.md. Every line is "bisectd WORD key=value ..."; all else is noise.

/// Longest line of the protocol. Unit: bytes. Source: agents/PROTOCOL.md.
constexpr std::size_t agent_line_limit_bytes = 8192;

/// Which of the recipe's patterns was in the output of a run.
enum class Seen { none, bad, good };
template <>
struct Words<Seen> {
    static constexpr auto all =
        word_table<Seen>({{Seen::none, "none"}, {Seen::bad, "bad"}, {Seen::good, "good"}});
};

/// What the kernel log showed during a run.
enum class KernelLog {
    none,
    symptom,  ///< a line matched the recipe's `kernel_log_pattern`
    oops,     ///< a warning, oops or panic that did not match it
};
template <>
struct Words<KernelLog> {
    static constexpr auto all = word_table<KernelLog>(
        {{KernelLog::none, "none"}, {KernelLog::symptom, "symptom"}, {KernelLog::oops, "oops"}});
};

/// Why a job ended.
enum class DoneReason { runs, seconds, hit, oops, precondition, stopped, broken, died };
template <>
struct Words<DoneReason> {
    static constexpr auto all = word_table<DoneReason>({{DoneReason::runs, "runs"},
                                                        {DoneReason::seconds, "seconds"},
                                                        {DoneReason::hit, "hit"},
                                                        {DoneReason::oops, "oops"},
                                                        {DoneReason::precondition, "precondition"},
                                                        {DoneReason::stopped, "stopped"},
                                                        {DoneReason::broken, "broken"},
                                                        {DoneReason::died, "died"}});
};

/// Where a job's kernel messages come from.
enum class KernelLogSource { kmsg, dmesg, unavailable };
template <>
struct Words<KernelLogSource> {
    static constexpr auto all =
        word_table<KernelLogSource>({{KernelLogSource::kmsg, "kmsg"},
                                     {KernelLogSource::dmesg, "dmesg"},
                                     {KernelLogSource::unavailable, "unavailable"}});
};

// All texts below are hostile: any bytes, at most a line long. Names (files, folders, ids) are
// never empty and hold no NUL. Numbers fit 63 bits.

struct AgentVersion {
    std::string agent;
};
/// Something about the board: "release", "notes", "boot_id", ...
struct AgentFact {
    std::string name;
    std::string value;
};
struct AgentSpace {
    std::string folder;
    std::uint64_t free_kib = 0;
};
struct AgentDigest {
    std::string file;
    std::string sha256;  ///< 64 lower case hex digits (checked)
    std::uint64_t bytes = 0;
};
struct AgentRemoved {
    std::string file;
};
struct AgentStarted {
    std::string id;
    bool again = false;  ///< the job had been started before; nothing was changed
};
/// The header of a followed job.
struct AgentJobHeader {
    std::string id;
    std::string boot_id;
    KernelLogSource klog = KernelLogSource::unavailable;
};
/// One run of the reproducer.
struct AgentRun {
    std::uint64_t n = 0;  ///< from 1
    int exit = 0;         ///< 0..255, as a shell sees it: 128 + number after death by a signal
    int signal = 0;       ///< 0: none, else `exit` - 128 (a shell cannot tell exit 139 from one)
    std::uint64_t ms = 0;
    bool timeout = false;    ///< its deadline ended it
    Seen seen = Seen::none;  ///< a run whose pattern is seen is ended there, by TERM or KILL
    KernelLog klog = KernelLog::none;
    std::uint64_t output_bytes = 0;
    std::uint64_t at_ms = 0;  ///< the board's time since boot when it ended
};
struct AgentAlive {
    std::uint64_t runs = 0;
    std::uint64_t uptime_s = 0;
};
struct AgentDone {
    std::string id;
    DoneReason reason = DoneReason::broken;
    std::uint64_t runs = 0;
    std::string error;         ///< broken, or died without a trace: why
    bool rebooted = false;     ///< died: the board started again while the job ran
    std::string precondition;  ///< precondition: the command that was not met
    int exit = 0;              ///< precondition: its exit
    std::string text;          ///< precondition: its output
};
struct AgentOutput {
    std::string text;
};
struct AgentKernelText {
    std::string text;
};
struct AgentStopped {
    std::string id;
    bool running = false;
};
/// The last line of every answer; without it the call was cut short and is to be repeated.
struct AgentEnd {
    int status = 0;  ///< 0: all was done
    std::string error;
};
/// A line of the protocol that is wrong: another version of the agent, or a broken connection.
struct Malformed {
    std::string why;
};

using AgentMessage = std::variant<AgentVersion, AgentFact, AgentSpace, AgentDigest, AgentRemoved,
                                  AgentStarted, AgentJobHeader, AgentRun, AgentAlive, AgentDone,
                                  AgentOutput, AgentKernelText, AgentStopped, AgentEnd, Malformed>;

/// Reads one line (without its end; a trailing CR is dropped). Total: any bytes may come.
/// Errors: nothing for noise and for words that are not known (a newer agent may say more, and more
/// keys); `Malformed` for a known word whose keys break the contract, and for another protocol.
std::optional<AgentMessage> parse_agent_line(std::string_view line);

/// Every byte but letters, digits and `._:/+-` becomes %XX.
std::string percent_encode(std::string_view value);

/// Errors: nothing when a % lacks its two hex digits, an unencoded byte is a space, a control
/// character or not ASCII, or the result would be longer than `limit` bytes.
std::optional<std::string> percent_decode(std::string_view text, std::size_t limit);

/// What the agent is told to run. Source of names and defaults: "The file job" in PROTOCOL.md.
struct AgentJob {
    std::string id;  ///< see `is_job_id`
    std::string command;
    std::uint64_t runs = 1;     ///< 0: no limit
    std::uint64_t seconds = 0;  ///< 0: no limit
    std::uint64_t run_deadline_s = 60;
    std::vector<int> stop_exits;  ///< exits that are hits
    bool stop_at_first_hit = true;
    bool stop_on_oops = false;
    std::string good_pattern;
    std::string bad_pattern;
    std::string kernel_log_pattern;
    std::vector<std::string> preconditions;
};

/// Whether `id` may name a job: 1 to 128 of letters, digits and `._:+-`, no leading dot (it becomes
/// a folder on the board).
bool is_job_id(std::string_view id);

/// The text of the `job` file: one key=value a line, values percent-encoded, empty ones left out.
std::string encode_job(const AgentJob& job);

/// One word for a shell command line: 'text', whatever it contains.
std::string shell_quote(std::string_view text);

}  // namespace bisectd
