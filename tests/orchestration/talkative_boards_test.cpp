#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "orchestration/board_agent.hpp"
#include "orchestration/recovery.hpp"
#include "tests/sim/simulation.hpp"

using namespace bisectd;
using namespace bisectd::sim;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

/// A board that says `line` again and again and is never done, or done after `lines` of them.
struct Talk {
    std::string line = "bisectd fact name=release value=x";
    std::uint64_t lines = 0;  ///< 0: for ever
};

class TalkativeShell : public BoardShell {
  public:
    TalkativeShell(VirtualClock& clock, Talk talk) : clock_(clock), talk_(std::move(talk)) {}

    Task<Result<CommandEnd>> execute(std::string command, LineSink sink,
                                     std::chrono::milliseconds) override {
        // Whether the agent is there is answered as it should be.
        if (command.find("test -f") != std::string::npos) co_return CommandEnd{0, "", ""};
        for (std::uint64_t said = 0; talk_.lines == 0 || said < talk_.lines; ++said) {
            sink(talk_.line);
            if (talk_.lines == 0) co_await clock_.sleep_for(1s);
        }
        sink("bisectd end status=0");
        co_return CommandEnd{0, "", ""};
    }
    /// A board that takes a byte now and then.
    Task<Result<void>> upload(std::string, std::string, unsigned, ProgressSink) override {
        while (talk_.lines == 0) co_await clock_.sleep_for(1s);
        co_return Result<void>();
    }

  private:
    VirtualClock& clock_;
    Talk talk_;
};

class TalkativeShells : public BoardShells {
  public:
    TalkativeShells(VirtualClock& clock, Talk talk) : clock_(clock), talk_(std::move(talk)) {}
    Task<Result<std::unique_ptr<BoardShell>>> connect(BoardSpec,
                                                      std::chrono::milliseconds) override {
        co_return std::make_unique<TalkativeShell>(clock_, talk_);
    }

  private:
    VirtualClock& clock_;
    Talk talk_;
};

/// A board whose agent puts in a line of its own before it says that a job is done.
class InventiveShell : public BoardShell {
  public:
    InventiveShell(std::unique_ptr<BoardShell> honest, std::string line)
        : honest_(std::move(honest)), line_(std::move(line)) {}

    Task<Result<CommandEnd>> execute(std::string command, LineSink sink,
                                     std::chrono::milliseconds silence_limit) override {
        const LineSink inventive = [sink, line = line_](std::string_view said) {
            if (said.starts_with("bisectd done")) sink(line);
            sink(said);
        };
        co_return co_await honest_->execute(std::move(command), inventive, silence_limit);
    }
    Task<Result<void>> upload(std::string local, std::string remote, unsigned mode,
                              ProgressSink progress) override {
        co_return co_await honest_->upload(std::move(local), std::move(remote), mode,
                                           std::move(progress));
    }

  private:
    std::unique_ptr<BoardShell> honest_;
    std::string line_;
};

class InventiveShells : public BoardShells {
  public:
    InventiveShells(BoardShells& honest, std::string line)
        : honest_(honest), line_(std::move(line)) {}
    Task<Result<std::unique_ptr<BoardShell>>> connect(BoardSpec board,
                                                      std::chrono::milliseconds limit) override {
        auto met = co_await honest_.connect(std::move(board), limit);
        if (!met) co_return std::unexpected(met.error());
        co_return std::make_unique<InventiveShell>(std::move(*met), line_);
    }

  private:
    BoardShells& honest_;
    std::string line_;
};

/// A board that takes the order to reboot and never ends its answer.
class UnwillingShell : public BoardShell {
  public:
    UnwillingShell(VirtualClock& clock, std::unique_ptr<BoardShell> honest)
        : clock_(clock), honest_(std::move(honest)) {}

    Task<Result<CommandEnd>> execute(std::string command, LineSink sink,
                                     std::chrono::milliseconds silence_limit) override {
        while (command.find(" reboot ") != std::string::npos) {
            sink("in a moment");
            co_await clock_.sleep_for(1s);
        }
        co_return co_await honest_->execute(std::move(command), std::move(sink), silence_limit);
    }
    Task<Result<void>> upload(std::string local, std::string remote, unsigned mode,
                              ProgressSink progress) override {
        co_return co_await honest_->upload(std::move(local), std::move(remote), mode,
                                           std::move(progress));
    }

