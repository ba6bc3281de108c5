#include "tests/sim/simulation.hpp"

#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fstream>
#include <stdexcept>

namespace bisectd::sim {
namespace {

using namespace std::chrono_literals;

/// What a bisection may take of virtual time, whatever goes wrong.
constexpr Ms longest = 2400h;

/// In memory, where the machine has a place for that: a simulation writes many small files.
std::filesystem::path fresh_folder() {
    std::error_code ignored;
    const bool in_memory = std::filesystem::is_directory("/dev/shm", ignored);
    const std::filesystem::path parent =
        in_memory ? "/dev/shm" : std::filesystem::temp_directory_path();
    std::string name = (parent / "bisectd-sim-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return name;
}

template <class T>
Task<void> fill(Task<T> task, std::optional<T>& result) {
    result = co_await std::move(task);
}

Task<void> stop_all(Supervisor& supervisor, bool& stopped) {
    co_await supervisor.stop();
    stopped = true;
}

}  // namespace

Daemon::Daemon(VirtualClock& clock, World& world, FakeJournal& journal, Repository& repository,
               Workshop& workshop, Logs& logs, Boards& boards, const std::filesystem::path& folder)
    : shells(clock, world, boards),
      drivers(clock, world, boards),
      catalogue(world, boards),
      builder(context.get_executor()),
      space(clock, workshop, builder),
      log_keeper(clock, logs, workshop, world.limits),
      lab{.clock = clock,
          .journal = journal,
          .repository = repository,
          .workshop = workshop,
          .logs = logs,
          .shells = shells,
          .drivers = drivers,
          .catalogue = catalogue,
          .builder = builder,
          .estimate_games = world.estimate_games,
          .agent_file = (folder / "agent").string(),
          .agent_name = "agent",
          .scratch_folder = folder.string(),
          .herald = world.herald,
          .log_keeper = world.disk.watched ? &log_keeper : nullptr,
          .space = world.disk.watched ? &space : nullptr,
          .version = "1.2.3"},
      supervisor(lab, context.get_executor(), [](const std::string&, const std::string&) {}) {}

Simulation::Simulation(World of, std::vector<std::string> board_names)
    : world(std::move(of)),
      journal(world),
      logs(world),
      folder_(fresh_folder()),
      repository_(world),
      workshop_(clock, world, folder_) {
    clock.pass(1h);
    std::ofstream(folder_ / "agent") << "the agent";
    std::ofstream(folder_ / "reproducer") << "the reproducer";
    for (const std::string& name : board_names)
        boards_[name] = std::make_unique<FakeBoard>(clock, world, FakeBoard::usual_spec(name));
    start_daemon();
}

Simulation::~Simulation() {
    if (daemon_) stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void Simulation::start_daemon() {
    world.daemon_dead = false;
    journal.recover();
    daemon_ = std::make_unique<Daemon>(clock, world, journal, repository_, workshop_, logs, boards_,
                                       folder_);
    listening_ = daemon_->supervisor.listen([this](const EventRecord& record) {
        if (on_event) on_event(record);
    });
    if (!daemon_->supervisor.go_on()) throw std::runtime_error("the journal cannot be read");
    if (on_start) on_start();
}

template <class T>
T Simulation::await(Task<T> task) {
    std::optional<T> result;
    boost::asio::co_spawn(daemon_->context, fill(std::move(task), result), boost::asio::detached);
    run_until([&result] { return result.has_value(); });
    return std::move(result.value());
}

StartRequest Simulation::usual_request(const std::string& board) const {
    StartRequest request;
    request.repository = "linux";
    request.bad = "bad";
    request.good = {"good"};
    request.recipe = world.recipe.name;
    request.board = board;
    return request;
}

BisectionId Simulation::start(const std::string& board) {
    const Result<BisectionId> id = ask(usual_request(board));
    if (!id) throw std::runtime_error(describe(id.error()));
    return *id;
}

Result<BisectionId> Simulation::ask(StartRequest request) {
    return await(daemon_->supervisor.start(std::move(request)));
}

template <class T>
std::optional<T> Simulation::try_await(Task<T> task) {
    const unsigned deaths_before = deaths;
    std::optional<T> result;
    boost::asio::co_spawn(daemon_->context, fill(std::move(task), result), boost::asio::detached);
    run_until([&] { return result.has_value() || deaths != deaths_before; });
    return result;
}

std::optional<Result<BisectionId>> Simulation::try_ask(StartRequest request) {
    return try_await(daemon_->supervisor.start(std::move(request)));
}

std::optional<Result<CommitId>> Simulation::try_judge(Judgement judgement, BisectionId id) {
    return try_await(daemon_->supervisor.judge(id, std::move(judgement)));
}

Result<CommitId> Simulation::judge(Judgement judgement, BisectionId id) {
    return await(daemon_->supervisor.judge(id, std::move(judgement)));
}

Result<Survey> Simulation::survey(BisectionId id) {
    return await(daemon_->supervisor.survey(id));
}

std::string Simulation::git_log(BisectionId id, const std::string& symptom) {
    return await(daemon_->supervisor.git_log(id, symptom)).value();
}

Result<ReportMail> Simulation::report(BisectionId id, std::string symptom) {
    return await(daemon_->supervisor.report(id, std::move(symptom)));
}

Stock Simulation::stock() {
    return await(daemon_->supervisor.stock()).value();
}

std::vector<Finding> Simulation::doctor(StartRequest request) {
    return await(daemon_->supervisor.doctor(std::move(request)));
}

bool Simulation::run_until(const std::function<bool()>& done) {
    const Ms until = clock.steady() + longest;
    while (clock.steady() < until) {
        daemon_->context.restart();
        daemon_->context.poll();
        if (world.daemon_dead || journal.is_broken()) {
            ++deaths;
            bury();
            clock.pass(dead_for);
            start_daemon();
            continue;
        }
        if (done()) return true;
        if (!clock.advance()) return false;
    }
    return false;
}

const BisectionState& Simulation::rest(BisectionId id) {
    run_until([this, id] { return state(id).activity != Activity::running; });
    return state(id);
}

void Simulation::stop_supervisor() {
    bool stopped = false;
    boost::asio::co_spawn(daemon_->context, stop_all(daemon_->supervisor, stopped),
                          boost::asio::detached);
    const Ms limit = clock.steady() + 1h;
    while (!stopped) {
        daemon_->context.restart();
        const bool idle = daemon_->context.poll() == 0 && !clock.advance();
        if (idle || clock.steady() > limit)
            throw std::runtime_error("a bisection cannot be interrupted");
    }
}

void Simulation::bury() {
    stop_supervisor();
    listening_.reset();
    daemon_.reset();
}

bool Simulation::stop_and_drain() {
    stop_supervisor();
    const Ms before = clock.steady();
    run_until([] { return false; });
    daemon_.reset();
    return clock.steady() != before;
}

void Simulation::stop() {
    bury();
}

const BisectionState& Simulation::state(BisectionId id) {
    return *daemon_->supervisor.bisection(id);
}

unsigned Simulation::false_verdicts(BisectionId id) {
    unsigned wrong = 0;
    for (const StepState& step : state(id).steps) {
        if (!step.verdict) continue;
        const bool bad =
            step.purpose != Purpose::proof_revert && world.has_bug(number_of(step.commit));
        if (step.verdict->verdict == (bad ? Verdict::good : Verdict::bad)) ++wrong;
    }
    return wrong;
}

std::string Simulation::told(const Event& event) {
    std::string text(kind(event));
    const auto add = [&text](const auto&... parts) { ((text += ": " + std::string(parts)), ...); };
    if (const auto* e = std::get_if<AttemptEnded>(&event))
        add(word(e->rung), word(e->outcome), e->cause);
    if (const auto* e = std::get_if<VerdictGiven>(&event))
        add(std::to_string(number_of(e->commit)), word(e->verdict), e->cause);
    if (const auto* e = std::get_if<StepStarted>(&event))
        add(std::to_string(number_of(e->commit)), word(e->purpose));
    if (const auto* e = std::get_if<RecoveryTried>(&event))
        add(e->rung, e->worked ? "worked" : "did not work", e->detail);
    if (const auto* e = std::get_if<BisectionEnded>(&event)) add(word(e->ending), e->cause);
    if (const auto* e = std::get_if<BisectionPaused>(&event)) add(e->why);
    if (const auto* e = std::get_if<BoardParked>(&event)) add(e->ask);
    if (const auto* e = std::get_if<AttemptStarted>(&event)) add(e->board);
    if (const auto* e = std::get_if<BoardQuarantined>(&event)) add(e->board, e->why);
    if (const auto* e = std::get_if<EvidenceWithdrawn>(&event))
        add("step " + std::to_string(e->step), e->why);
    if (const auto* e = std::get_if<ContradictionFound>(&event)) add(e->cause);
    if (const auto* e = std::get_if<Noted>(&event)) add(e->text);
    if (const auto* e = std::get_if<SpaceRanOut>(&event)) add(e->ask);
    if (const auto* e = std::get_if<ArtefactEvicted>(&event)) add(e->key, e->why);
    return text;
}

std::string Simulation::story() const {
    std::string text;
    for (const EventRecord& record : journal.records())
        text += std::to_string(record.seq) + " " + told(record.event) + "\n";
    return text;
}

}  // namespace bisectd::sim
