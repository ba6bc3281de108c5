#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <set>

#include "tests/sim/simulation.hpp"

// Several bisections, several boards: who gets what, and when.

using namespace bisectd;
using namespace bisectd::sim;
using Catch::Matchers::Contains;

namespace {

/// Enters, notes that it was inside, and goes.
Task<void> visit(Gate& gate, BisectionId who, int priority, std::vector<BisectionId>& inside) {
    const Gate::Pass pass = co_await gate.enter(who, priority);
    inside.push_back(who);
}

struct Queue {
    boost::asio::io_context context;
    Gate gate{context.get_executor()};
    std::vector<BisectionId> inside;

    void come(BisectionId who, int priority) {
        boost::asio::co_spawn(context, visit(gate, who, priority, inside), boost::asio::detached);
        turn();
    }
    void turn() {
        context.restart();
        context.poll();
    }
};

BisectionId ask(Simulation& sim, std::vector<std::string> boards, int priority = 0) {
    StartRequest request = sim.usual_request(boards.front());
    request.more_boards.assign(boards.begin() + 1, boards.end());
    request.priority = priority;
    return sim.ask(std::move(request)).value();
}

/// The bisections in the order in which they got a board for an attempt.
std::vector<BisectionId> served(const Simulation& sim) {
    std::vector<BisectionId> order;
    for (const EventRecord& record : sim.journal.records())
        if (std::holds_alternative<Deployed>(record.event)) order.push_back(record.bisection);
    return order;
}

void check_culprit(Simulation& sim, BisectionId id) {
    INFO(sim.story());
    REQUIRE(sim.state(id).ended);
    CHECK(sim.state(id).ended->commits == std::vector<CommitId>{id_of(13)});
}

/// The only board dies and is parked by bisection 1.
void park(Simulation& sim) {
    sim.start();
    sim.run_until([&sim] { return sim.board().jobs_started() == 3; });
    sim.world.faults.dead_fallback = true;
    REQUIRE(sim.rest().activity == Activity::parked);
    sim.world.faults.dead_fallback = false;
}

}  // namespace

TEST_CASE("queue: a gate lets in by priority, and equals in the order they came",
          "[orchestration]") {
    Queue queue;
    auto pass = queue.gate.try_enter();
    REQUIRE(pass);
    CHECK_FALSE(queue.gate.try_enter());
    queue.come(1, 0);
    queue.come(2, -1);
    queue.come(3, 5);
    queue.come(4, 0);
    queue.come(5, 5);
    CHECK(queue.gate.waiting() == std::vector<BisectionId>{3, 5, 1, 4, 2});
    CHECK(queue.inside.empty());
    pass.reset();
    queue.turn();
    CHECK(queue.inside == std::vector<BisectionId>{3, 5, 1, 4, 2});
    CHECK(queue.gate.waiting().empty());
    CHECK(queue.gate.try_enter());
}

TEST_CASE("queue: who is cancelled while he waits, or right when he is called, holds up nobody",
          "[orchestration]") {
    const bool called_already = GENERATE(false, true);
    Queue queue;
    auto pass = queue.gate.try_enter();
    boost::asio::cancellation_signal signal;
    boost::asio::co_spawn(
        queue.context, visit(queue.gate, 1, 0, queue.inside),
        boost::asio::bind_cancellation_slot(signal.slot(), [](const std::exception_ptr&) {}));
    queue.turn();
    queue.come(2, 0);
    if (called_already) pass.reset();
    signal.emit(boost::asio::cancellation_type::all);
    queue.turn();
    if (!called_already) {
        CHECK(queue.gate.waiting() == std::vector<BisectionId>{2});
        pass.reset();
        queue.turn();
    }
    CHECK(std::ranges::find(queue.inside, BisectionId{2}) != queue.inside.end());
    CHECK(queue.gate.try_enter());
}

TEST_CASE("queue: bisections of equal priority take turns at a board", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    ask(sim, {"b1"});
    ask(sim, {"b1"});
    ask(sim, {"b1"});
    for (const BisectionId id : {1, 2, 3}) sim.rest(id);
    for (const BisectionId id : {1, 2, 3}) check_culprit(sim, id);
    const std::vector<BisectionId> order = served(sim);
    INFO(sim.story());
    // Once all three wait each has its turn before one has a second one.
    for (std::size_t i = 3; i + 6 < order.size(); ++i)
        CHECK(std::set<BisectionId>(order.begin() + static_cast<std::ptrdiff_t>(i),
                                    order.begin() + static_cast<std::ptrdiff_t>(i + 3))
                  .size() == 3);
}

TEST_CASE("queue: the one with the higher priority is served first, and the other after it",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    const BisectionId low = ask(sim, {"b1"}, -1);
    sim.run_until([&sim, low] { return sim.events<RunsStarted>(low).size() == 1; });
    const BisectionId middle = ask(sim, {"b1"});
    const BisectionId high = ask(sim, {"b1"}, 5);
    sim.run_until([&sim, high] { return !sim.events<AttemptStarted>(high).empty(); });
    CHECK(sim.supervisor().boards()->front().waiting == std::vector<BisectionId>{high, middle});
    sim.rest(high);
    check_culprit(sim, high);
    CHECK_FALSE(sim.state(middle).ended);
    CHECK_FALSE(sim.state(low).ended);
    sim.rest(middle);
    CHECK_FALSE(sim.state(low).ended);
    sim.rest(low);
    check_culprit(sim, middle);
    check_culprit(sim, low);
    // Nobody gets the board between two attempts of the highest.
    const std::vector<BisectionId> order = served(sim);
    const auto first_high = std::ranges::find(order, high);
    const auto highs = std::ranges::count(order, high);
    CHECK(std::count(first_high, first_high + highs, high) == highs);
}