  private:
    VirtualClock& clock_;
    std::unique_ptr<BoardShell> honest_;
};

class UnwillingShells : public BoardShells {
  public:
    UnwillingShells(VirtualClock& clock, BoardShells& honest) : clock_(clock), honest_(honest) {}
    Task<Result<std::unique_ptr<BoardShell>>> connect(BoardSpec board,
                                                      std::chrono::milliseconds limit) override {
        auto met = co_await honest_.connect(std::move(board), limit);
        if (!met) co_return std::unexpected(met.error());
        co_return std::make_unique<UnwillingShell>(clock_, std::move(*met));
    }

  private:
    VirtualClock& clock_;
    BoardShells& honest_;
};

class Folder {
  public:
    Folder() {
        std::string name = std::filesystem::temp_directory_path() / "bisectd-talk-XXXXXX";
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
        std::ofstream(path / "agent") << "the agent";
        std::ofstream(path / "reproducer") << "the reproducer";
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::filesystem::path path;
};

using MakeShells = std::function<std::unique_ptr<BoardShells>(VirtualClock&, BoardShells& honest)>;

MakeShells talking(Talk talk) {
    return [talk](VirtualClock& clock, BoardShells&) {
        return std::make_unique<TalkativeShells>(clock, talk);
    };
}

template <class T>
Task<void> fill(Task<T> task, std::optional<T>& result) {
    result = co_await std::move(task);
}

/// A lab of fakes, but for the way to its board.
struct Scene {
    Folder folder;
    VirtualClock clock;
    World world;
    FakeJournal journal{world};
    FakeRepository repository{world};
    FakeWorkshop workshop{clock, world, folder.path};
    FakeLogs logs{world};
    Boards boards;
    Daemon daemon{clock, world, journal, repository, workshop, logs, boards, folder.path};
    std::unique_ptr<BoardShells> shells;
    Lab lab;

    Scene(World of, const MakeShells& make_shells)
        : world(std::move(of)),
          shells(make_shells(clock, daemon.shells)),
          lab{.clock = clock,
              .journal = journal,
              .repository = repository,
              .workshop = workshop,
              .logs = logs,
              .shells = *shells,
              .drivers = daemon.drivers,
              .catalogue = daemon.catalogue,
              .builder = daemon.builder,
              .estimate_games = 1,
              .agent_file = (folder.path / "agent").string(),
              .agent_name = "agent",
              .scratch_folder = folder.path.string(),
              .version = "1.2.3"} {
        boards["b1"] = std::make_unique<FakeBoard>(clock, world, FakeBoard::usual_spec("b1"));
    }

    void run_until(const std::function<bool()>& done) {
        do {
            daemon.context.restart();
            daemon.context.poll();
        } while (!done() && clock.now() < 240h && clock.advance());
    }
    template <class T>
    Result<T> finish(Task<Result<T>> task) {
        std::optional<Result<T>> result;
        boost::asio::co_spawn(daemon.context, fill(std::move(task), result), boost::asio::detached);
        run_until([&result] { return result.has_value(); });
        REQUIRE(result);
        return std::move(*result);
    }
    BoardAgent agent() {
        auto met = finish(BoardAgent::meet(lab, FakeBoard::usual_spec("b1"), 30s));
        REQUIRE(met);
        return std::move(*met);
    }
};

Task<Result<void>> stopped(Supervisor& supervisor) {
    co_await supervisor.stop();
    co_return Result<void>();
}

template <class T>
void check_given_up(Scene& scene, Task<Result<T>> task) {
    const Ms before = scene.clock.now();
    const Result<T> result = scene.finish(std::move(task));
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::infrastructure);
    CHECK_THAT(describe(result.error()),
               Contains("board b1") && Contains("no answer within 300 s"));
    CHECK(scene.clock.now() - before <= 6min);
}

}  // namespace

TEST_CASE("talkative boards: one that never stops talking is given up", "[orchestration]") {
    Scene scene(World::line(2, 1), talking({}));
    BoardAgent agent = scene.agent();
    check_given_up(scene, agent.facts(""));
    check_given_up(scene, agent.clean("/boot/bisectd-x"));
    check_given_up(scene, agent.reboot());
    check_given_up(scene, agent.command("arm", "grub-reboot x", "/boot/x"));
    check_given_up(scene, agent.make_job_folder("b1s1a1r1"));
    check_given_up(scene, agent.job_folder("b1s1a1r1"));
    check_given_up(scene, agent.push("/no/such/file", "/var/tmp/x", 0755, {}));
    check_given_up(scene, agent.stop_job("/var/tmp/jobs/x"));
    check_given_up(scene, agent.evidence("/var/tmp/jobs/x", 1));
}

