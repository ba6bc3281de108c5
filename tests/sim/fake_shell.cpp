#include "tests/sim/fake_shell.hpp"

#include <fstream>
#include <sstream>

namespace bisectd::sim {
namespace {

using namespace std::chrono_literals;

constexpr Ms latency = 100ms;

/// The words of a shell command line; 'quoted' ones without their quotes.
std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words;
    std::string word;
    bool quoted = false;
    for (const char c : line + " ") {
        if (c == '\'')
            quoted = !quoted;
        else if (c != ' ' || quoted)
            word += c;
        else if (!word.empty())
            words.push_back(std::exchange(word, {}));
    }
    return words;
}

/// /sys/kernel/notes in hex: one GNU build-id.
std::string notes_of(const std::string& build_id) {
    return "04000000"
           "14000000"
           "03000000"
           "474e5500" +
           build_id;
}

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

std::string run_line(const PlannedRun& run) {
    return "bisectd run n=" + number(run.n) + " exit=" + std::to_string(run.story.exit) +
           " signal=0 ms=1000 timeout=" + (run.story.timeout ? "1" : "0") +
           " seen=none klog=" + std::string(word(run.story.klog)) +
           " output_bytes=0 at_ms=" + number(static_cast<std::uint64_t>(run.over_at.count()));
}

}  // namespace

Task<bool> FakeShell::travel(Ms silence_limit) {
    if (world_.daemon_dead) co_await clock_.sleep_for_ever();
    co_await clock_.sleep_for(latency);
    if (world_.daemon_dead) co_await clock_.sleep_for_ever();
    if (alive()) co_return true;
    co_await clock_.sleep_for(silence_limit);
    co_return false;
}

Task<Error> FakeShell::lose(Ms silence, std::string what) {
    lost_ = true;
    co_await clock_.sleep_for(silence);
    if (world_.daemon_dead) co_await clock_.sleep_for_ever();
    co_return Error{ErrorKind::infrastructure, board_.spec().name, std::move(what)};
}

Task<Result<CommandEnd>> FakeShell::execute(std::string command, LineSink sink, Ms silence_limit) {
    const std::string& name = board_.spec().name;
    if (world_.strikes(Fault::silent_reboot, name)) board_.reset();
    const bool there = co_await travel(silence_limit);
    if (!there) co_return infrastructure(name, "the connection was lost");
    if (world_.strikes(Fault::connection_lost_before, name))
        co_return std::unexpected(co_await lose(0s, "the connection was lost"));
    if (world_.strikes(Fault::half_open_before, name))
        co_return std::unexpected(co_await lose(silence_limit, "silence"));
    const std::vector<std::string> words = words_of(command);
    if (words.size() > 3 && words[2] == "follow" && board_.has(words[1])) {
        const auto from = static_cast<unsigned>(std::stoul(words[4]));
        co_return co_await follow(words[3], from, std::move(sink), silence_limit);
    }
    std::vector<std::string> lines;
    const CommandEnd end = answer(words, lines);
    if (world_.strikes(Fault::connection_lost_after, name))
        co_return std::unexpected(co_await lose(0s, "the connection was lost"));
    if (world_.strikes(Fault::half_open_after, name))
        co_return std::unexpected(co_await lose(silence_limit, "silence"));
    for (const std::string& line : lines) sink(line);
    co_return end;
}

bool FakeShell::arm(const std::vector<std::string>& words) {
    const std::string image = words.front().substr(6, words.front().size() - 7);
    if (words.back() == "arm") {
        if (world_.strikes(Fault::arming_fails, board_.spec().name)) return false;
        board_.arm(image);
    }
    if (words.back() == "disarm") board_.disarm();
    return true;
}

CommandEnd FakeShell::answer(const std::vector<std::string>& words,
                             std::vector<std::string>& lines) {
    const std::string agent = board_.spec().work_folder + "/agent";
    if (words.front() == "mkdir") {
        const bool looks_for_agent = words.back() == agent;
        if (!looks_for_agent) board_.forget_jobs_but(words[2]);
        return CommandEnd{looks_for_agent && !board_.has(agent) ? 1 : 0, "", ""};
    }
    if (words.front().starts_with("IMAGE=")) return CommandEnd{arm(words) ? 0 : 1, "", ""};
    if (words.front() != "sh" || words[1] != agent || !board_.has(agent))
        return CommandEnd{127, "", "not found"};
    return agent_answer(words, lines);
}