TEST_CASE("queue: three bisections share two boards, and none starves", "[orchestration]") {
    Simulation sim(World::line(20, 13), {"b1", "b2"});
    for (int i = 0; i < 3; ++i) ask(sim, {"b1", "b2"});
    for (const BisectionId id : {1, 2, 3}) sim.rest(id);
    for (const BisectionId id : {1, 2, 3}) check_culprit(sim, id);
    const std::vector<BisectionId> order = served(sim);
    std::map<BisectionId, std::size_t> first_half;
    for (std::size_t i = 0; i < order.size() / 2; ++i) ++first_half[order[i]];
    INFO(sim.story());
    for (const BisectionId id : {1, 2, 3}) CHECK(first_half[id] >= order.size() / 12);
}

TEST_CASE("queue: while one bisection waits for a person the others go on", "[orchestration]") {
    Simulation sim(World::line(20, 13), {"b1", "b2"});
    const BisectionId parked = ask(sim, {"b1"});
    const BisectionId other = ask(sim, {"b2"});
    sim.run_until([&sim] { return sim.board("b1").jobs_started() == 2; });
    sim.board("b1").break_for_good();
    sim.rest(parked);
    INFO(sim.story());
    REQUIRE(sim.state(parked).activity == Activity::parked);
    CHECK_THAT(sim.state(parked).parked_ask,
               Contains("board b1 does not answer after 3 power cycles; check its power, its "
                        "network and its boot medium, then: bisectctl boards resume b1"));
    sim.rest(other);
    check_culprit(sim, other);
    CHECK(sim.state(parked).activity == Activity::parked);
    // Each rung says how long it took and how long it might have taken.
    for (const RecoveryTried& tried : sim.events<RecoveryTried>(parked)) {
        CHECK(tried.limit_s > 0);
        CHECK(tried.seconds <= tried.limit_s + 0.5);  // until it is noticed that the limit is over
        if (tried.rung == "new session") CHECK(tried.seconds > 0);
    }
}

TEST_CASE("queue: what is asked of a person says what is wrong and what to look at",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.world.has_power = false;
    sim.start();
    sim.run_until([&sim] { return sim.board().jobs_started() == 2; });
    sim.board().break_for_good();
    sim.rest();
    CHECK_THAT(sim.state().parked_ask,
               Contains("board b1 does not answer and has no power switch configured; reset it by "
                        "hand, then: bisectctl boards resume b1"));
}

TEST_CASE("queue: a power switch that does not work is named", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    sim.start();
    sim.run_until([&sim] { return sim.board().jobs_started() == 2; });
    sim.board().break_for_good();
    sim.world.faults.failing_power_cycles = 3;
    sim.rest();
    INFO(sim.story());
    CHECK_THAT(sim.state().parked_ask, Contains("its power switch does not work (") &&
                                           Contains("check the switch and the board"));
}

TEST_CASE("queue: the doctor examines every board that is named", "[orchestration]") {
    Simulation sim(World::line(20, 13), {"b1", "b2", "b3"});
    sim.board("b2").break_for_good();
    sim.board("b2").cycle();
    StartRequest request;
    request.recipe = "usual";
    request.board = "b1";
    request.more_boards = {"b2"};
    std::set<std::string> well, ill;
    for (const Finding& finding : sim.doctor(request))
        for (const char* board : {"board b1", "board b2", "board b3"})
            if (finding.subject.starts_with(board)) (finding.good ? well : ill).insert(board);
    CHECK(well.contains("board b1"));
    CHECK_FALSE(ill.contains("board b1"));
    CHECK(ill.contains("board b2"));
    CHECK_FALSE(well.contains("board b3"));
    // None named: all.
    request.board.clear();
    request.more_boards.clear();
    bool third = false;
    for (const Finding& finding : sim.doctor(request))
        third = third || finding.subject.starts_with("board b3");
    CHECK(third);
}

TEST_CASE("queue: who waits for a cancelled bisection's board gets it when nothing runs there",
          "[orchestration]") {
    World world = World::line(20, 13);
    world.recipe.build.kind = BuildKind::command;
    world.recipe.build.artefacts = {"image"};
    Simulation sim(std::move(world));
    const BisectionId cancelled = ask(sim, {"b1"});
    const BisectionId next = ask(sim, {"b1"});
    sim.run_until([&sim] { return sim.board().jobs_started() == 1; });
    REQUIRE(sim.supervisor().cancel(cancelled));
    sim.run_until([&sim] { return sim.board().jobs_started() == 2; });
    CHECK(sim.world.ledger.wrongs.empty());
    sim.rest(next);
    check_culprit(sim, next);
}

TEST_CASE("parked boards: one that is at work for another bisection is taken back by itself",
          "[orchestration]") {
    Simulation sim(World::line(20, 13));
    park(sim);
    sim.board().cycle();  // somebody mends it, and forgets to say so
    const BisectionId other = sim.ask(sim.usual_request()).value();
    sim.rest(other);
    sim.rest(1);
    REQUIRE(sim.events<BoardReturned>(1).size() == 1);
    CHECK_THAT(sim.story(), Contains("board b1 is in order again: bisection 2 works on it"));
    CHECK_FALSE(sim.supervisor().return_board("b1"));  // nobody waits for it
    check_culprit(sim, 1);
    check_culprit(sim, other);
}

TEST_CASE("parked boards: one that others cannot use either stays parked", "[orchestration]") {
    Simulation sim(World::line(20, 13));
    park(sim);
    sim.world.faults.dead_fallback = true;
    const BisectionId other = sim.ask(sim.usual_request()).value();
    INFO(sim.story());
    sim.rest(other);
    CHECK(sim.state(1).activity == Activity::parked);
    CHECK(sim.events<BoardReturned>(1).empty());
}
