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

Task<Result<CommandEnd>> FakeShell::execute(std::string command, LineSink sink, Ms silence_limit) {
    const bool there = co_await travel(silence_limit);
    if (!there) co_return infrastructure(board_.spec().name, "the connection was lost");
    const std::vector<std::string> words = words_of(command);
    const std::string agent = board_.spec().work_folder + "/agent";
    if (words.front() == "mkdir") {
        const bool looks_for_agent = words.back() == agent;
        co_return CommandEnd{looks_for_agent && !board_.has(agent) ? 1 : 0, "", ""};
    }
    if (words.front().starts_with("IMAGE=")) {
        const std::string image = words.front().substr(6, words.front().size() - 7);
        if (words.back() == "arm") board_.arm(image);
        if (words.back() == "disarm") board_.disarm();
        co_return CommandEnd{0, "", ""};
    }
    if (words.front() != "sh" || words[1] != agent || !board_.has(agent))
        co_return CommandEnd{127, "", "not found"};
    if (words[2] == "follow") {
        const auto from = static_cast<unsigned>(std::stoul(words[4]));
        co_return co_await follow(words[3], from, std::move(sink), silence_limit);
    }
    const int status = verb(words, sink);
    sink("bisectd end status=" + std::to_string(status) + (status == 0 ? "" : " error=failed"));
    co_return CommandEnd{status, "", ""};
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
        board_.reboot_soon();
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

Task<Result<CommandEnd>> FakeShell::follow(std::string folder, unsigned from, LineSink sink,
                                           Ms silence_limit) {
    const Job* found = board_.job(folder);
    if (found == nullptr) {
        sink("bisectd end status=66 error=no%20job");
        co_return CommandEnd{66, "", ""};
    }
    const Job job = *found;
    sink("bisectd job id=" + job.id + " protocol=1 boot_id=" + boot_id_ +
         " klog=kmsg group=setsid");
    for (const PlannedRun& run : job.runs) {
        if (run.n < from) continue;
        while (clock_.steady() < run.over_at) {
            co_await clock_.sleep_for(run.over_at - clock_.steady());
            if (world_.daemon_dead) co_await clock_.sleep_for_ever();
        }
        if (run.n == world_.faults.lost_connection_in) {
            world_.faults.lost_connection_in = 0;
            co_return infrastructure(board_.spec().name, "the connection was lost");
        }
        if (!alive()) {
            co_await clock_.sleep_for(silence_limit);
            co_return infrastructure(board_.spec().name, "silence");
        }
        sink(run_line(run));
    }
    std::string done = "bisectd done id=" + job.id + " reason=" + std::string(word(job.reason)) +
                       " runs=" + number(job.runs.size());
    if (!job.precondition.empty())
        done += " precondition=" + percent_encode(job.precondition) +
                " index=1 exit=1 timeout=0 text=no%20such%20device";
    sink(done);
    sink("bisectd end status=0");
    co_return CommandEnd{0, "", ""};
}

Task<Result<void>> FakeShell::upload(std::string local, std::string remote, unsigned,
                                     ProgressSink progress) {
    const bool there = co_await travel(10s);
    if (!there) co_return infrastructure(board_.spec().name, "the connection was lost");
    if (remote.starts_with("/boot/")) {
        co_await clock_.sleep_for(5s);
        if (world_.daemon_dead) co_await clock_.sleep_for_ever();
        if (Faults::use(world_.faults.failing_uploads))
            co_return infrastructure(board_.spec().name, "upload: the digest differs");
        progress(Progress{"upload", 1, 1, remote});
        board_.put(remote, local.substr(local.rfind('/') + 1));  // the commit's number
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
    co_await clock_.sleep_for(latency);
    if (world_.daemon_dead) co_await clock_.sleep_for_ever();
    if (there.answers()) co_return std::make_unique<FakeShell>(clock_, world_, there);
    if (there.refuses()) co_return infrastructure(board.name, "connection refused");
    co_await clock_.sleep_for(limit);
    co_return infrastructure(board.name, "no answer");
}

namespace {

class FakePower : public Power {
  public:
    FakePower(VirtualClock& clock, World& world, FakeBoard& board)
        : clock_(clock), world_(world), board_(board) {}
    bool available() const override { return world_.has_power; }
    Task<Result<void>> on() override { co_return Result<void>(); }
    Task<Result<void>> cycle() override {
        if (world_.daemon_dead) co_await clock_.sleep_for_ever();
        co_await clock_.sleep_for(5s);
        if (world_.daemon_dead) co_await clock_.sleep_for_ever();
        if (Faults::use(world_.faults.failing_power_cycles))
            co_return infrastructure("power of " + board_.spec().name, "the switch says no");
        board_.cycle();
        co_return Result<void>();
    }

  private:
    VirtualClock& clock_;
    World& world_;
    FakeBoard& board_;
};

class FakeConsole : public Console {
  public:
    FakeConsole(World& world, FakeBoard& board) : world_(world), board_(board) {}
    bool available() const override { return world_.has_console; }
    Result<void> start() override { return {}; }
    std::uint64_t mark() const override {
        board_.tick();
        return board_.console().size();
    }
    std::string since(std::uint64_t mark, std::size_t limit) const override {
        board_.tick();
        const std::string text = board_.console().substr(mark);
        return text.size() <= limit ? text : text.substr(text.size() - limit);
    }
    std::string file() const override { return "console.log"; }

  private:
    World& world_;
    FakeBoard& board_;
};

}  // namespace

Result<std::unique_ptr<Power>> FakeDrivers::power(const BoardSpec& board) {
    return std::make_unique<FakePower>(clock_, world_, *boards_.at(board.name));
}

Result<std::unique_ptr<Console>> FakeDrivers::console(const BoardSpec& board) {
    return std::make_unique<FakeConsole>(world_, *boards_.at(board.name));
}

}  // namespace bisectd::sim