CommandEnd FakeShell::agent_answer(const std::vector<std::string>& words,
                                   std::vector<std::string>& lines) {
    const std::string& name = board_.spec().name;
    if (world_.strikes(Fault::agent_fails, name)) {
        lines.emplace_back("bisectd end status=74 error=read-only%20file%20system");
        return CommandEnd{74, "", ""};
    }
    const LineSink sink = [&lines](std::string_view line) { lines.emplace_back(line); };
    const int status = verb(words, sink);
    sink("bisectd end status=" + std::to_string(status) + (status == 0 ? "" : " error=failed"));
    if (world_.strikes(Fault::agent_talks_rubbish, name))
        lines.insert(lines.begin(), "bisectd fact name=boot_id value=%zz\x01\xfe");
    if (world_.strikes(Fault::agent_cut_short, name)) lines.pop_back();
    return CommandEnd{status, "", ""};
}

void FakeShell::tell_facts(const std::vector<std::string>& words, const LineSink& sink) {
    const auto fact = [&sink](const std::string& name, const std::string& value) {
        sink("bisectd fact name=" + name + " value=" + percent_encode(value));
    };
    sink("Welcome to the board. This line is noise.");
    fact("boot_id", board_.boot_id());
    fact("release", board_.kernel().release);
    fact("notes", notes_of(board_.kernel().build_id));
    fact("taint", "0");
    for (std::size_t i = 3; i < words.size(); ++i)
        sink("bisectd space folder=" + words[i] + " free_kib=" + number(board_.free_kib()) +
             " size_kib=900000 mount=/");
}

int FakeShell::verb(const std::vector<std::string>& words, const LineSink& sink) {
    const std::string& name = words[2];
    if (name == "facts") {
        tell_facts(words, sink);
    } else if (name == "clean") {
        const std::string folder = words[3] + "/";
        for (const std::string& path : board_.clean(folder + words[4], folder + words[5]))
            sink("bisectd removed file=" + percent_encode(path));
    } else if (name == "reboot" || name == "sysrq") {
        if (!world_.strikes(Fault::reboot_ignored, board_.spec().name)) board_.reboot_soon();
    } else if (name == "start") {
        const auto started = board_.start(words[3]);
        if (!started) return 66;
        sink("bisectd started id=" + board_.job(words[3])->id +
             " pid=7 again=" + (*started ? "0" : "1"));
    } else if (name == "stop") {
        Job* const job = board_.job(words[3]);
        if (job == nullptr) return 66;
        job->stopped = true;
        sink("bisectd stopped id=" + job->id + " running=0");
    } else if (name == "output" || name == "klog") {
        sink("bisectd " + name + " text=said%0A");
    } else {
        return 64;
    }
    return 0;
}

Task<std::optional<Error>> FakeShell::tell_run(const PlannedRun& run, const LineSink& sink,
                                               Ms silence_limit) {
    while (clock_.steady() < run.over_at) {
        co_await clock_.sleep_for(run.over_at - clock_.steady());
        if (world_.daemon_dead) co_await clock_.sleep_for_ever();
    }
    const std::string& name = board_.spec().name;
    if (world_.strikes(Fault::silent_reboot, name)) board_.reset();
    if (run.n == world_.faults.lost_connection_in) {
        world_.faults.lost_connection_in = 0;
        co_return co_await lose(0s, "the connection was lost");
    }
    if (world_.strikes(Fault::lost_while_following, name))
        co_return co_await lose(0s, "the connection was lost");
    if (!alive() || world_.strikes(Fault::half_open_while_following, name))
        co_return co_await lose(silence_limit, "silence");
    if (world_.strikes(Fault::agent_talks_rubbish, name)) sink("bisectd run n=-3 exit=0 \xc3\x28");
    sink(run_line(run));
    if (world_.strikes(Fault::agent_tells_twice, name)) sink(run_line(run));
    co_return std::nullopt;
}

