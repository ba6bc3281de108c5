#include "adapters/process/process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>

using namespace bisectd;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
namespace asio = boost::asio;

namespace {

template <class T>
T finish(Task<T> task) {
    asio::io_context context;
    std::optional<T> result;
    std::exception_ptr thrown;
    asio::co_spawn(context, std::move(task), [&result, &thrown](std::exception_ptr e, T value) {
        thrown = e;
        if (!e) result = std::move(value);
    });
    context.run();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*result);
}

ProcessSpec shell(const std::string& script) {
    ProcessSpec spec;
    spec.arguments = {"sh", "-c", script};
    spec.deadline = 20s;
    return spec;
}

Result<ProcessEnd> run(ProcessSpec spec) {
    return finish(run_process(std::move(spec), {}));
}

bool has_children() {
    siginfo_t info{};
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

bool alive(pid_t pid) {
    return kill(pid, 0) == 0;
}

struct Folder {
    std::filesystem::path path;
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "bisectd-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string read(const std::string& name) const {
        std::ifstream file(path / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
};

}  // namespace

TEST_CASE("the exit code of a child is told", "[adapters][process]") {
    for (int code : {0, 1, 77, 125, 255}) {
        auto end = run(shell("exit " + std::to_string(code)));
        REQUIRE(end);
        CHECK(end->exit == code);
        CHECK(end->signal == 0);
        CHECK(end->ok() == (code == 0));
    }
    CHECK_FALSE(has_children());
}

TEST_CASE("a signal is not mistaken for an exit code", "[adapters][process]") {
    auto killed = run(shell("kill -TERM $$"));
    REQUIRE(killed);
    CHECK(killed->signal == SIGTERM);
    CHECK(killed->exit == -1);
    CHECK_FALSE(killed->timed_out);
    auto exited = run(shell("exit 15"));
    REQUIRE(exited);
    CHECK(exited->exit == 15);
    CHECK(exited->signal == 0);
}

TEST_CASE("the deadline ends a child and all of its group", "[adapters][process]") {
    Folder folder;
    ProcessSpec spec = shell("sleep 1000 & echo $! > pid; sleep 1000");
    spec.folder = folder.path;
    spec.deadline = 500ms;
    const auto start = std::chrono::steady_clock::now();
    auto end = run(spec);
    REQUIRE(end);
    CHECK(end->timed_out);
    CHECK_FALSE(end->ok());
    CHECK(std::chrono::steady_clock::now() - start < 4s);
    CHECK_FALSE(alive(std::stoi(folder.read("pid"))));
    CHECK_FALSE(has_children());
}

TEST_CASE("a child that ignores TERM is killed after the grace", "[adapters][process]") {
    ProcessSpec spec = shell("trap '' TERM; while :; do sleep 1; done");
    spec.deadline = 300ms;
    const auto start = std::chrono::steady_clock::now();
    auto end = run(spec);
    const auto took = std::chrono::steady_clock::now() - start;
    REQUIRE(end);
    CHECK(end->timed_out);
    CHECK(end->signal == SIGKILL);
    CHECK(took > 5s);
    CHECK(took < 9s);
}

TEST_CASE("a grandchild that left the group is gone and reaped", "[adapters][process]") {
    Folder folder;
    ProcessSpec spec = shell(
        "setsid sh -c 'echo $$ > pid.new; mv pid.new pid; exec sleep 1000' </dev/null &\n"
        "while [ ! -e pid ]; do sleep 0.01; done");
    spec.folder = folder.path;
    const auto start = std::chrono::steady_clock::now();
    auto end = run(spec);
    REQUIRE(end);
    CHECK(end->ok());
    CHECK(std::chrono::steady_clock::now() - start < 5s);
    CHECK_FALSE(alive(std::stoi(folder.read("pid"))));
    CHECK_FALSE(has_children());
}

TEST_CASE("a child that closed its output is waited for all the same", "[adapters][process]") {
    auto end = run(shell("exec >&- 2>&-; sleep 0.3; exit 3"));
    REQUIRE(end);
    CHECK(end->exit == 3);
}

TEST_CASE("ten megabytes of output arrive whole", "[adapters][process]") {
    Folder folder;
    ProcessSpec spec = shell("head -c 10485760 /dev/zero | tr '\\0' 'x'; echo end >&2");
    spec.output_file = folder.path / "log";
    std::ofstream(folder.path / "log") << "before\n";
    std::size_t bytes = 0;
    OutputSink sink = [&bytes](std::string_view piece) { bytes += piece.size(); };
    auto end = finish(run_process(spec, sink));
    REQUIRE(end);
    CHECK(end->ok());
    CHECK(bytes == 10485760 + 4);
    CHECK(std::filesystem::file_size(folder.path / "log") == 7 + 10485760 + 4);
    CHECK(folder.read("log").substr(0, 10) == "before\nxxx");
}

TEST_CASE("captured output is bounded and apart from errors", "[adapters][process]") {
    auto captured = finish(capture(shell("echo wrong >&2; head -c 100000 /dev/zero"), 1000));
    REQUIRE(captured);
    CHECK(captured->output.size() == 1000);
    CHECK(captured->errors == "wrong\n");
    CHECK(captured->end.ok());
}

TEST_CASE("what cannot be started is named", "[adapters][process]") {
    ProcessSpec spec;
    spec.arguments = {"no-such-compiler-gcc", "--version"};
    auto end = run(spec);
    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(end.error().what, Contains("no-such-compiler-gcc") && Contains("PATH"));

    spec.arguments = {"/etc/passwd"};
    end = run(spec);
    REQUIRE_FALSE(end);
    CHECK_THAT(end.error().what, Contains("/etc/passwd") && Contains("ermission"));

    spec = shell("true");
    spec.folder = "/no/such/folder";
    end = run(spec);
    REQUIRE_FALSE(end);
    CHECK_THAT(end.error().what, Contains("/no/such/folder"));

    spec = shell("true");
    spec.input_file = "/no/such/input";
    end = run(spec);
    REQUIRE_FALSE(end);
    CHECK_THAT(end.error().what, Contains("/no/such/input"));

    spec = shell("true");
    spec.output_file = "/no/such/log";
    end = run(spec);
    REQUIRE_FALSE(end);
    CHECK_THAT(end.error().what, Contains("/no/such/log"));
}

TEST_CASE("a log that cannot be written is an infrastructure error", "[adapters][process]") {
    ProcessSpec spec = shell("echo words");
    spec.output_file = "/dev/full";
    auto end = run(spec);
    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(end.error().what, Contains("No space left"));
}

TEST_CASE("output beyond the log's limit ends the child, one that ignores TERM too",
          "[adapters][process]") {
    Folder folder;
    ProcessSpec spec = shell("trap '' TERM; while :; do echo again; done");
    spec.output_file = folder.path / "log";
    spec.output_limit_bytes = 1 << 20;
    auto end = run(spec);
    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(end.error().what, Contains("more than the 1 MiB that a log may hold"));
    CHECK(std::filesystem::file_size(folder.path / "log") == 1 << 20);
    CHECK_FALSE(has_children());
}

namespace {
Task<bool> is_cancelled(ProcessSpec spec, std::string& text) {
    auto end = co_await run_process(std::move(spec), {});
    if (end) co_return false;
    text = end.error().what;
    co_return end.error().kind == ErrorKind::cancelled;
}
}  // namespace

TEST_CASE("cancelling kills the group and what left it", "[adapters][process]") {
    Folder folder;
    ProcessSpec spec = shell(
        "setsid sh -c 'echo $$ > away.new; mv away.new away; exec sleep 1000' </dev/null &\n"
        "while [ ! -e away ]; do sleep 0.01; done; echo $$ > pid; sleep 1000");
    spec.folder = folder.path;
    asio::io_context context;
    asio::cancellation_signal signal;
    std::optional<bool> result;
    std::string text;
    asio::co_spawn(context, is_cancelled(spec, text),
                   asio::bind_cancellation_slot(
                       signal.slot(), [&result](std::exception_ptr, bool b) { result = b; }));
    while (folder.read("pid").empty()) context.run_one_for(10ms);
    signal.emit(asio::cancellation_type::terminal);
    context.poll();
    signal.emit(asio::cancellation_type::terminal);  // an impatient person
    context.run();
    CHECK(result == true);
    CHECK_THAT(text, Contains("cancelled"));
    CHECK_FALSE(alive(std::stoi(folder.read("pid"))));
    CHECK_FALSE(alive(std::stoi(folder.read("away"))));
    CHECK_FALSE(has_children());
}

TEST_CASE("a dropped io context leaves no child behind", "[adapters][process]") {
    Folder folder;
    {
        asio::io_context context;
        ProcessSpec spec = shell("echo $$ > pid; sleep 1000");
        spec.folder = folder.path;
        asio::co_spawn(context, run_process(spec, {}),
                       [](std::exception_ptr, Result<ProcessEnd>) {});
        while (folder.read("pid").empty()) context.run_one_for(10ms);
    }
    CHECK_FALSE(alive(std::stoi(folder.read("pid"))));
    CHECK_FALSE(has_children());
}

TEST_CASE("only the named descriptor is inherited", "[adapters][process]") {
    Folder folder;
    const int lock = open((folder.path / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    const int leak = open("/dev/null", O_RDONLY);  // without close-on-exec, as libraries do
    REQUIRE(lock >= 3);
    ProcessSpec spec = shell("readlink /proc/$$/fd/" + std::to_string(lock) +
                             "; test -e /proc/$$/fd/" + std::to_string(leak));
    spec.inherited_fd = lock;
    auto with = finish(capture(spec, 1000));
    REQUIRE(with);
    CHECK(with->output == (folder.path / "lock").string() + "\n");
    CHECK(with->end.exit == 1);
    spec.inherited_fd = -1;
    auto without = finish(capture(spec, 1000));
    REQUIRE(without);
    CHECK(without->output.empty());
    close(lock);
    close(leak);
}

TEST_CASE("environment, folder, input and priority are as asked", "[adapters][process]") {
    Folder folder;
    std::ofstream(folder.path / "in") << "from the file";
    setenv("BISECTD_TEST_LEAK", "seen", 1);
    ProcessSpec spec = shell("cat; echo; echo \"$A:$BISECTD_TEST_LEAK:$LANG\"; pwd; nice");
    spec.folder = folder.path;
    spec.input_file = folder.path / "in";
    spec.environment = {{"A", "b"}};
    spec.keep_environment = false;
    spec.low_priority = true;
    auto captured = finish(capture(spec, 1000));
    REQUIRE(captured);
    CHECK(captured->output == "from the file\nb::C.UTF-8\n" + folder.path.string() + "\n10\n");
    CHECK_FALSE(has_children());
}

TEST_CASE("CPU time includes that of grandchildren", "[adapters][process]") {
    auto end = run(shell("sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'; true"));
    REQUIRE(end);
    CHECK(end->cpu_seconds > 0.005);
    CHECK(end->cpu_seconds < 20);
}
