#include "orchestration/board_agent.hpp"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>

#include "core/elf_notes.hpp"
#include "orchestration/within.hpp"

namespace bisectd {
namespace {

using namespace std::chrono_literals;

/// A verb that only looks something up answers within this.
/// Source: ten times what the slowest board under load needed for `facts` (design measurements).
constexpr std::chrono::milliseconds answer_limit = 30s;
/// The agent says "alive" every 2 s while it follows a job. Source: agents/PROTOCOL.md; times 10,
/// for an emulated board on a loaded machine.
constexpr std::chrono::milliseconds alive_limit = 20s;
/// A board that keeps talking is not silent, and yet never done: what is only looked up or ordered
/// ends after this, whatever it says. Source: ten times `answer_limit`.
constexpr std::chrono::milliseconds whole_answer_limit = 5min;
/// An upload takes no longer than that and the file at this rate: a board that takes a byte now and
/// then is not silent either. Source: a tenth of a link of 1.5 Mbit/s.
constexpr std::uintmax_t slowest_upload_bytes_a_second = 16UL * 1024;
/// What is kept of what a board tells without end. Source: unless it is told otherwise the agent
/// keeps 64 KiB of a run; no board has room for a thousand kernels.
constexpr std::size_t evidence_limit_bytes = 1024UL * 1024, removed_limit = 1000;

/// The agent's status for a job that is not there. Source: agents/PROTOCOL.md.
constexpr int no_such_job = 66;

/// Awaits what a board should be done with soon.
template <class T>
Task<Result<T>> soon(Lab& lab, std::string board, Task<Result<T>> task) {
    co_return co_await within(lab.clock, whole_answer_limit, std::move(task), "board " + board);
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::optional<unsigned char> hex_value(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned char>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned char>(c - 'a' + 10);
    return std::nullopt;
}

/// The GNU build-id in the hex dump of /sys/kernel/notes; empty when there is none.
std::string build_id_of(const std::string& hex) {
    std::vector<std::byte> notes;
    notes.reserve(hex.size() / 2);
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const auto high = hex_value(hex[i]);
        const auto low = hex_value(hex[i + 1]);
        if (!high || !low) return {};
        notes.push_back(static_cast<std::byte>(*high << 4 | *low));
    }
    return gnu_build_id(std::span<const std::byte>(notes)).value_or("");
}

}  // namespace

BoardAgent::BoardAgent(Lab& lab, BoardSpec board, std::unique_ptr<BoardShell> shell)
    : lab_(&lab), board_(std::move(board)), shell_(std::move(shell)) {}

Task<Result<BoardAgent>> BoardAgent::meet(Lab& lab, BoardSpec board,
                                          std::chrono::milliseconds limit) {
    auto shell = co_await lab.shells.connect(board, limit);
    if (!shell) co_return std::unexpected(shell.error());
    BoardAgent agent(lab, std::move(board), std::move(*shell));
    const std::string path = agent.board_.work_folder + "/" + lab.agent_name;
    std::string look =
        "mkdir -p " + shell_quote(agent.board_.work_folder) + " && test -f " + shell_quote(path);
    const LineSink ignore = [](std::string_view) {};
    Task<Result<CommandEnd>> looking = agent.shell_->execute(std::move(look), ignore, limit);
    auto there = co_await soon(lab, agent.board_.name, std::move(looking));
    if (!there) co_return std::unexpected(there.error());
    if (there->exit != 0) {
        const ProgressSink quiet = [](const Progress&) {};
        auto pushed = co_await agent.upload(lab.agent_file, path, 0755, quiet);
        if (!pushed) co_return std::unexpected(pushed.error());
    }
    co_return agent;
}

std::string BoardAgent::call(const std::string& verb_and_arguments) const {
    return "sh " + shell_quote(board_.work_folder + "/" + lab_->agent_name) + " " +
           verb_and_arguments;
}

std::string BoardAgent::where(const std::string& verb) const {
    return "board " + board_.name + ", agent " + verb.substr(0, verb.find(' '));
}

Task<Result<AgentEnd>> BoardAgent::hear_out(std::string verb,
                                            std::function<void(const AgentMessage&)> listener,
                                            std::chrono::milliseconds silence_limit) {
    std::optional<AgentEnd> end;
    std::string malformed;
    const LineSink sink = [&listener, &end, &malformed](std::string_view line) {
        const auto message = parse_agent_line(line);
        if (!message) return;
        if (const auto* wrong = std::get_if<Malformed>(&*message))
            malformed = wrong->why;
        else if (const auto* last = std::get_if<AgentEnd>(&*message))
            end = *last;
        else
            listener(*message);
    };
    auto ran = co_await shell_->execute(call(verb), sink, silence_limit);
    if (!ran) co_return std::unexpected(ran.error());
    if (!malformed.empty())
        co_return infrastructure(where(verb), "the answer breaks the protocol: " + malformed);
    if (!end)
        co_return infrastructure(
            where(verb), "the answer was cut short (exit " + std::to_string(ran->exit) + ")");
    co_return *end;
}

Task<Result<void>> BoardAgent::ask(std::string verb,
                                   std::function<void(const AgentMessage&)> listener,
                                   std::chrono::milliseconds silence_limit) {
    auto end = co_await hear_out(verb, std::move(listener), silence_limit);
    if (!end) co_return std::unexpected(end.error());
    if (end->status != 0)
        co_return infrastructure(where(verb),
                                 "status " + std::to_string(end->status) + ": " + end->error);
    co_return Result<void>();
}

Task<Result<BoardFacts>> BoardAgent::facts(std::string folder) {
    BoardFacts facts;
    const auto listener = [&facts](const AgentMessage& message) {
        if (const auto* fact = std::get_if<AgentFact>(&message)) {
            if (fact->name == "boot_id") facts.boot_id = fact->value;
            if (fact->name == "release") facts.release = fact->value;
            if (fact->name == "notes") facts.build_id = build_id_of(fact->value);
            if (fact->name == "taint") facts.taint = fact->value;
            if (fact->name == "uptime_s") facts.uptime_s = fact->value;
        } else if (const auto* space = std::get_if<AgentSpace>(&message)) {
            facts.free_kib = space->free_kib;
        }
    };
    std::string verb = "facts";
    if (!folder.empty()) verb += " " + shell_quote(folder);
    Task<Result<void>> asking = ask(std::move(verb), listener, answer_limit);
    auto asked = co_await soon(*lab_, board_.name, std::move(asking));
    if (!asked) co_return std::unexpected(asked.error());
    if (facts.boot_id.empty())
        co_return infrastructure("board " + board_.name, "it tells no boot id; is /proc mounted?");
    co_return facts;
}

Task<Result<std::vector<std::string>>> BoardAgent::clean(std::string keep_path) {
    std::vector<std::string> removed;
    const auto listener = [&removed](const AgentMessage& message) {
        const auto* file = std::get_if<AgentRemoved>(&message);
        if (file != nullptr && removed.size() < removed_limit) removed.push_back(file->file);
    };
    std::string verb = "clean " + shell_quote(folder_of(keep_path)) + " bisectd- " +
                       shell_quote(name_of(keep_path));
    Task<Result<void>> asking = ask(std::move(verb), listener, answer_limit);
    auto asked = co_await soon(*lab_, board_.name, std::move(asking));
    if (!asked) co_return std::unexpected(asked.error());
    co_return removed;
}

Task<Result<void>> BoardAgent::reboot() {
    std::string verb = "reboot " + percent_encode(board_.deploy.reboot);
    const auto listener = [](const AgentMessage&) {};
    Task<Result<void>> asking = ask(std::move(verb), listener, answer_limit);
    co_return co_await soon(*lab_, board_.name, std::move(asking));
}

Task<Result<void>> BoardAgent::sysrq(char key) {
    std::string verb = std::string("sysrq ") + key;
    const auto listener = [](const AgentMessage&) {};
    Task<Result<void>> asking = ask(std::move(verb), listener, answer_limit);
    co_return co_await soon(*lab_, board_.name, std::move(asking));
}

Task<Result<void>> BoardAgent::command(std::string what, std::string text, std::string image) {
    std::string last;
    const LineSink sink = [&last](std::string_view line) { last = std::string(line); };
    std::string line = "IMAGE=" + shell_quote(image) + "; export IMAGE; " + text;
    Task<Result<CommandEnd>> running = shell_->execute(std::move(line), sink, answer_limit);
    auto ran = co_await soon(*lab_, board_.name, std::move(running));
    if (!ran) co_return std::unexpected(ran.error());
    if (ran->exit != 0 || !ran->signal.empty())
        co_return infrastructure("board " + board_.name + ", " + what,
                                 "'" + text + "' ended with " +
                                     (ran->signal.empty() ? "exit " + std::to_string(ran->exit)
                                                          : "signal " + ran->signal) +
                                     (last.empty() ? "" : ": " + last));
    co_return Result<void>();
}

Task<Result<void>> BoardAgent::remove_jobs_but(std::string batch, std::string before,
                                               std::string after) {
    // The lease is exclusive and the evidence of earlier jobs was fetched: they may go. One that
    // still runs (its bisection was cancelled, its daemon killed) is stopped before.
    std::string line = "mkdir -p " + shell_quote(std::move(before)) + " && cd " +
                       shell_quote(board_.work_folder + "/jobs") +
                       " && for d in *; do [ \"$d\" != " + shell_quote(batch) +
                       " ] || continue; [ ! -d \"$d/lock\" ] || [ -f \"$d/finished\" ] || " +
                       call("stop \"$PWD/$d\"") + " >/dev/null || exit 75; rm -rf -- \"$d\"; done" +
                       after;
    const LineSink ignore = [](std::string_view) {};
    Task<Result<CommandEnd>> making = shell_->execute(std::move(line), ignore, answer_limit);
    auto made = co_await soon(*lab_, board_.name, std::move(making));
    if (!made) co_return std::unexpected(made.error());
    if (made->exit == 75)
        co_return infrastructure("board " + board_.name, "an earlier job there cannot be stopped");
    if (made->exit != 0)
        co_return infrastructure("board " + board_.name,
                                 "cannot make a folder for a job in " + board_.work_folder);
    co_return Result<void>();
}

Task<Result<std::string>> BoardAgent::make_job_folder(std::string batch) {
    BISECTD_ASSERT(is_job_id(batch));
    const std::string jobs = board_.work_folder + "/jobs";
    std::string folder = jobs + "/" + batch;
    auto made = co_await remove_jobs_but("", jobs, " && mkdir " + shell_quote(folder));
    if (!made) co_return std::unexpected(made.error());
    co_return folder;
}

Task<Result<std::string>> BoardAgent::job_folder(std::string batch) {
    BISECTD_ASSERT(is_job_id(batch));
    std::string folder = board_.work_folder + "/jobs/" + batch;
    auto there = co_await remove_jobs_but(std::move(batch), folder, "");
    if (!there) co_return std::unexpected(there.error());
    co_return folder;
}

Task<Result<void>> BoardAgent::upload(std::string local, std::string remote, unsigned mode,
                                      ProgressSink progress) {
    // A file that cannot be looked at is told by the upload itself.
    std::error_code unknown;
    const std::uintmax_t bytes = std::filesystem::file_size(local, unknown);
    const std::chrono::seconds sending(unknown ? 0 : bytes / slowest_upload_bytes_a_second);
    Task<Result<void>> task =
        shell_->upload(std::move(local), std::move(remote), mode, std::move(progress));
    co_return co_await within(lab_->clock, whole_answer_limit + sending, std::move(task),
                              "board " + board_.name + ", upload");
}

Task<Result<void>> BoardAgent::push(std::string local, std::string remote, unsigned mode,
                                    ProgressSink progress) {
    co_return co_await upload(std::move(local), std::move(remote), mode, std::move(progress));
}

Task<Result<void>> BoardAgent::start_job(AgentJob job, std::string folder,
                                         std::string scratch_file) {
    {
        std::ofstream out(scratch_file, std::ios::trunc | std::ios::binary);
        out << encode_job(job);
        out.flush();
        if (!out) co_return infrastructure(scratch_file, "cannot be written: is the disk full?");
    }
    const ProgressSink quiet = [](const Progress&) {};
    auto pushed = co_await upload(std::move(scratch_file), folder + "/job", 0644, quiet);
    if (!pushed) co_return std::unexpected(pushed.error());
    std::string verb = "start " + shell_quote(folder);
    const auto listener = [](const AgentMessage&) {};
    Task<Result<void>> asking = ask(std::move(verb), listener, answer_limit);
    co_return co_await soon(*lab_, board_.name, std::move(asking));
}

Task<Result<AgentDone>> BoardAgent::follow(std::string folder, std::uint64_t from,
                                           std::function<void(const AgentMessage&)> listener) {
    std::optional<AgentDone> done;
    const auto watch = [&done, &listener](const AgentMessage& message) {
        if (const auto* last = std::get_if<AgentDone>(&message)) done = *last;
        listener(message);
    };
    std::string verb = "follow " + shell_quote(folder) + " " + std::to_string(from);
    auto end = co_await hear_out(verb, watch, alive_limit);
    if (done) co_return *done;
    if (!end) co_return std::unexpected(end.error());
    if (end->status == no_such_job) {
        AgentDone lost;
        lost.reason = DoneReason::died;
        lost.error =
            "the board has lost the job (" + end->error + "); was its work folder emptied?";
        co_return lost;
    }
    co_return infrastructure(where(verb),
                             "status " + std::to_string(end->status) + ": " +
                                 (end->error.empty() ? "it ended without saying why" : end->error));
}

Task<Result<void>> BoardAgent::stop_job(std::string folder) {
    std::string verb = "stop " + shell_quote(folder);
    const auto listener = [](const AgentMessage&) {};
    Task<Result<void>> asking = ask(std::move(verb), listener, answer_limit);
    co_return co_await soon(*lab_, board_.name, std::move(asking));
}

Task<Result<std::string>> BoardAgent::evidence(std::string folder, std::uint64_t run) {
    std::string text;
    const auto listener = [&text](const AgentMessage& message) {
        if (text.size() >= evidence_limit_bytes) return;
        if (const auto* output = std::get_if<AgentOutput>(&message)) text += output->text;
        if (const auto* kernel = std::get_if<AgentKernelText>(&message)) text += kernel->text;
    };
    std::string verb = run == 0 ? "klog " + shell_quote(folder)
                                : "output " + shell_quote(folder) + " " + std::to_string(run);
    Task<Result<void>> asking = ask(std::move(verb), listener, answer_limit);
    auto asked = co_await soon(*lab_, board_.name, std::move(asking));
    if (!asked) co_return std::unexpected(asked.error());
    co_return text;
}

}  // namespace bisectd