Task<Result<CommandEnd>> FakeShell::follow(std::string folder, unsigned from, LineSink sink,
                                           Ms silence_limit) {
    const Job* found = board_.job(folder);
    if (found == nullptr) {
        sink("bisectd end status=66 error=no%20job");
        co_return CommandEnd{66, "", ""};
    }
    const Job job = *found;
    const std::string job_boot =
        job.id.empty() ? boot_id_ : world_.ledger.jobs.at(job.id).back().boot_id;
    sink("bisectd job id=" + job.id + " protocol=1 boot_id=" + job_boot +
         " klog=kmsg group=setsid");
    for (const PlannedRun& run : job.runs) {
        while (run.n == job.hangs_in) {
            co_await clock_.sleep_for(silence_limit / 2);
            if (world_.daemon_dead) co_await clock_.sleep_for_ever();
            if (!alive()) co_return std::unexpected(co_await lose(silence_limit, "silence"));
            sink("bisectd alive runs=" + number(run.n) + " uptime_s=1");
        }
        if (run.n < from) {
            if (clock_.steady() < run.over_at)
                co_await clock_.sleep_for(run.over_at - clock_.steady());
            if (world_.daemon_dead) co_await clock_.sleep_for_ever();
            continue;
        }
        if (const auto error = co_await tell_run(run, sink, silence_limit))
            co_return std::unexpected(*error);
    }
    std::string done = "bisectd done id=" + job.id + " reason=" + std::string(word(job.reason)) +
                       " runs=" + number(job.runs.size());
    if (job.reason == DoneReason::died) done += job.rebooted ? " rebooted=1" : " rebooted=0";
    if (!job.precondition.empty())
        done += " precondition=" + percent_encode(job.precondition) +
                " index=1 exit=1 timeout=0 text=no%20such%20device";
    sink(done);
    if (world_.strikes(Fault::agent_cut_short, board_.spec().name)) co_return CommandEnd{1, "", ""};
    sink("bisectd end status=0");
    co_return CommandEnd{0, "", ""};
}

Task<std::optional<Error>> FakeShell::upload_trouble(const std::string& remote) {
    const std::string& name = board_.spec().name;
    if (world_.strikes(Fault::upload_lost, name))
        co_return co_await lose(0s, "upload: the connection was lost");
    if (world_.strikes(Fault::upload_hangs, name)) co_return co_await lose(60s, "upload: silence");
    const bool to_boot = remote.starts_with("/boot/");
    if (!to_boot && world_.strikes(Fault::work_folder_full, name))
        co_return Error{ErrorKind::infrastructure, name, "upload: no space left on device"};
    if (to_boot && world_.strikes(Fault::upload_corrupted, name))
        co_return Error{ErrorKind::infrastructure, name, "upload: the digest differs"};
    co_return std::nullopt;
}

Task<Result<void>> FakeShell::upload(std::string local, std::string remote, unsigned,
                                     ProgressSink progress) {
    const bool there = co_await travel(10s);
    if (!there) co_return infrastructure(board_.spec().name, "the connection was lost");
    const bool to_boot = remote.starts_with("/boot/");
    if (to_boot) co_await clock_.sleep_for(5s);
    if (world_.daemon_dead) co_await clock_.sleep_for_ever();
    if (const auto trouble = co_await upload_trouble(remote)) co_return std::unexpected(*trouble);
    if (!alive()) co_return infrastructure(board_.spec().name, "the connection was lost");
    if (to_boot) {
        progress(Progress{"upload", 1, 1, remote});
        board_.put(remote, local.substr(local.rfind('/') + 1));  // the commit's number
        co_return Result<void>();
    }
    if (local.starts_with("/store/")) {
        board_.put(remote, local.substr(local.rfind('/') + 1));
        co_return Result<void>();
    }
    std::ifstream in(local, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    board_.put(remote, text.str());
    co_return Result<void>();
}

Task<Result<std::unique_ptr<BoardShell>>> FakeShells::connect(BoardSpec board, Ms limit) {
    if (world_.daemon_dead) co_await clock_.sleep_for_ever();
    FakeBoard& there = *boards_.at(board.name);
    if (world_.strikes(Fault::reboot_unseen, board.name)) there.reset_unseen();
    co_await clock_.sleep_for(latency);
    if (world_.daemon_dead) co_await clock_.sleep_for_ever();
    const bool ssh_server_starts =
        world_.faults.lost_connection_in == 0 && world_.faults.refused_after_that > 0;
    if (ssh_server_starts) --world_.faults.refused_after_that;
    if (ssh_server_starts || world_.strikes(Fault::connection_refused, board.name))
        co_return infrastructure(board.name, "connection refused");
    if (world_.strikes(Fault::connection_hangs, board.name)) {
        co_await clock_.sleep_for(limit);
        if (world_.daemon_dead) co_await clock_.sleep_for_ever();
        co_return infrastructure(board.name, "no answer");
    }
    if (there.answers()) co_return std::make_unique<FakeShell>(clock_, world_, there);
    if (there.refuses()) co_return infrastructure(board.name, "connection refused");
    co_await clock_.sleep_for(limit);
    co_return infrastructure(board.name, "no answer");
}

}  // namespace bisectd::sim
