#include <catch2/catch.hpp>
#include <condition_variable>
#include <future>
#include <mutex>

#include "ctl/watch.hpp"
#include "tests/adapters/http/test_server.hpp"
#include "tests/ctl/ctl_run.hpp"

using namespace bisectd;
using namespace bisectd::tests;
using Catch::Matchers::Contains;

namespace {

/// Where a watch writes in its own thread while the test waits for what it says.
class HeardStream : private std::streambuf, public std::ostream {
  public:
    HeardStream() : std::ostream(this) {}
    /// Waits until `text` was written, at most 10 s. Returns everything so far.
    std::string wait_for(const std::string& text) {
        std::unique_lock lock(mutex_);
        heard_.wait_for(lock, std::chrono::seconds(10),
                        [this, &text] { return text_.find(text) != std::string::npos; });
        return text_;
    }

  private:
    int_type overflow(int_type c) override {
        const char character = traits_type::to_char_type(c);
        xsputn(&character, 1);
        return c;
    }
    std::streamsize xsputn(const char* bytes, std::streamsize count) override {
        const std::lock_guard lock(mutex_);
        text_.append(bytes, static_cast<std::size_t>(count));
        heard_.notify_all();
        return count;
    }

    std::mutex mutex_;
    std::condition_variable heard_;
    std::string text_;
};

void end(FakeControl& control, Ending ending) {
    control.states.front()->activity = Activity::ended;
    control.states.front()->ended = BisectionEnded{ending, {commit_of('d')}, "that is how it is"};
    control.happen(1, *control.states.front()->ended);
}

struct Watcher {
    HeardStream out, err;
    std::future<int> code;

    Watcher(const TestServer& server, bool live) {
        code = std::async(std::launch::async, [this, path = server.socket(), live] {
            const ctl::Client client(path);
            ctl::WatchOptions options;
            options.retry_period = std::chrono::milliseconds(50);
            const ctl::Terminal terminal{out, err, live, live, 80};
            return ctl::watch(client, 0, options, terminal);
        });
    }
};

}  // namespace

TEST_CASE("watch: piped, it tells the story so far and ends with the bisection", "[ctl]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        control.happen(1, Noted{"the first note"});
        control.happen(1, VerdictGiven{1, commit_of('b'), "x", Verdict::bad, "hit in run 17"});
    });
    Watcher watcher(server, false);
    watcher.out.wait_for("step 1: bbbbbbbbbbbb is bad: hit in run 17\n");
    server.with([](FakeControl& control) { control.happen(1, Noted{hostile}); });
    watcher.out.wait_for("<script>");
    server.with([](FakeControl& control) { end(control, Ending::culprit); });
    CHECK(watcher.code.get() == 0);
    const std::string all = watcher.out.wait_for("culprit found\n");
    CHECK_THAT(all, Contains("note: the first note\n"));
    CHECK_THAT(all, !Contains("\x1b"));
}

TEST_CASE("watch: it outlives a restart of the daemon, says so once and misses nothing", "[ctl]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        control.happen(1, Noted{"before"});
    });
    Watcher watcher(server, false);
    watcher.out.wait_for("note: before\n");
    server.stop();
    watcher.err.wait_for("trying again\n");
    server.start();
    server.with([](FakeControl& control) { control.happen(1, Noted{"in between"}); });
    watcher.out.wait_for("note: in between\n");
    server.with([](FakeControl& control) { end(control, Ending::inconclusive); });
    CHECK(watcher.code.get() == 3);
    const std::string out = watcher.out.wait_for("inconclusive");
    CHECK(out.find("note: before") == out.rfind("note: before"));
    const std::string err = watcher.err.wait_for("connected again\n");
    CHECK(err.find("trying again") == err.rfind("trying again"));
}

TEST_CASE("watch: on a terminal one screen shows range, step, rungs, steps and events", "[ctl]") {
    TestServer server([](FakeControl& control) {
        control.add(running_bisection(1));
        control.now = {"runs", 150, 300, ""};
        for (int i = 1; i <= 40; ++i) control.happen(1, Noted{"note " + std::to_string(i)});
    });
    Watcher watcher(server, true);
    const std::string all = watcher.out.wait_for("Ctrl-C leaves");
    CHECK_THAT(all, Contains("note 40") && !Contains("note 20\n"));
    CHECK_THAT(all, Contains("3,379 of 13,524 suspects left, 5 steps done, about 14 to go"));
    CHECK_THAT(all, Contains("step 6, search: 444444444444"));
    CHECK_THAT(all, Contains("150 of 300") && Contains("[############............]"));
    server.with([](FakeControl& control) { end(control, Ending::failed); });
    CHECK(watcher.code.get() == 4);
    CHECK_THAT(watcher.out.wait_for("that is how it is"), Contains("\x1b[?1049l"));
}

TEST_CASE("watch: the exit code says how the bisection ended", "[ctl]") {
    const std::pair<Ending, int> table[] = {{Ending::culprit, 0},
                                            {Ending::inconclusive, 3},
                                            {Ending::wrong_range, 3},
                                            {Ending::failed, 4},
                                            {Ending::cancelled, 4}};
    for (const auto& [how, code] : table) {
        TestServer server([ending = how](FakeControl& control) {
            control.add(running_bisection(1));
            end(control, ending);
        });
        CHECK(bisectctl({"--socket", server.socket(), "watch", "1"}).code == code);
        CHECK(bisectctl({"--socket", server.socket(), "watch", "--json"}).code == code);
    }
    TestServer empty;
    CHECK(bisectctl({"--socket", empty.socket(), "watch"}).code == 1);
    CHECK(bisectctl({"--socket", empty.socket(), "watch", "7"}).code == 1);
}
