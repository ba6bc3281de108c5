#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>

#include "tests/adapters/http/test_server.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;

namespace {

/// The real program on a terminal of its own.
class OnTerminal {
  public:
    OnTerminal(const TestServer& server, std::vector<std::string> arguments, const char* no_color) {
        const winsize size{30, 100, 0, 0};
        arguments.insert(arguments.begin(), {"bisectctl", "--socket", server.socket()});
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        pid_ = ::forkpty(&descriptor_, nullptr, nullptr, &size);
        if (pid_ == 0) {
            ::setenv("TERM", "xterm", 1);
            if (no_color != nullptr)
                ::setenv("NO_COLOR", no_color, 1);
            else
                ::unsetenv("NO_COLOR");
            ::execv(BISECTCTL, argv.data());
            ::_exit(99);
        }
        REQUIRE(pid_ > 0);
    }
    ~OnTerminal() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        ::close(descriptor_);
    }
    OnTerminal(const OnTerminal&) = delete;
    OnTerminal& operator=(const OnTerminal&) = delete;

    void resize(unsigned short width, unsigned short height) const {
        const winsize size{height, width, 0, 0};
        REQUIRE(::ioctl(descriptor_, TIOCSWINSZ, &size) == 0);
    }
    void press_ctrl_c() const { REQUIRE(::write(descriptor_, "\x03", 1) == 1); }

    /// Reads until `text` came after what was read before, or 20 s have passed.
    std::string read_until(const std::string& text) {
        return read(
            [&text](const std::string& all) { return all.find(text) != std::string::npos; });
    }
    std::string read_to_end() {
        return read([](const std::string&) { return false; });
    }
    int exit_code() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

  private:
    std::string read(const std::function<bool(const std::string&)>& enough) const {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        std::string all;
        std::array<char, 4096> bytes;
        while (!enough(all) && std::chrono::steady_clock::now() < deadline) {
            pollfd waiting{descriptor_, POLLIN, 0};
            if (::poll(&waiting, 1, 100) <= 0) continue;
            const ssize_t got = ::read(descriptor_, bytes.data(), bytes.size());
            if (got <= 0) break;  // the program has ended
            all.append(bytes.data(), static_cast<std::size_t>(got));
        }
        return all;
    }

    pid_t pid_ = -1;
    int descriptor_ = -1;
};

void fill(FakeControl& control) {
    control.add(running_bisection(1));
    control.happen(1, Noted{hostile});
}

}  // namespace

TEST_CASE("terminal: colours on a terminal only, and not where NO_COLOR is set", "[ctl]") {
    TestServer server(fill);
    CHECK_THAT(OnTerminal(server, {"show", "1"}, nullptr).read_to_end(), Contains("\x1b[1m"));
    CHECK_THAT(OnTerminal(server, {"show", "1"}, "").read_to_end(), Contains("\x1b[1m"));
    CHECK_THAT(OnTerminal(server, {"show", "1"}, "1").read_to_end(),
               Contains("bisection 1") && !Contains("\x1b["));
    for (const char* command : {"show", "status", "list", "log", "boards"}) {
        INFO(command);
        CHECK_THAT(OnTerminal(server, {command}, "1").read_to_end(),
                   !Contains("\x1b") && !Contains("\xff"));
    }
}

TEST_CASE("terminal: a watch is one screen that follows the window, and gives it back on Ctrl-C",
          "[ctl]") {
    TestServer server(fill);
    OnTerminal watch(server, {"watch", "1"}, "1");
    const std::string first = watch.read_until("Ctrl-C leaves");
    CHECK_THAT(first, Contains("\x1b[?1049h"));
    CHECK_THAT(first, Contains("13,524 suspects"));
    CHECK_THAT(first, Contains("note: <script>") && !Contains("\x1b[2J"));
    // Narrow and low: the frame that comes has exactly so many lines.
    watch.resize(40, 8);
    std::string frame;
    for (int tries = 0; tries < 20; ++tries) {
        watch.read_until("\x1b[H");
        frame = watch.read_until("\x1b[J");
        frame = frame.substr(0, frame.find("\x1b[J"));
        if (std::count(frame.begin(), frame.end(), '\n') == 7) break;
    }
    CHECK(std::count(frame.begin(), frame.end(), '\n') == 7);
    watch.press_ctrl_c();
    const std::string last = watch.read_to_end();
    CHECK_THAT(last, Contains("\x1b[?1049l"));
    CHECK_THAT(last, Contains("left the watch; the bisection goes on"));
    CHECK(watch.exit_code() == 130);
}

TEST_CASE("terminal: a watch that sees the end leaves its summary behind", "[ctl]") {
    TestServer server(fill);
    OnTerminal watch(server, {"watch", "1"}, "1");
    watch.read_until("Ctrl-C leaves");
    server.with([](FakeControl& control) {
        BisectionState& state = *control.states.front();
        state.activity = Activity::ended;
        state.ended = BisectionEnded{Ending::culprit, {commit_of('d')}, "that is how it is"};
        control.happen(1, *state.ended);
    });
    const std::string last = watch.read_to_end();
    const std::size_t back = last.find("\x1b[?1049l");
    REQUIRE(back != std::string::npos);
    CHECK_THAT(last.substr(back), Contains("culprit found") && Contains("that is how it is"));
    CHECK(watch.exit_code() == 0);
}
