#pragma once
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "orchestration/supervisor.hpp"
#include "tests/sim/fake_drivers.hpp"
#include "tests/sim/fake_logs.hpp"
#include "tests/sim/fakes.hpp"

namespace bisectd::sim {

/// One life of the daemon, from its start to its end.
struct Daemon {
    Daemon(VirtualClock& clock, World& world, FakeJournal& journal, Repository& repository,
           Workshop& workshop, Logs& logs, Boards& boards, const std::filesystem::path& folder);
    boost::asio::io_context context;
    FakeShells shells;
    FakeDrivers drivers;
    FakeCatalogue catalogue;
    Gate builder;
    SpaceWatch space;
    LogKeeper log_keeper;
    Lab lab;
    Supervisor supervisor;
};

/// A world, boards, a journal that outlives the daemon, and a daemon that can be killed and
/// started again. Virtual time: whole bisections take milliseconds.
class Simulation {
  public:
    explicit Simulation(World of, std::vector<std::string> board_names = {"b1"});
    ~Simulation();
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    BisectionId start(const std::string& board = "b1");
    /// What `start` asks for, to be changed.
    StartRequest usual_request(const std::string& board = "b1") const;
    Result<BisectionId> ask(StartRequest request);
    /// The same; nothing when the daemon died before it answered.
    std::optional<Result<BisectionId>> try_ask(StartRequest request);
    Result<CommitId> judge(Judgement judgement, BisectionId id = 1);
    std::optional<Result<CommitId>> try_judge(Judgement judgement, BisectionId id);
    Result<Survey> survey(BisectionId id = 1);
    std::string git_log(BisectionId id = 1, const std::string& symptom = "");
    Result<ReportMail> report(BisectionId id = 1, std::string symptom = "");
    /// Lets everybody work until `done`, at most a hundred days. False: it did not come to that.
    /// A daemon that died on the way is started again, `dead_for` later.
    bool run_until(const std::function<bool()>& done);
    /// Until the bisection rests: has ended, is paused or parked.
    const BisectionState& rest(BisectionId id = 1);
    Stock stock();
    std::vector<Finding> doctor(StartRequest request);
    /// Ends the daemon in good order.
    void stop();
    /// The same, and then lets run what is left. True: something was left.
    bool stop_and_drain();
    /// A new daemon on the old journal and boards.
    void start_daemon();

    bool is_up() const { return daemon_ != nullptr; }
    Supervisor& supervisor() { return daemon_->supervisor; }
    const BisectionState& state(BisectionId id = 1);
    FakeBoard& board(const std::string& name = "b1") { return *boards_.at(name); }
    const Boards& boards() const { return boards_; }
    /// Called when a daemon has been started, before it does anything.
    std::function<void()> on_start;
    /// Hears of each event, when the daemon has taken it in.
    std::function<void(const EventRecord&)> on_event;
    /// Steps whose verdict is good although their commit has the bug, or bad although it has not.
    unsigned false_verdicts(BisectionId id = 1);
    /// All causes, notes and details in the journal, a line each.
    std::string story() const;
    /// One event in a line, for people.
    static std::string told(const Event& event);
    template <class E>
    std::vector<E> events(BisectionId id = 1) const {
        std::vector<E> found;
        for (const EventRecord& record : journal.records())
            if (const E* event = std::get_if<E>(&record.event); event && record.bisection == id)
                found.push_back(*event);
        return found;
    }

    World world;
    VirtualClock clock;
    FakeJournal journal;
    FakeLogs logs;
    Ms dead_for{3'000};
    unsigned deaths = 0;

  private:
    /// Runs the daemon until the task has its result.
    template <class T>
    T await(Task<T> task);
    /// Nothing: the daemon died meanwhile.
    template <class T>
    std::optional<T> try_await(Task<T> task);
    void stop_supervisor();
    void bury();

    std::filesystem::path folder_;
    Boards boards_;
    FakeRepository repository_;
    FakeWorkshop workshop_;
    std::unique_ptr<Daemon> daemon_;
    std::shared_ptr<void> listening_;
};

}  // namespace bisectd::sim