TEST_CASE("talkative boards: a reboot that is talked about without end ends its rung in time",
          "[orchestration]") {
    Scene scene(World::line(2, 1), [](VirtualClock& clock, BoardShells& honest) {
        return std::make_unique<UnwillingShells>(clock, honest);
    });
    BoardSpec spec = FakeBoard::usual_spec("b1");
    spec.deploy.fallback_build_id = "another kernel";
    const auto power = scene.daemon.drivers.power(spec);
    const auto console = scene.daemon.drivers.console(spec);
    Ms home_by{0};
    Listeners listeners;
    Chronicle chronicle(scene.journal, scene.clock, listeners, 1);
    const BoardOnLease board{spec, **power, **console, home_by};
    REQUIRE_FALSE(scene.finish(bring_home(scene.lab, chronicle, board)));
    bool rebooted = false;
    for (const EventRecord& record : scene.journal.records()) {
        const auto* const tried = std::get_if<RecoveryTried>(&record.event);
        if (tried == nullptr) continue;
        INFO(tried->rung);
        CHECK(tried->seconds <= tried->limit_s + 0.5);
        rebooted = rebooted || tried->rung == "agent reboot";
    }
    CHECK(rebooted);
}

TEST_CASE("talkative boards: of output without end a mebibyte is kept", "[orchestration]") {
    Scene scene(World::line(2, 1),
                talking({"bisectd output text=" + std::string(8000, 'x'), 1'000}));
    BoardAgent agent = scene.agent();
    const Result<std::string> kept = scene.finish(agent.evidence("/var/tmp/jobs/x", 1));
    REQUIRE(kept);
    CHECK(kept->size() >= 1024 * 1024);
    CHECK(kept->size() <= 1024 * 1024 + 8192);

    Scene other(World::line(2, 1), talking({"bisectd removed file=/boot/bisectd-old", 5'000}));
    BoardAgent cleaner = other.agent();
    const auto removed = other.finish(cleaner.clean("/boot/bisectd-x"));
    REQUIRE(removed);
    CHECK(removed->size() == 1000);
}

TEST_CASE("talkative boards: runs that nobody ordered are no evidence", "[orchestration]") {
    const std::string invented =
        "bisectd run n=4000000 exit=1 signal=0 ms=1 timeout=0 seen=none klog=none output_bytes=0 "
        "at_ms=1";
    Scene scene(World::line(20, 13), [&invented](VirtualClock&, BoardShells& honest) {
        return std::make_unique<InventiveShells>(honest, invented);
    });
    Supervisor supervisor(scene.lab, scene.daemon.context.get_executor(),
                          [](const std::string&, const std::string&) {});
    REQUIRE(supervisor.go_on());
    StartRequest request;
    request.repository = "linux";
    request.bad = "bad";
    request.good = {"good"};
    request.recipe = scene.world.recipe.name;
    request.board = "b1";
    const Result<BisectionId> id = scene.finish(supervisor.start(request));
    REQUIRE(id);
    scene.run_until([&] { return supervisor.bisection(*id)->activity != Activity::running; });
    // The lab's fault, and a person is asked: no verdict comes of it.
    CHECK(supervisor.bisection(*id)->activity == Activity::paused);
    bool told = false;
    for (const EventRecord& record : scene.journal.records()) {
        INFO(kind(record.event));
        CHECK_FALSE(std::holds_alternative<VerdictGiven>(record.event));
        if (const auto* recorded = std::get_if<RunsRecorded>(&record.event))
            for (const Run& run : recorded->runs) CHECK(run.run < 4'000'000);
        const auto* ended = std::get_if<AttemptEnded>(&record.event);
        if (ended == nullptr) continue;
        CHECK(ended->outcome == Outcome::infrastructure);
        told = told || ended->cause.find("more runs than were ordered") != std::string::npos;
    }
    CHECK(told);
    scene.finish(stopped(supervisor));
}
